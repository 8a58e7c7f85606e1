import { endsFile, errorCode } from '../contracts/disk-errors.ts'
import { SluiceError } from '../contracts/errors.ts'
import { noName, type DiskFile } from './disk.ts'
import { FileLook } from './file-look.ts'
import { openFile, renameFile } from './segment-file.ts'
import type { LossReason, OpenSegmentOptions, SealedFile, SegmentEnd, SegmentHost, SegmentState } from './segment-host.ts'
import type { OpenName } from './segment-name.ts'
import type { SegmentCopy } from './segment-copy.ts'
import { SegmentSync } from './segment-sync.ts'
import { SegmentWork, type SegmentTask } from './segment-work.ts'
import { Waits } from './waits.ts'
import { WriteBuffer } from './write-buffer.ts'

/**
 * A segment that is being written; it holds a line from the start. One file operation at a time; lines go on being
 * appended meanwhile, to memory that the operation does not touch. Whatever fails is tried again, for ever, where it
 * failed.
 */
export class OpenSegment implements SegmentTask {
  readonly options: OpenSegmentOptions
  readonly fromMs: number
  readonly toMs: number
  readonly rawContainer: string
  /** Order of last use among the segments of the route. */
  usedAt = 0
  /** Among those whose lines wait for the next flush. */
  isWaiting = false
  readonly #host: SegmentHost<OpenSegment>
  readonly #buffer: WriteBuffer
  #state: SegmentState = { kind: 'new' }
  #name: OpenName
  readonly #look: FileLook
  #isSealing = false
  /**
   * The disk was full, or the file as large as one may be: what it holds is sealed, cut behind its last whole line.
   * Delivered, it makes room for the rest, which goes to another.
   */
  #full: 'no' | 'uncut' | 'cut' = 'no'
  #isSure = true
  readonly #sync: SegmentSync
  /** Write up to here now. */
  #writeTo = 0
  readonly #work: SegmentWork
  /** For what it has accepted to be stored, and for its end. */
  readonly #storing = new Waits()
  readonly #ending = new Waits()

  constructor (options: OpenSegmentOptions, host: SegmentHost<OpenSegment>) {
    this.options = options
    this.#name = options.name
    this.fromMs = options.fromMs
    this.toMs = options.toMs
    this.rawContainer = options.rawContainer
    this.#host = host
    this.#buffer = new WriteBuffer(host.pool, host.copies)
    this.#sync = new SegmentSync(host.sync)
    this.#look = new FileLook(host.clock)
    this.#work = new SegmentWork(this, host)
  }

