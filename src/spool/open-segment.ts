import { join } from 'node:path'
import type { Clock } from '../contracts/clock.ts'
import { errorCode } from '../contracts/disk-errors.ts'
import { SluiceError } from '../contracts/errors.ts'
import { exists, type Disk, type DiskFile } from './disk.ts'
import { encodeComponent, formatOpenName, formatSealedId, type OpenName } from './segment-name.ts'
import type { Limit } from './limited-disk.ts'
import type { SlabPool } from './slab-pool.ts'
import type { SyncPolicy } from './spool.ts'
import { retryPauseMs, type Trouble } from './trouble.ts'
import { WriteBuffer } from './write-buffer.ts'

/** Bytes that wait before they are written without waiting for the flush. */
export const eagerWriteBytes = 262_144

/** How often at most a file is looked for after a write, ms; where somebody waits for the write it always is. */
const lookMs = 1000

/** Steps of one turn: made, written, closed and renamed. */
const stepsPerTurn = 4

/** What a segment needs of the route it belongs to. */
export interface SegmentHost {
  readonly disk: Disk
  readonly clock: Clock
  readonly pool: SlabPool
  readonly sync: SyncPolicy
  readonly trouble: Trouble
  /** Aborts when the spool closes: nothing is tried again then. */
  readonly signal: AbortSignal
  /** So many segments work at a time. */
  readonly inTurn: Limit
  /** The route's directory; undefined while the spool has none. */
  readonly directory: () => string | undefined
  /** The directories that must be synced for a file in `directory` to be found again, innermost first. */
  readonly parentsOf: (directory: string) => readonly string[]
  /** Of this process, in the names of files. */
  readonly boot: () => string
  /** Called once, when the segment takes no more part: its file is sealed, or is lost with all of its lines. */
  readonly onEnd: (segment: OpenSegment, end: SegmentEnd) => void
  /** Called after the file was lost. The lines that it did not hold go to another one, if there are any. */
  readonly onLost: (loss: SegmentLoss) => void
}

export type SegmentEnd =
  | { readonly kind: 'sealed', readonly id: string, readonly path: string }
  | { readonly kind: 'lost' }

/** Why: somebody removed the file, or another process has taken it. */
export type LossReason = 'disk' | 'taken'

export interface SegmentLoss {
  readonly reason: LossReason
  /** That only the file held. */
  readonly records: number
  /** That the segment had accepted before, and those that it still has. */
  readonly bytesBefore: number
  readonly bytes: number
}

export interface OpenSegmentOptions {
  readonly name: OpenName
  /** As records name it, and as it is kept (shortened if need be). */
  readonly rawContainer: string
  readonly container: string
  /** Monotonic ms. */
  readonly firstAcceptedMs: number
  /** Times of the records it takes: `[fromMs, toMs)`. NaN, which no time is in, for late segments. */
  readonly fromMs: number
  readonly toMs: number
  /** From when on it is sealed because its hour is over, ms since the epoch like the times of its records. */
  readonly sealFromMs: number
}

type State =
  /** Nothing of it is on disk. */
  | { readonly kind: 'new' }
  | { readonly kind: 'open', readonly file: DiskFile, readonly directory: string }
  /** Everything is written; only the name is missing. */
  | { readonly kind: 'closed', readonly directory: string }
  | { readonly kind: 'ended' }

/**
 * A segment that is being written; it holds a line from the start. One file operation at a time; lines go on being
 * appended meanwhile, to memory that the operation does not touch. Whatever fails is tried again, for ever, where it
 * failed.
 */
export class OpenSegment {
  readonly options: OpenSegmentOptions
  readonly fromMs: number
  readonly toMs: number
  readonly rawContainer: string
  /** Order of last use among the segments of the route. */
  usedAt = 0
  /** Among those whose lines wait for the next flush. */
  isWaiting = false
  readonly #host: SegmentHost
  readonly #buffer: WriteBuffer
  #state: State = { kind: 'new' }
  #name: OpenName
  /** When the file was last found where it belongs, monotonic ms. */
  #foundMs = -Infinity
  #isSealing = false
  #syncedBytes = 0
  /** Write up to here now, and sync up to here now. */
  #writeTo = 0
  #syncTo = 0
  #failedCount = 0
  #work: Promise<void> | undefined
  #waiting: { readonly isDone: () => boolean, readonly resolve: (isDone: boolean) => void }[] = []

  constructor (options: OpenSegmentOptions, host: SegmentHost) {
    this.options = options
    this.#name = options.name
    this.fromMs = options.fromMs
    this.toMs = options.toMs
    this.rawContainer = options.rawContainer
    this.#host = host
    this.#buffer = new WriteBuffer(host.pool)
  }

