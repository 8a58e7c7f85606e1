import { freeMemory } from '../../bytes/free-memory.ts'
import type { Clock } from '../../contracts/clock.ts'
import { createRecord } from '../../contracts/record.ts'
import type { Acceptor, OrdinaryConnection } from '../../contracts/source.ts'
import type { ForwardCounts } from './forward-counts.ts'
import { found } from './found.ts'
import { FrameAssembler } from './frame-assembler.ts'
import type { MemoryShare } from './frame-memory.ts'
import { FrameOption } from './frame-option.ts'
import { FrameReader } from './frame-reader.ts'
import { Inflater } from './inflater.ts'
import type { ForwardLimits } from './limits.ts'
import type { ForwardShare } from './share.ts'
import type { Place } from './place.ts'

export interface FrameIntakeOptions {
  readonly source: string
  readonly limits: ForwardLimits
  readonly acceptor: Acceptor
  readonly clock: Clock
  readonly counts: Pick<ForwardCounts, 'linesCut' | 'lagMs'>
  readonly share: ForwardShare
}

/** Whose frames they are. */
export interface FrameOwner {
  /** A frame is handed over, every record of it accepted or not; false if no more is to be. */
  onFrame (option: FrameOption, bytes: Buffer, isAccepted: boolean): boolean
  /** Nothing is handed over for a moment: what was can be seen to meanwhile. */
  onPause (): void
  /** Resolves when the next frame may be handed over; undefined if it may be at once. */
  ready (): Promise<void> | undefined
  /** The memory that its frames hold is needed by others: it is to be closed. */
  onEvicted (heldBytes: number): void
}

const noBytes = Buffer.alloc(0)
/** Where nothing is joined. */
const nothingReleased = { bytes: 0 }
/** Of frames that ask for nothing. */
const noOption = new FrameOption()

/**
 * Hands over the records of one connection's frames in its turns, so that no frame, however made, keeps others waiting.
 *
 * It stops between two records while the acceptor is full, no longer than `Turns` lets it wait, once until there is
 * room again: a sender that is not read for seconds gives up or stops its application.
 */
export class FrameIntake {
  readonly #options: FrameIntakeOptions
  readonly #owner: FrameOwner
  readonly #place: Place
  readonly #memory: MemoryShare
  readonly #assembler: FrameAssembler
  readonly #reader: FrameReader
  readonly #record = createRecord()
  readonly #ordinary: OrdinaryConnection | undefined
  /** Every record of the current frame was accepted. */
  #isFrameAccepted = true
  #isClosed = false
  #framesTaken = 0