  get n (): number { return this.#name.n }
  get records (): number { return this.#buffer.records }
  get copy (): SegmentCopy { return this.#buffer.copy }
  get acceptedBytes (): number { return this.#buffer.acceptedBytes }
  get isSealing (): boolean { return this.#isSealing }
  get isStored (): boolean { return this.#storedBytes >= this.acceptedBytes }
  /** The disk has refused the last try of something. */
  get isRefused (): boolean { return this.#work.isRefused }
  get hasUnsynced (): boolean { return this.#sync.syncedBytes < this.acceptedBytes }

  /** True when there is memory for a line of `bytes`, its newline included. */
  hasRoom (bytes: number): boolean { return this.#buffer.hasRoom(bytes) }

  /** Takes the line `bytes[start, end)`, whatever `hasRoom` says. */
  append (bytes: Buffer, start: number, end: number): void {
    this.#buffer.append(bytes, start, end)
    if (this.#buffer.isEager) this.#work.start()
  }

  /** As `append`, for `count` lines in a row, each with its newline. */
  appendLines (bytes: Buffer, start: number, end: number, count: number): void {
    this.#buffer.appendLines(bytes, start, end, count)
    if (this.#buffer.isEager) this.#work.start()
  }

  /** Begins to write what has been accepted. */
  flush (): void {
    this.#writeTo = this.acceptedBytes
    this.#work.start()
  }

  /** Begins to put what has been written on the medium. */
  syncNow (): void {
    this.#sync.targetBytes = this.#buffer.writtenBytes
    this.#work.start()
  }

  /**
   * Writes out what has been accepted. The end of the writes ends this wait, or the first that fails.
   *
   * @returns false at a failure, and at once while the disk refuses
   */
  stored (): Promise<boolean> {
    const targetBytes = this.acceptedBytes
    if (this.#storedBytes >= targetBytes) return Promise.resolve(true)
    if (this.isRefused) return Promise.resolve(false)
    return this.#storing.add(() => this.#storedBytes >= targetBytes, () => this.flush())
  }

  /**
   * Takes no more lines and becomes a sealed file. Resolves when it is one or is lost, at a failure, and at once while
   * the disk refuses: sealing then goes on by itself.
   */
  async seal (): Promise<void> {
    this.#isSealing = true
    if (this.#state.kind === 'ended' || this.isRefused) return
    await this.#ending.add(() => this.#state.kind === 'ended', () => this.#work.start())
  }

  /**
   * Writes what is left, and puts it on the medium unless that is never done; each with one try. Then closes the file.
   * The host's signal has aborted before.
   *
   * @returns records that are not whole in the file, to be counted as lost
   */
  async close (): Promise<number> {
    this.flush()
    await this.#work.done
    if (this.#state.kind === 'open') {
      const { file } = this.#state
      const { trouble } = this.#host
      if (this.#sync.isWanted(this.#buffer.writtenBytes, true)) await trouble.tryOnce(() => this.#syncFile(file))
      await trouble.tryOnce(() => file.close())
      await this.#work.done
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
    if ('directory' in state && state.directory.startsWith(`${directory}/`)) this.#loseFile('taken')
  }

  get #isFull (): boolean { return this.#full !== 'no' }
  get #storedBytes (): number { return this.#host.sync === 'always' ? this.#sync.syncedBytes : this.#buffer.writtenBytes }

  /** @internal */
  get state (): SegmentState { return this.#state }

  /** @internal */
  get hasWork (): boolean {
    const { kind } = this.#state
    if (kind === 'ended') return false
    return this.#isSealing || this.#isFull || this.#wantsWrite() || (kind === 'open' && this.#wantsSync())
  }

  /** @internal */
  mend (state: SegmentState, error: unknown): boolean {
    // Of a file that another process has taken meanwhile nothing is refused any more.
    if (this.#state !== state) return true
    const code = errorCode(error)
    // A file that is opened again for a write may be gone.
    const isGone = state.kind === 'open' && code === 'ENOENT'
    if (isGone) this.#loseFile('disk')
    const { writtenBytes, tornBytes } = this.#buffer
    if (state.kind === 'open' && endsFile(code) && writtenBytes > tornBytes && !this.#isFull) this.#full = 'uncut'
    return isGone
  }

  #wantsWrite (): boolean { return !this.#isFull && this.#buffer.isWanted(this.#writeTo, this.#isSealing) }
  #wantsSync (): boolean { return this.#sync.isWanted(this.#buffer.writtenBytes, this.#isSealing || this.#isFull) }

  /** @internal */
  step (): Promise<void> | undefined {
    const state = this.#state
    switch (state.kind) {
      case 'new':
        return this.#open()
      case 'open':
        if (this.#wantsWrite()) return this.#write(state.file)
        if (this.#full === 'uncut') return this.#cut(state.file)
        if (this.#wantsSync()) return this.#syncFile(state.file)
        return this.#closeFile(state.file, state.directory)
      case 'closed':
        return this.#rename(state.directory)
      case 'ended':
        return undefined
    }
  }

  async #open (): Promise<void> {
    this.#name = { ...this.#name, boot: this.#host.boot() }
    const opened = await openFile(this.#host, this.options.container, this.#name)
    if (opened === undefined) return
    this.#state = { kind: 'open', ...opened }
    this.#look.found()
  }

  async #write (file: DiskFile): Promise<void> {
    const state = this.#state
    const isToLook = this.#look.isDue(this.#storing.count > 0)
    const takenBytes = await file.writev(this.#buffer.parts(), this.#buffer.writtenBytes, isToLook)
    // Another process has taken it meanwhile: these bytes are in no file of ours.
    if (this.#state !== state) return
    if (takenBytes === noName) return this.#loseFile('disk')
    if (takenBytes <= 0) throw new SluiceError('ERR_SPOOL_WRITE', 'the disk took no bytes')
    this.#buffer.confirm(takenBytes)
  }

  /** What only the file held is lost. The rest goes to a new one; nobody who waits is told that it is stored. */
  #loseFile (reason: LossReason): void {
    const state = this.#state
    const bytesBefore = this.acceptedBytes
    const records = this.#restart()
    if (state.kind === 'open') void this.#host.trouble.tryOnce(() => state.file.close())
    this.#host.onLost({ reason, records, bytesBefore, bytes: this.acceptedBytes })
    if (this.records === 0) this.#end({ kind: 'lost' })
    this.answer(true)
    this.#work.start()
  }

  /** Begins another file, with the lines that this one does not hold. @returns records that only this one holds */
  #restart (): number {
    const records = this.#buffer.restart()
    this.#state = { kind: 'new' }
    this.#full = 'no'
    this.#isSure = true
    this.#sync.restart()
    this.#writeTo = this.acceptedBytes
    return records
  }

  async #cut (file: DiskFile): Promise<void> {
    const state = this.#state
    await file.truncate(this.#buffer.writtenBytes - this.#buffer.tornBytes)
    if (this.#state !== state) return
    this.#buffer.cut()
    this.#full = 'cut'
  }

  async #syncFile (file: DiskFile): Promise<void> {
    const state = this.#state
    const { writtenBytes, crc32 } = this.#buffer
    const isKept = await this.#sync.run(file, writtenBytes, crc32)
    if (this.#state !== state) return
    if (!isKept) return this.#loseFile('disk')
    this.#sync.syncedBytes = writtenBytes
  }

  async #closeFile (file: DiskFile, directory: string): Promise<void> {
    this.#state = { kind: 'closed', directory }
    // The handle is gone whatever close says. A network file system says only now what it has not kept: it is read.
    this.#isSure = await this.#host.trouble.tryOnce(() => file.close())
  }

  async #rename (directory: string): Promise<void> {
    const { writtenRecords, crc32, writtenBytes: bytes } = this.#buffer
    const state = this.#state
    const sealed = await renameFile(this.#host.disk, directory, this.#name, writtenRecords, crc32)
    // Another process has taken it meanwhile, and may have given it that name itself.
    if (this.#state !== state) return
    if (sealed === undefined) return this.#loseFile('disk')
    const file = { ...sealed, bytes, isSure: this.#isSure }
    if (this.#isFull) this.#goOn(file)
    else this.#end({ kind: 'sealed', ...file })
  }

  /** The rest goes to another file, of another number: where all lines are alike, that alone tells the two apart. */
  #goOn (file: SealedFile): void {
    const bytesBefore = this.acceptedBytes
    this.#buffer.copy.drop()
    this.#restart()
    this.#name = { ...this.#name, n: this.#host.nextSegmentNumber() }
    this.#host.onPart(this, { ...file, bytesBefore })
    // Where it was the sync that found no room, there may be no rest.
    if (this.records === 0) this.#end({ kind: 'lost' })
    this.answer(true)
  }

  /** @internal */
  answer (hasFailed: boolean): void {
    const isOver = hasFailed || this.#state.kind === 'ended'
    this.#storing.answer(isOver)
    this.#ending.answer(isOver)
  }

  #end (end: SegmentEnd): void {
    this.#state = { kind: 'ended' }
    this.#host.trouble.ended(this)
    this.#host.onEnd(this, end)
  }
}
