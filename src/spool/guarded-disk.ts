import type { Disk, DiskFile, DiskEntry, DiskStat, OpenMode } from './disk.ts'
import type { HangWatch } from './hang-watch.ts'
import type { Lease } from './lease.ts'
import type { Leases } from './leases.ts'
import { Turnstile } from './turnstile.ts'

export interface DiskGuards {
  readonly hangs: HangWatch
  /** Nothing below a directory is touched while another process may have taken it. Unset: whatever anybody holds. */
  readonly leases?: Leases
  /** Most operations at a time, in the order in which they were asked for. Unset: any number. */
  readonly maxOperations?: number
  /** Most files that stay open for writing between operations. Unset: any number. */
  readonly maxOpenFiles?: number
}

/**
 * What stands between the spool and its disk, in one layer since it is passed for every write:
 *
 * - Hanging is noticed, which no error ever tells.
 * - A disk that hangs takes no more than so many of the threads which compression and DNS need too.
 * - A process that was paused looks at its lease before it goes on. After each operation it looks again, if that took
 *   long: what a hanging disk did may have gone to files of the other process, and counts as not done.
 * - Hundreds of segments do not take hundreds of descriptors: a file of more than are allowed is opened for each
 *   operation, and closed after it, its content stays where it is. Should somebody have removed it meanwhile, the
 *   operation rejects with `ENOENT`. The operations of one file follow one another, as those of a segment do.
 */
export class GuardedDisk implements Disk {
  readonly blockBytes: number
  readonly #disk: Disk
  readonly #hangs: HangWatch
  readonly #leases: Leases | undefined
  readonly #turnstile: Turnstile
  readonly #maxOpenFiles: number
  /** @internal Files that are open for writing. */
  openCount = 0

  constructor (disk: Disk, guards: DiskGuards) {
    const { hangs, leases, maxOperations = Infinity, maxOpenFiles = Infinity } = guards
    this.#disk = disk
    this.blockBytes = disk.blockBytes
    this.#hangs = hangs
    this.#leases = leases
    this.#turnstile = new Turnstile(maxOperations)
    this.#maxOpenFiles = maxOpenFiles
  }

  /** @internal So many are open that one is to be closed after its operation. */
  get hasTooManyOpen (): boolean { return this.openCount > this.#maxOpenFiles }

  async open (path: string, mode: OpenMode): Promise<DiskFile> {
    const lease = this.#leases?.of(path)
    const file = await this.run(undefined, async () => {
      // The disk ends this wait, as that of the operation.
      if (lease?.isFresh === false) await lease.confirm()
      return await this.#disk.open(path, mode)
    })
    if (mode !== 'read') this.openCount++
    return new GuardedFile(this, this.#disk, lease, path, mode, file)
  }

  makeDirectory (path: string): Promise<void> { return this.#at(path, () => this.#disk.makeDirectory(path)) }
  removeDirectory (path: string): Promise<void> { return this.#at(path, () => this.#disk.removeDirectory(path)) }
  list (path: string): Promise<readonly DiskEntry[]> { return this.run(undefined, () => this.#disk.list(path)) }
  stat (path: string): Promise<DiskStat> { return this.run(undefined, () => this.#disk.stat(path)) }
  readText (path: string): Promise<string> { return this.run(undefined, () => this.#disk.readText(path)) }
  replaceText (path: string, text: string): Promise<void> {
    return this.#at(path, () => this.#disk.replaceText(path, text))
  }

  createText (path: string, text: string): Promise<void> {
    return this.#at(path, () => this.#disk.createText(path, text))
  }

  rename (from: string, to: string): Promise<void> { return this.#at(from, () => this.#disk.rename(from, to)) }
  remove (path: string): Promise<void> { return this.#at(path, () => this.#disk.remove(path)) }
  syncDirectory (path: string): Promise<void> { return this.#at(path, () => this.#disk.syncDirectory(path)) }
  freeBytes (path: string): Promise<number> { return this.run(undefined, () => this.#disk.freeBytes(path)) }

  /** @internal */
  async run<Result> (lease: Lease | undefined, operation: () => Promise<Result>): Promise<Result> {
    const turn = this.#turnstile.enter()
    // An operation that ends lets the next one go on. While all of them hang, nothing does.
    if (turn !== undefined) await turn
    try {
      // The disk ends these waits, as that of the operation.
      if (lease !== undefined && !lease.isFresh) await lease.confirm()
      const begun = this.#hangs.begin()
      let result
      try {
        result = await operation()
      } finally {
        this.#hangs.end(begun)
      }
      if (lease !== undefined && !lease.isFresh) await lease.confirm()
      return result
    } finally {
      this.#turnstile.leave()
    }
  }

  #at<Result> (path: string, operation: () => Promise<Result>): Promise<Result> {
    return this.run(this.#leases?.of(path), operation)
  }
}

class GuardedFile implements DiskFile {
  readonly #guard: GuardedDisk
  readonly #disk: Disk
  /** That of when it was opened: a later one is another's, or a new beginning. */
  readonly #lease: Lease | undefined
  readonly #path: string
  readonly #isWritten: boolean
  #file: DiskFile | undefined

  constructor (
    guard: GuardedDisk, disk: Disk, lease: Lease | undefined, path: string, mode: OpenMode, file: DiskFile
  ) {
    this.#guard = guard
    this.#disk = disk
    this.#lease = lease
    this.#path = path
    this.#isWritten = mode !== 'read'
    this.#file = file
  }

  read (into: Buffer, position: number): Promise<number> { return this.#run(file => file.read(into, position)) }
  writev (parts: readonly Buffer[], position: number, isToLook?: boolean): Promise<number> {
    return this.#run(file => file.writev(parts, position, isToLook))
  }

  truncate (bytes: number): Promise<void> { return this.#run(file => file.truncate(bytes)) }
  sync (): Promise<void> { return this.#run(file => file.sync()) }

  close (): Promise<void> {
    return this.#file === undefined ? Promise.resolve() : this.#guard.run(undefined, () => this.#close())
  }

  #run<Result> (operation: (file: DiskFile) => Promise<Result>): Promise<Result> {
    return this.#guard.run(this.#lease, () => {
      const file = this.#file
      return file === undefined || this.#guard.hasTooManyOpen ? this.#runAndClose(operation) : operation(file)
    })
  }

  async #runAndClose<Result> (operation: (file: DiskFile) => Promise<Result>): Promise<Result> {
    if (this.#file === undefined) {
      this.#file = await this.#disk.open(this.#path, 'update')
      this.#guard.openCount++
    }
    const result = await operation(this.#file)
    // A failure of this is one of the operation, which can be repeated where it began.
    if (this.#isWritten && this.#guard.hasTooManyOpen) await this.#close()
    return result
  }

  async #close (): Promise<void> {
    const file = this.#file
    if (file === undefined) return
    this.#file = undefined
    if (this.#isWritten) this.#guard.openCount--
    await file.close()
  }
}