  constructor (options: FrameIntakeOptions, owner: FrameOwner) {
    this.#options = options
    this.#owner = owner
    const { source, limits, clock, counts, share } = options
    this.#place = share.turns.place(source)
    this.#memory = share.memory.share(source, {
      trim: () => this.#trim(),
      evict: () => owner.onEvicted(this.#memory.bytes),
    })
    this.#assembler = new FrameAssembler(limits, this.#memory)
    const { linesCut } = counts
    this.#reader = new FrameReader({ limits, clock, names: share.names, memory: this.#memory, linesCut })
    this.#record.bytes = noBytes
    this.#ordinary = options.acceptor.ordinary?.connection()
  }

  /** Frames that ended in what was taken last. */
  get framesTaken (): number { return this.#framesTaken }
  /** True while part of a frame waits for the rest. */
  get isWithinFrame (): boolean { return this.#assembler.isWithinFrame }
  get unfinishedBytes (): number { return this.#assembler.unfinishedBytes }
  /** Where the current frame begins, in bytes since the connection was opened. */
  get frameOffsetBytes (): number { return this.#assembler.frameOffsetBytes }

  /** Resolves when so many bytes that came may be read and taken; undefined when they may be at once. */
  begin (bytes: number): Promise<void> | undefined {
    return this.#place.begin(bytes)
  }

  /**
   * Hands over all whole frames of what was read, and keeps what is there of the last one. Called after `begin`.
   *
   * @throws SluiceError `ERR_FRAME`
   */
  async take (chunk: Buffer): Promise<void> {
    const assembler = this.#assembler
    const reader = this.#reader
    this.#framesTaken = 0
    try {
      assembler.feed(chunk)
      this.#ordinary?.renew()
      while (!this.#isClosed) {
        if (this.#takeOrdinary()) await this.#nextTurn(false)
        if (this.#isClosed || !assembler.next()) break
        this.#framesTaken++
        reader.begin(assembler.bytes, assembler.start)
        this.#isFrameAccepted = true
        if (reader.isCompressed) await this.#readCompressed()
        else while (!this.#handOver()) await this.#nextTurn()
        if (!this.#owner.onFrame(reader.option, assembler.bytes, this.#isFrameAccepted)) return
        const ready = this.#owner.ready()
        if (ready !== undefined) await this.#waitFor(ready)
        else if (this.#place.spend(0)) await this.#nextTurn(false)
      }
    } finally {
      this.#place.end()
      this.#release()
    }
  }

  /** The frame at hand has grown. */
  touch (): void {
    this.#memory.touch()
  }

  /** Hands nothing over any more. Safe twice. */
  close (): void {
    this.#isClosed = true
    this.#place.cancel()
    this.#place.end()
    this.#memory.close()
  }

  /** Hands over the frames that come next in what was read and are ordinary. @returns true when the turn is over */
  #takeOrdinary (): boolean {
    const assembler = this.#assembler
    const { nextAt, chunk } = assembler
    const ordinary = this.#ordinary
    if (ordinary === undefined || nextAt < 0 || nextAt >= chunk.length || this.#options.acceptor.isFull) return false
    const count = ordinary.takeFrames(chunk, nextAt, chunk.length)
    if (count === 0) return false
    this.#framesTaken += count
    assembler.pass(ordinary.nextAt)
    this.#owner.onFrame(noOption, chunk, true)
    return this.#spendOrdinary(ordinary, chunk, count)
  }

  #spendOrdinary (ordinary: OrdinaryConnection, bytes: Buffer, count: number): boolean {
    this.#record.bytes = bytes
    this.#record.timeMs = ordinary.lastMs
    return this.#place.spend(ordinary.lineBytes, count)
  }

  /** Hands over the frame's records; false when the turn is over, or the acceptor full, before the last. */
  #handOver (): boolean {
    const { acceptor } = this.#options
    const { released = nothingReleased } = acceptor
    const place = this.#place
    const reader = this.#reader
    const record = this.#record
    const ordinary = this.#ordinary
    while (!this.#isClosed) {
      if (!acceptor.isFull) place.isStallOver = false
      else if (!place.isStallOver) return false
      if (ordinary !== undefined && !acceptor.isFull) {
        const count = reader.takeOrdinary(ordinary)
        if (count > 0 && this.#spendOrdinary(ordinary, reader.bytes, count)) return false
      }
      const releasedBytes = released.bytes
      const what = reader.next(record)
      if (what === found.end) return true
      if (what === found.record && !acceptor.accept(record)) this.#isFrameAccepted = false
      if (ordinary !== undefined && what === found.record && reader.isInPlace) ordinary.follow(reader, record)
      const setOffBytes = released.bytes - releasedBytes
      if (what === found.record ? place.spend(record.end - record.start + setOffBytes) : place.isOver) return false
    }
    this.#isFrameAccepted = false
    return true
  }

  async #nextTurn (needsRoom = this.#options.acceptor.isFull && !this.#place.isStallOver): Promise<void> {
    this.#owner.onPause()
    if (!this.#isClosed) await this.#place.wait(needsRoom)
    this.#ordinary?.renew()
    this.#memory.touch()
  }

  /** Others have their turns until `what` resolves. */
  async #waitFor (what: Promise<void>): Promise<void> {
    this.#place.end()
    await what
    await this.#place.goOn()
    this.#ordinary?.renew()
  }

  async #readCompressed (): Promise<void> {
    const { limits, share } = this.#options
    const inflater = new Inflater(this.#reader.payload, limits, this.#memory)
    this.#owner.onPause()
    try {
      let piece: Buffer | undefined
      do {
        this.#place.end()
        piece = await share.unpacking.run(() => inflater.next())
        await this.#place.goOn()
        this.#ordinary?.renew()
        this.#memory.touch()
        this.#reader.feed(piece)
        while (!this.#handOver()) await this.#nextTurn()
        // Everything of it was handed over or copied. Empty ones are all the same.
        if (piece !== undefined && piece.length > 0) freeMemory(piece)
      } while (piece !== undefined && !this.#isClosed)
    } finally {
      inflater.close()
    }
  }

  /** Lets go of memory that an idle connection would hold. */
  #release (): void {
    const { counts, clock } = this.#options
    if (this.#record.bytes !== noBytes) counts.lagMs = Math.max(clock.wallMs() - this.#record.timeMs, 0)
    this.#record.bytes = noBytes
    this.#record.partial = undefined
    this.#reader.release()
  }

  #trim (): void {
    this.#assembler.trim()
    this.#reader.trim()
  }
}
