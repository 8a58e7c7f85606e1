import type { MemoryShare } from './frame-memory.ts'
import { FrameScanner, incomplete } from './frame-scanner.ts'
import type { ForwardLimits } from './limits.ts'

const noBytes = Buffer.alloc(0)
const nil = 0xc0
/** Least memory for an unfinished frame, bytes; and how much of it a connection keeps for the next. */
const minCarryBytes = 2048
const keptCarryBytes = 1024 * 1024

/**
 * Puts the pieces that a socket gives back into whole frames, in order; nil heartbeats between frames are passed over.
 * Entries, which are arrays as well, are put together the same way, without heartbeats.
 *
 * A frame that lies within one piece is handed out where it lies; only an unfinished one is copied.
 */
export class FrameAssembler {
  /** The frame found last is `bytes[start, end)`, valid until the next call of `next` or `feed`. */
  bytes: Buffer = noBytes
  start = 0
  end = 0

  readonly #scanner: FrameScanner
  readonly #maxFrameBytes: number
  readonly #memory: MemoryShare
  readonly #hasHeartbeats: boolean
  #chunk: Buffer = noBytes
  /** What is before this offset of the chunk has been handed out or copied. */
  #at = 0
  /** Where the current frame began, as an offset of the chunk: negative when it began in an earlier one. */
  #frameAt = 0
  /** Bytes fed before the chunk. */
  #earlierBytes = 0
  #carry: Buffer = noBytes
  #carryBytes = 0
  /** The frame handed out last lies in what was kept. */
  #isCarryInUse = false

  constructor (limits: ForwardLimits, memory: MemoryShare, hasHeartbeats = true) {
    this.#scanner = new FrameScanner(limits)
    this.#maxFrameBytes = limits.maxFrameBytes
    this.#memory = memory
    this.#hasHeartbeats = hasHeartbeats
  }

  /** True while part of a frame waits for the rest. */
  get isWithinFrame (): boolean {
    return this.#carryBytes > 0
  }

  /** How much of an unfinished frame has come. */
  get unfinishedBytes (): number {
    return this.#carryBytes
  }

  /** Where the current frame begins, in bytes since the connection was opened. */
  get frameOffsetBytes (): number {
    return this.#earlierBytes + this.#frameAt
  }

  /** Where the next frame begins in the piece that was fed; -1 where it began in an earlier one. */
  get nextAt (): number { return this.#carryBytes > 0 ? -1 : this.#at }
  /** The piece that was fed. */
  get chunk (): Buffer { return this.#chunk }

  /** Frames up to `at` of the piece were taken by somebody else. */
  pass (at: number): void {
    this.#frameAt = this.#at = at
  }

  /** Takes the next piece. Called when `next` has said that there is no more in the one before. */
  feed (chunk: Buffer): void {
    this.#chunk = chunk
  }

  /**
   * Goes to the next whole frame; false when the rest of it has not come: what there is of it is kept, and the piece
   * that was fed is let go.
   *
   * @throws SluiceError `ERR_FRAME`
   */
  next (): boolean {
    this.#letGo()
    return (this.#carryBytes > 0 ? this.#nextFromCarry() : this.#nextInChunk()) || this.#finishChunk()
  }

  /** Gives the memory of an unfinished frame back. Safe twice. */
  dispose (): void {
    this.#memory.give(this.#carry.length)
    this.#carry = noBytes
    this.#carryBytes = 0
    this.#isCarryInUse = false
  }

  /** Gives back memory that is kept for the next unfinished frame. */
  trim (): void {
    if (this.#carryBytes === 0 && !this.#isCarryInUse) this.dispose()
  }

  /** Ends the use of what was handed out. */
  #letGo (): void {
    if (!this.#isCarryInUse) return
    this.#isCarryInUse = false
    if (!this.#mayKeepCarry()) this.dispose()
  }

  #finishChunk (): false {
    this.#earlierBytes += this.#chunk.length
    this.#frameAt -= this.#chunk.length
    this.#chunk = this.bytes = noBytes
    this.#at = 0
    return false
  }

  #nextInChunk (): boolean {
    const chunk = this.#chunk
    if (this.#hasHeartbeats) while (this.#at < chunk.length && chunk[this.#at] === nil) this.#at++
    if (this.#at === chunk.length) return false
    this.#frameAt = this.#at
    const end = this.#scanner.scan(chunk, this.#at, chunk.length)
    if (end === incomplete) {
      this.#keep(chunk.length)
      return false
    }
    this.bytes = chunk
    this.start = this.#at
    this.end = this.#at = end
    return true
  }

  #nextFromCarry (): boolean {
    const chunk = this.#chunk
    // Little at first, because the frame's end is usually near and what follows it is then read in place.
    let stepBytes = 256
    while (this.#at < chunk.length) {
      const knownBytes = this.#scanner.walkedBytes - this.#carryBytes
      this.#keep(Math.min(chunk.length, this.#at + Math.max(stepBytes, knownBytes)))
      stepBytes *= 2
      const end = this.#scanner.scan(this.#carry, 0, this.#carryBytes)
      if (end === incomplete) continue
      this.#at -= this.#carryBytes - end
      this.bytes = this.#carry
      this.start = 0
      this.end = end
      this.#carryBytes = 0
      this.#isCarryInUse = true
      return true
    }
    return false
  }

  /** Large frames come in rows and new memory is dear; but when many connections keep some, it is given back. */
  #mayKeepCarry (): boolean {
    return this.#carry.length <= keptCarryBytes && (this.#memory.isRoomy || this.#carry.length <= minCarryBytes)
  }

  /** Copies the chunk up to `end` behind what was kept before. */
  #keep (end: number): void {
    const neededBytes = this.#carryBytes + end - this.#at
    if (neededBytes > this.#carry.length) this.#grow(neededBytes)
    this.#carryBytes += this.#chunk.copy(this.#carry, this.#carryBytes, this.#at, end)
    this.#at = end
  }

  #grow (neededBytes: number): void {
    const doubledBytes = Math.min(this.#carry.length * 2, this.#maxFrameBytes)
    const grownBytes = Math.max(neededBytes, doubledBytes, minCarryBytes)
    this.#memory.take(grownBytes - this.#carry.length)
    // Not from Node's pool: this memory is kept for long.
    const grown = Buffer.allocUnsafeSlow(grownBytes)
    this.#carry.copy(grown, 0, 0, this.#carryBytes)
    this.#carry = grown
  }
}