  get records (): number { return this.#buffer.records }
  get acceptedBytes (): number { return this.#buffer.acceptedBytes }
  get isSealing (): boolean { return this.#isSealing }
  get isStored (): boolean { return this.#storedBytes >= this.acceptedBytes }
  /** The disk has refused the last try of something. */
  get isRefused (): boolean { return this.#failedCount > 0 }
  get hasUnsynced (): boolean { return this.#syncedBytes < this.acceptedBytes }

  /** True when there is memory for a line of `bytes`, its newline included. */
  hasRoom (bytes: number): boolean { return this.#buffer.hasRoom(bytes) }

  /** Takes the line `bytes[start, end)`, whatever `hasRoom` says. */
  append (bytes: Buffer, start: number, end: number): void {
    this.#buffer.append(bytes, start, end)
    if (this.#work === undefined && this.#waitingBytes >= eagerWriteBytes) this.#start()
  }

  /** Begins to write what has been accepted. */
  flush (): void {
    this.#writeTo = this.acceptedBytes
    this.#start()
  }

  /** Begins to put what has been written on the medium. */
  syncNow (): void {
    this.#syncTo = this.#buffer.writtenBytes
    this.#start()
  }

  /**
   * Writes out what has been accepted. The end of the writes ends this wait, or the first that fails.
   *
   * @returns false at a failure, and at once while the disk refuses
   */
  stored (): Promise<boolean> {
    const targetBytes = this.acceptedBytes
    if (this.#storedBytes >= targetBytes) return Promise.resolve(true)
    if (this.#failedCount > 0) return Promise.resolve(false)
    return this.#when(() => this.#storedBytes >= targetBytes, () => this.flush())
  }

  /**
   * Takes no more lines and becomes a sealed file. Resolves when it is one or is lost, at a failure, and at once while
   * the disk refuses: sealing then goes on by itself.
   */
  async seal (): Promise<void> {
    this.#isSealing = true
    if (this.#state.kind === 'ended' || this.#failedCount > 0) return
    await this.#when(() => this.#state.kind === 'ended', () => this.#start())
  }

  /**
   * Writes what is left, and puts it on the medium unless that is never done; each with one try. Then closes the file.
   * The host's signal has aborted before.
   *
   * @returns records that are not whole in the file, to be counted as lost
   */
  async close (): Promise<number> {
    this.flush()
    await this.#work
    if (this.#state.kind === 'open') {
      const { file } = this.#state
      const { sync } = this.#host
      if (sync !== 'never' && this.#syncedBytes < this.#buffer.writtenBytes) await this.#tryOnce(() => this.#sync(file))
      await this.#tryOnce(() => file.close())
    }
    return this.#buffer.discard()
  }

  /** Gives up what no file holds, at a stop for which the disk has no time. @returns records that are lost */
  abandon (): number { return this.#buffer.abandon() }

  /**
   * Another process has taken `directory`: a file of it is not touched any more. What was being done to it has failed,
   * or fails.
   */
  leave (directory: string): void {
    const state = this.#state
    if (state.kind !== 'open' && state.kind !== 'closed') return
    if (state.directory.startsWith(`${directory}/`)) this.#loseFile('taken')
  }

  get #waitingBytes (): number { return this.#buffer.acceptedBytes - this.#buffer.writtenBytes }
  get #storedBytes (): number { return this.#host.sync === 'always' ? this.#syncedBytes : this.#buffer.writtenBytes }

  #when (isDone: () => boolean, begin: () => void): Promise<boolean> {
    return new Promise(resolve => {
      this.#waiting.push({ isDone, resolve })
      begin()
    })
  }

  #start (): void {
    if (this.#work !== undefined || !this.#hasWork()) return
    this.#work = this.#run()
  }

  async #run (): Promise<void> {
    // The caller sets `#work` first.
    await undefined
    while (this.#hasWork()) {
      try {
        // One after the other, so that the memory of the first is free before the last has a file.
        await this.#host.inTurn(() => this.#takeTurn())
      } catch (error) {
        this.#failedCount++
        this.#host.trouble.failed(this, error)
        this.#answer(true)
        if (this.#host.signal.aborted) break
        await this.#host.clock.sleep(retryPauseMs(this.#failedCount), this.#host.signal)
      }
    }
    this.#work = undefined
  }

  async #takeTurn (): Promise<void> {
    for (let steps = 0; steps < stepsPerTurn && this.#hasWork(); steps++) {
      await this.#step()
      this.#failedCount = 0
      this.#host.trouble.ended(this)
      this.#answer(this.#state.kind === 'ended')
    }
  }

  /** Ends the waits for what is done; after a failure, all of them. */
  #answer (hasFailed: boolean): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const one of waiting) {
      const isDone = one.isDone()
      if (isDone || hasFailed) one.resolve(isDone)
      else this.#waiting.push(one)
    }
  }

  #hasWork (): boolean {
    const { kind } = this.#state
    if (kind === 'ended') return false
    return this.#isSealing || this.#wantsWrite() || (kind === 'open' && this.#wantsSync())
  }

  #wantsWrite (): boolean {
    const waitingBytes = this.#waitingBytes
    return waitingBytes > 0 &&
      (this.#isSealing || this.#buffer.writtenBytes < this.#writeTo || waitingBytes >= eagerWriteBytes)
  }

  #wantsSync (): boolean {
    const { sync } = this.#host
    if (sync === 'never' || this.#syncedBytes >= this.#buffer.writtenBytes) return false
    return sync === 'always' || this.#isSealing || this.#syncedBytes < this.#syncTo
  }

  async #step (): Promise<void> {
    const state = this.#state
    switch (state.kind) {
      case 'new':
        return await this.#open()
      case 'open':
        if (this.#wantsWrite()) return await this.#unlessRemoved(() => this.#write(state.file))
        if (this.#wantsSync()) return await this.#unlessRemoved(() => this.#sync(state.file))
        return await this.#closeFile(state.file, state.directory)
      case 'closed':
        return await this.#rename(state.directory)
      case 'ended':
    }
  }

  async #open (): Promise<void> {
    const { disk, sync } = this.#host
    const routeDirectory = this.#host.directory()
    if (routeDirectory === undefined) throw new SluiceError('ERR_SPOOL_WRITE', 'no directory is locked yet')
    const directory = join(routeDirectory, encodeComponent(this.options.container))
    this.#name = { ...this.options.name, boot: this.#host.boot() }
    await disk.makeDirectory(directory)
    const file = await disk.open(join(directory, `${formatOpenName(this.#name)}.open`), 'write')
    try {
      if (sync !== 'never') for (const parent of this.#host.parentsOf(directory)) await disk.syncDirectory(parent)
    } catch (error) {
      await file.close()
      throw error
    }
    if (routeDirectory !== this.#host.directory()) return await file.close()
    this.#state = { kind: 'open', file, directory }
    this.#foundMs = this.#host.clock.monotonicMs()
  }

  /** A file that is opened again for a write may be gone. */
  async #unlessRemoved (operation: () => Promise<void>): Promise<void> {
    try {
      await operation()
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      this.#loseFile('disk')
    }
  }

  async #write (file: DiskFile): Promise<void> {
    const takenBytes = await file.writev(this.#buffer.parts(), this.#buffer.writtenBytes)
    if (takenBytes <= 0) throw new SluiceError('ERR_SPOOL_WRITE', 'the disk took no bytes')
    // A write to a file without a name succeeds. Looked for before anybody is told that the lines are stored.
    if (this.#isToLook() && await file.isRemoved()) return this.#loseFile('disk')
    this.#buffer.confirm(takenBytes)
  }

  #isToLook (): boolean {
    const nowMs = this.#host.clock.monotonicMs()
    if (this.#waiting.length === 0 && nowMs - this.#foundMs < lookMs) return false
    this.#foundMs = nowMs
    return true
  }

  /** What only the file held is lost. The rest goes to a new one; nobody who waits is told that it is stored. */
  #loseFile (reason: LossReason): void {
    const { state, bytesBefore } = { state: this.#state, bytesBefore: this.acceptedBytes }
    const records = this.#buffer.restart()
    this.#state = { kind: 'new' }
    this.#syncedBytes = this.#syncTo = 0
    this.#writeTo = this.acceptedBytes
    if (state.kind === 'open') void this.#tryOnce(() => state.file.close())
    this.#host.onLost({ reason, records, bytesBefore, bytes: this.acceptedBytes })
    if (this.records === 0) this.#end({ kind: 'lost' })
    this.#answer(true)
    this.#start()
  }

  async #sync (file: DiskFile): Promise<void> {
    const writtenBytes = this.#buffer.writtenBytes
    await file.sync()
    this.#syncedBytes = writtenBytes
  }

  async #closeFile (file: DiskFile, directory: string): Promise<void> {
    this.#state = { kind: 'closed', directory }
    // The handle is gone whatever close says, and the content was written (and synced, if it is to be) before.
    await this.#tryOnce(() => file.close())
  }

  async #rename (directory: string): Promise<void> {
    const { disk } = this.#host
    const name = this.#name
    const id = formatSealedId({ ...name, records: this.records, crc32: this.#buffer.crc32 })
    const path = join(directory, `${id}.ndjson`)
    try {
      await disk.rename(join(directory, `${formatOpenName(name)}.open`), path)
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      // Either an earlier try succeeded and its answer was lost, or somebody removed the file.
      if (!await exists(disk, path)) return this.#loseFile('disk')
    }
    this.#end({ kind: 'sealed', id, path })
  }

  /** For what is not tried again: a failure is counted. */
  async #tryOnce (operation: () => Promise<void>): Promise<void> {
    try {
      await operation()
    } catch (error) {
      this.#host.trouble.count(error)
    }
  }

  #end (end: SegmentEnd): void {
    this.#state = { kind: 'ended' }
    this.#host.trouble.ended(this)
    this.#host.onEnd(this, end)
  }
}
