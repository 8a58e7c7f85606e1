import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Owner } from './sluice-process.ts'

/** A memory limit of the kernel, as a container has one. */
export interface MemoryCgroup {
  /** Whoever writes its pid here is in it. */
  readonly procsPath: string
  /** Processes that the kernel ended because they needed more. */
  killedCount (): number
}

/** Makes one that goes with the test; undefined where this machine lets nobody make one. */
export function makeMemoryCgroup (t: Owner, limitBytes: number): MemoryCgroup | undefined {
  const path = join(ownCgroup(), `sluice-${process.pid}-${++madeCount}`)
  try {
    mkdirSync(path)
  } catch {
    return undefined
  }
  t.teardown(() => rmdirSync(path))
  try {
    writeFileSync(join(path, isVersion2 ? 'memory.max' : 'memory.limit_in_bytes'), String(limitBytes))
  } catch {
    return undefined
  }
  const events = join(path, isVersion2 ? 'memory.events' : 'memory.oom_control')
  return {
    procsPath: join(path, 'cgroup.procs'),
    killedCount: () => Number(/^oom_kill (\d+)$/m.exec(readFileSync(events, 'utf8'))?.[1] ?? NaN),
  }
}

let madeCount = 0
const cgroups = readFileSync('/proc/self/cgroup', 'utf8')
const version1Path = /^\d+:memory:(.*)$/m.exec(cgroups)?.[1]
const isVersion2 = version1Path === undefined

function ownCgroup (): string {
  if (version1Path !== undefined) return join('/sys/fs/cgroup/memory', version1Path)
  return join('/sys/fs/cgroup', /^0::(.*)$/m.exec(cgroups)?.[1] ?? '')
}
