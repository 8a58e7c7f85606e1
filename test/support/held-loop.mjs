/**
 * Loaded before the program (`--import`): measures the longest CPU time for which the event loop was held, from one
 * SIGUSR2 to the next, and prints it at each, numbered from 1. CPU time, because the wall time of a busy machine says nothing.
 */
const sampleMs = 5
let longestMs = 0
let count = 0
let beforeMs = cpuMs()

function cpuMs () {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function sample () {
  const nowMs = cpuMs()
  longestMs = Math.max(longestMs, nowMs - beforeMs)
  beforeMs = nowMs
}

setInterval(sample, sampleMs).unref()

process.on('SIGUSR2', () => {
  sample()
  process.stderr.write(`event loop held, ${++count}: ${longestMs.toFixed(1)} ms of CPU\n`)
  longestMs = 0
})
