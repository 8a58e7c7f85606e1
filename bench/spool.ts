import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/contracts/clock.ts'
import { systemDisk } from '../src/spool/disk.ts'
import { openSpool } from '../src/spool/host-spool.ts'
import { Ledger } from '../src/telemetry/ledger.ts'
import { Metrics } from '../src/telemetry/metrics.ts'
import { readArguments } from './arguments.ts'

const { lines: lineCount } = readArguments(`Lines a second into the spool, written to disk, and memory per line. Delivery is
played by a loop that takes and settles whole segments, so that the disk does
not fill up.

  npm run bench -- spool --lines 1000000

  --lines N    of each round (3,000,000)
TMPDIR says on which disk.
`, { lines: 3_000_000 })

const directory = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
const lineBytes = 456
const linesPerTurn = 500
const log = { info: () => {}, warn: console.error, error: console.error }

const ledger = new Ledger()
const spool = await openSpool({
  directory,
  hostId: 'bench',
  boot: randomBytes(16).toString('hex'),
  routes: [{
    name: 'access', quotaBytes: 2 ** 30, segmentMaxBytes: 2 ** 25, segmentMaxAgeMs: 60_000, isOrdered: false,
  }],
  writeBufferBytes: 2 ** 21,
  maxStallMs: 1000,
  flushIntervalMs: 20,
  sync: 'never',
  syncIntervalMs: 1000,
  maxOpenSegments: 16,
  ledger,
  metrics: new Metrics(),
  clock: systemClock,
  disk: systemDisk,
  log,
})
const route = spool.route('access')
const line = Buffer.alloc(lineBytes, 'a')
const timeMs = Date.now()

const stop = new AbortController()
const delivery = (async () => {
  for (let segment = await route.take(stop.signal); segment !== undefined; segment = await route.take(stop.signal)) {
    await route.settle(segment, segment.bytes, segment.records)
  }
})()

async function run (count: number): Promise<number> {
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  for (let sent = 0; sent < count; sent += linesPerTurn) {
    for (let index = 0; index < linesPerTurn; index++) route.append(timeMs, '', line, 0, lineBytes)
    if (spool.isFull) await spool.whenWritable()
    // A source comes back to the event loop after every read.
    else await new Promise(resolve => setImmediate(resolve))
  }
  const isStored = await spool.stored()
  const seconds = (performance.now() - startedMs) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const rate = (count / seconds / 1e6).toFixed(2)
  const cpuSeconds = ((user + system) / count).toFixed(2)
  console.log(`${rate} M lines/s written (${isStored ? 'stored' : 'not stored'}), ${cpuSeconds} CPU s per M lines`)
  return seconds
}

/** Heap taken by lines alone: as many as the buffers hold, in one turn. */
function measureAllocation (): void {
  const count = 4000
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed
  for (let index = 0; index < count; index++) route.append(timeMs, '', line, 0, lineBytes)
  const after = process.memoryUsage().heapUsed
  console.log(`${((after - before) / count).toFixed(1)} bytes of heap a line over ${count} lines in one turn`)
}

await run(lineCount / 5)
await run(lineCount)
await run(lineCount)
for (let round = 0; round < 3; round++) {
  await spool.stored()
  measureAllocation()
}
const dropped = ledger.snapshot().dropped
console.log(`dropped ${JSON.stringify(dropped.by)}`)
stop.abort()
await delivery
await spool.close()
await rm(directory, { recursive: true, force: true })
