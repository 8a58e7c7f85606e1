/**
 * CPU of some work, ms: the least of several times, since the first ones are not compiled, and the machine has other
 * work. It is not done again once it has taken less than `enoughMs`.
 */
export function leastCpuMs (work: () => void, enoughMs: number): number {
  let leastMs = Infinity
  for (let round = 0; round < 12 && leastMs >= enoughMs; round++) {
    const start = process.cpuUsage()
    work()
    leastMs = Math.min(leastMs, process.cpuUsage(start).user / 1000)
    // No other work of the machine makes it as dear as that.
    if (round > 1 && leastMs > 20 * enoughMs) break
  }
  return leastMs
}
