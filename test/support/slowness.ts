const text = Buffer.alloc(4 * 1024 * 1024, 'a line of a log, 1234567890 ')
/** CPU of `work` on 2 vCPUs (AMD EPYC) beside nothing else, the least of many times, ms. */
const quietMs = 7

function work (): number {
  let sum = 0
  for (let index = 0; index < text.length; index++) sum = (Math.imul(sum, 31) + (text[index] as number)) | 0
  return sum
}

/**
 * How many times slower this machine is now than the one on which bounds in ms of CPU were set, while nothing else ran
 * on it: what shares a core with others takes twice the time. At least 1.
 */
export function slowness (): number {
  const { user, system } = process.cpuUsage()
  work()
  const used = process.cpuUsage()
  return Math.max(1, (used.user + used.system - user - system) / 1000 / quietMs)
}

// Code that has not run before takes twice the time.
for (let count = 0; count < 8; count++) work()
