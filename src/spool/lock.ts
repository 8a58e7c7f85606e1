import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../contracts/disk-errors.ts'
import type { Disk } from './disk.ts'

/** What the lock needs to know of processes. */
export interface Processes {
  readonly pid: number
  /**
   * When process `pid` was started, in the system's own words; undefined when the system does not say. `ended` when
   * there is no such process, or only its remains.
   */
  startOf (pid: number): Promise<string | undefined | 'ended'>
}

/** Field 22 of `/proc/{pid}/stat`, ticks since the machine started. Source: proc_pid_stat(5) */
export const systemProcesses: Processes = {
  pid: process.pid,
  startOf: async pid => {
    try {
      process.kill(pid, 0)
    } catch (error) {
      // EPERM: it lives, and belongs to somebody else.
      if (errorCode(error) === 'ESRCH') return 'ended'
    }
    try {
      return parseStart(await readFile(`/proc/${pid}/stat`, 'latin1'))
    } catch {
      // No /proc (macOS), or it is hidden from us: that it lives is all there is to know.
      return undefined
    }
  },
}

/** The name of the program, which may hold anything, ends at the last parenthesis. */
export function parseStart (stat: string): string | undefined | 'ended' {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' || fields[0] === 'X' ? 'ended' : fields[19]
}

interface Holder { readonly pid: number, readonly started: string | undefined, readonly boot: string }

export interface Lock {
  /** The directory that is ours now. */
  readonly directory: string
  /** Suffix that was needed because other living processes hold the directories before; 1 for none. */
  readonly ordinal: number
  release (): Promise<void>
}

export interface LockOptions {
  readonly disk: Disk
  readonly processes: Processes
  /** `{dataDir}/{hostId}`. */
  readonly directory: string
  readonly boot: string
}

const maxOrdinal = 100

/**
 * Takes `directory`, or the first of `directory-2`, `directory-3`, … that no living process holds.
 *
 * Rejects with the system's error when the disk refuses.
 */
export async function acquireLock (options: LockOptions): Promise<Lock> {
  for (let ordinal = 1; ordinal <= maxOrdinal; ordinal++) {
    const directory = ordinal === 1 ? options.directory : `${options.directory}-${ordinal}`
    if (await lockDirectory(options, directory)) {
      return { directory, ordinal, release: () => releaseLock(options, directory) }
    }
  }
  throw new Error('a directory that no other process holds was expected')
}

async function lockDirectory ({ disk, processes, boot }: LockOptions, directory: string): Promise<boolean> {
  const path = join(directory, 'lock')
  const { pid } = processes
  const started = await processes.startOf(pid)
  await disk.makeDirectory(directory)
  const text = `${JSON.stringify({ pid, started, boot })}\n`
  // Once more after a stale lock was put aside. Another process that is faster then has the lock.
  for (let attempt = 1; attempt <= 2; attempt++) {
    try {
      await disk.createText(path, text)
      return true
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
    const found = await readLock(disk, path)
    if (found !== undefined && await isAlive(parseHolder(found), processes, boot)) return false
    if (found !== undefined && !await putAside(disk, path, found, boot)) return false
  }
  return false
}

async function readLock (disk: Disk, path: string): Promise<string | undefined> {
  try {
    return await disk.readText(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

function parseHolder (text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('boot' in value)) return undefined
    const { pid, boot } = value
    const started = 'started' in value && typeof value.started === 'string' ? value.started : undefined
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined
    return { pid, started, boot: String(boot) }
  } catch {
    // Not written by us, or cut short by the end of the machine: nobody alive stands behind it.
    return undefined
  }
}

async function isAlive (holder: Holder | undefined, processes: Processes, boot: string): Promise<boolean> {
  if (holder === undefined) return false
  if (holder.boot === boot) return true
  const started = await processes.startOf(holder.pid)
  if (started === 'ended') return false
  // Our own id: an earlier life of it (process 1 of a container), unless it is this very process.
  if (started === undefined || holder.started === undefined) return holder.pid !== processes.pid
  return started === holder.started
}

/** Removes a stale lock, unless another process has replaced it since it was read. */
async function putAside (disk: Disk, path: string, found: string, boot: string): Promise<boolean> {
  const aside = `${path}.${boot}.stale`
  try {
    await disk.rename(path, aside)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true
    throw error
  }
  const moved = await readLock(disk, aside)
  if (moved !== undefined && moved !== found) {
    await disk.rename(aside, path)
    return false
  }
  await disk.remove(aside)
  return true
}

async function releaseLock ({ disk, boot }: LockOptions, directory: string): Promise<void> {
  const path = join(directory, 'lock')
  const found = await readLock(disk, path)
  if (found !== undefined && parseHolder(found)?.boot === boot) await disk.remove(path)
}
