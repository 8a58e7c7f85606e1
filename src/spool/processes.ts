import { createHash } from 'node:crypto'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { errorCode } from '../contracts/disk-errors.ts'

/** What a lease needs to know of processes. */
export interface Processes {
  readonly pid: number
  /**
   * Where a process id means one process: this machine since it was started, and this PID namespace. Of processes
   * elsewhere nothing can be seen.
   */
  place (): Promise<string>
  /**
   * Which container this is, on this machine since it was started: the same after a restart, when its PID namespace is
   * another and every process of the one before is gone. undefined when the system does not say.
   */
  container (): Promise<string | undefined>
  /**
   * When process `pid` of this place was started, in the system's own words; undefined when the system does not say.
   * `ended` when there is no such process, or only its remains.
   */
  startOf (pid: number): Promise<string | undefined | 'ended'>
}

export const systemProcesses: Processes = {
  pid: process.pid,
  place: async () => [await machine(), await textOf(() => readlink('/proc/self/ns/pid'))].join(' ').trim(),
  container: async () => {
    const layer = containerLayer(await textOf(() => readFile('/proc/self/mountinfo', 'latin1')))
    return layer === undefined ? undefined : digest(`${await machine()} ${layer}`)
  },
  // Field 22 of `/proc/{pid}/stat`, ticks since the machine started. Source: proc_pid_stat(5)
  startOf: async pid => {
    try {
      process.kill(pid, 0)
    } catch (error) {
      // EPERM: it lives, and belongs to somebody else.
      if (errorCode(error) === 'ESRCH') return 'ended'
    }
    const stat = await textOf(() => readFile(`/proc/${pid}/stat`, 'latin1'))
    // No /proc (macOS), or it is hidden from us: that it lives is all there is to know.
    return stat === '' ? undefined : parseStart(stat)
  },
}

/** The name of the program, which may hold anything, ends at the last parenthesis. */
export function parseStart (stat: string): string | undefined | 'ended' {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : fields[19]
}

/**
 * The directory in which the changes of this container are kept, which no other one has: `upperdir` of the root's
 * overlay. Source: proc_pid_mountinfo(5)
 */
export function containerLayer (mountinfo: string): string | undefined {
  const root = mountinfo.split('\n').find(line => line.split(' ')[4] === '/' && line.includes(' - overlay '))
  return /[ ,]upperdir=([^ ,]+)/.exec(root ?? '')?.[1]
}

/** Where nothing tells one start of a machine from another, its name has to do. */
async function machine (): Promise<string> {
  const id = (await textOf(() => readFile('/proc/sys/kernel/random/boot_id', 'latin1'))).trim()
  return id === '' ? hostname() : id
}

/** Empty when the system does not say. */
async function textOf (read: () => Promise<string>): Promise<string> {
  try {
    return await read()
  } catch {
    return ''
  }
}

/** Nobody who reads the data directory need know the paths of the machine. */
function digest (text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
