import { posix } from 'node:path'

/** Reads a file of the system; undefined when it is not there. */
export type ReadSystemFile = (path: string) => string | undefined

/** Version 1 says this, or a little less, where there is no limit: the largest multiple of a page. */
const noLimitBytes = 2 ** 60

/**
 * What the cgroup of this process may use, the least of its own limit and those above it; undefined without a limit.
 *
 * Within a container the mount shows the container's own cgroup at its root, whatever path the process is told. So the
 * root is looked at as well. A soft limit (`memory.high`, `memoryReservation`) is none.
 *
 * Source: https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files,
 * https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */
export function cgroupLimitBytes (read: ReadSystemFile): number | undefined {
  const limits: number[] = []
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (path === '') continue
    const isVersion2 = controllers === ''
    if (!isVersion2 && !controllers.split(',').includes('memory')) continue
    const [root, name] = isVersion2 ? ['/sys/fs/cgroup', 'memory.max'] : ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes']
    for (let at = path; ; at = posix.dirname(at)) {
      // `max` is no number.
      const bytes = Number(read(posix.join(root, at, name)) ?? NaN)
      if (bytes > 0 && bytes < noLimitBytes) limits.push(bytes)
      if (at === '/' || at === '.') break
    }
  }
  return limits.length === 0 ? undefined : Math.min(...limits)
}
