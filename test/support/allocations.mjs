import { GCProfiler, getHeapStatistics } from 'node:v8'

const usedBytes = () => getHeapStatistics().used_heap_size

/**
 * Begins to count what is put on the heap of JavaScript, whatever of it is collected meanwhile.
 *
 * @returns ends it: bytes since
 */
export function countAllocations () {
  const profiler = new GCProfiler()
  let fromBytes = usedBytes()
  profiler.start()
  return () => {
    const toBytes = usedBytes()
    let bytes = 0
    for (const { beforeGC, afterGC } of profiler.stop().statistics) {
      bytes += beforeGC.heapStatistics.usedHeapSize - fromBytes
      fromBytes = afterGC.heapStatistics.usedHeapSize
    }
    return bytes + toBytes - fromBytes
  }
}

/** With `node --import`, the process says at each SIGUSR2, numbered from 1, how many bytes it put there since the last. */
let end
let count = 0
if (process.env.COUNTS_ALLOCATIONS === 'yes') {
  process.on('SIGUSR2', () => {
    process.stdout.write(`allocated, ${++count}: ${end?.() ?? 0} bytes\n`)
    end = countAllocations()
  })
}
