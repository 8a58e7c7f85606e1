import { dirname } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'
import type { Lease } from './lease.ts'

/** The leases of this process: what it may touch. */
export class Leases {
  readonly #held = new Map<string, Lease>()

  add (lease: Lease): void { this.#held.set(lease.directory, lease) }

  /** Called for a lease that was given back, when nothing below its directory is touched any more. */
  delete (lease: Lease): void {
    if (this.#held.get(lease.directory) === lease) this.#held.delete(lease.directory)
  }

  /** The lease of the directory below which `path` is; undefined when it is below none. */
  of (path: string): Lease | undefined {
    for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
      const lease = this.#held.get(at)
      if (lease !== undefined) return lease
    }
    return undefined
  }
}

/**
 * A disk on which nothing below a directory is touched while another process may have taken it: a process that was
 * paused looks at its lease before it goes on. After each operation it looks again, if that took long: what a hanging
 * disk did may have gone to files of the other, and counts as not done.
 */
export function withLeases (disk: Disk, leases: Leases): Disk {
  async function guarded<Result> (lease: Lease | undefined, operation: () => Promise<Result>): Promise<Result> {
    if (lease === undefined) return await operation()
    // The disk ends these waits, as that of the operation.
    if (!lease.isFresh) await lease.confirm()
    const result = await operation()
    if (!lease.isFresh) await lease.confirm()
    return result
  }

  function guardedFile (lease: Lease | undefined, file: DiskFile): DiskFile {
    return {
      read: (into, position) => guarded(lease, () => file.read(into, position)),
      writev: (parts, position) => guarded(lease, () => file.writev(parts, position)),
      truncate: bytes => guarded(lease, () => file.truncate(bytes)),
      sync: () => guarded(lease, () => file.sync()),
      isRemoved: () => file.isRemoved(),
      close: () => file.close(),
    }
  }

  const at = <Result>(path: string, operation: () => Promise<Result>) => guarded(leases.of(path), operation)
  return {
    blockBytes: disk.blockBytes,
    open: async (path, mode) => {
      const lease = leases.of(path)
      if (lease?.isFresh === false) await lease.confirm()
      return guardedFile(lease, await disk.open(path, mode))
    },
    makeDirectory: path => at(path, () => disk.makeDirectory(path)),
    removeDirectory: path => at(path, () => disk.removeDirectory(path)),
    list: path => disk.list(path),
    stat: path => disk.stat(path),
    readText: path => disk.readText(path),
    replaceText: (path, text) => at(path, () => disk.replaceText(path, text)),
    createText: (path, text) => at(path, () => disk.createText(path, text)),
    rename: (from, to) => at(from, () => disk.rename(from, to)),
    remove: path => at(path, () => disk.remove(path)),
    syncDirectory: path => at(path, () => disk.syncDirectory(path)),
    freeBytes: path => disk.freeBytes(path),
  }
}
