import { crc32 } from 'node:zlib'
import { SegmentCopy, type CopyBudget } from './segment-copy.ts'
import type { Slab, SlabPool } from './slab-pool.ts'

const newline = 0x0A

/** Bytes that wait before they are written without waiting for the flush. */
const eagerWriteBytes = 262_144

/**
 * The lines of one segment on their way to its file: what was accepted, and how much of that the file holds.
 *
 * Lines go on being appended while a write is under way: to memory behind what it was given.
 */
export class WriteBuffer {
  readonly #pool: SlabPool
  /** Of what was written. */
  readonly copy: SegmentCopy
  records = 0
  acceptedBytes = 0
  writtenBytes = 0
  /** Of what was written. */
  crc32 = 0
  /** Of the whole lines of that. */
  #linesCrc32 = 0
  /** What `crc32` becomes when all is written that `parts` gave last; 0 bytes: it is not known. */
  #givenCrc32 = 0
  #givenBytes = 0
  /** Of what was accepted, as far as the slabs are summed. */
  #summedCrc32 = 0
  readonly #slabs: Slab[] = []
  /** The last of `#slabs`, if lines can be added to it. */
  #tail: Slab | undefined

  constructor (pool: SlabPool, copies: CopyBudget) {
    this.#pool = pool
    this.copy = new SegmentCopy(copies)
  }

  get waitingBytes (): number { return this.acceptedBytes - this.writtenBytes }
  get isEager (): boolean { return this.waitingBytes >= eagerWriteBytes }
  /** That the file holds whole. */
  get writtenRecords (): number { return this.records - this.#unwrittenRecords() }
  /** Of the line in the middle of which the file ends. */
  get tornBytes (): number { return this.#slabs[0] === undefined ? 0 : tornBytes(this.#slabs[0]) }

  /** Whether something is to be written now: all of it, what is before `targetBytes`, or what is much. */
  isWanted (targetBytes: number, isAll: boolean): boolean {
    return this.waitingBytes > 0 && (isAll || this.writtenBytes < targetBytes || this.isEager)
  }

  /** True when there is memory for a line of `bytes`, its newline included. */
  hasRoom (bytes: number): boolean {
    const tail = this.#tail
    return (tail !== undefined && tail.filledBytes + bytes <= tail.memory.length) || this.#pool.canTake(bytes)
  }

  /** Copies `bytes[start, end)` and a newline, whatever `hasRoom` says. */
  append (bytes: Buffer, start: number, end: number): void {
    const lineBytes = end - start + 1
    let slab = this.#tail
    if (slab === undefined || slab.filledBytes + lineBytes > slab.memory.length) {
      slab = this.#add(lineBytes)
    }
    const newlineAt = slab.filledBytes + lineBytes - 1
    bytes.copy(slab.memory, slab.filledBytes, start, end)
    slab.memory[newlineAt] = newline
    slab.filledBytes = newlineAt + 1
    this.acceptedBytes += lineBytes
    this.records++
  }

  /** As `append`, for `count` lines in a row, each with its newline already. */
  appendLines (bytes: Buffer, start: number, end: number, count: number): void {
    for (let from = start; from < end;) {
      const slab = this.#tail ?? this.#add(bytes.indexOf(newline, from) + 1 - from)
      const roomBytes = slab.memory.length - slab.filledBytes
      // A slab holds whole lines: `restart` finds its own lines in it.
      const to = end - from <= roomBytes ? end : linesEnd(bytes, from, from + roomBytes)
      if (to === from) {
        this.#tail = undefined
        continue
      }
      bytes.copy(slab.memory, slab.filledBytes, from, to)
      slab.filledBytes += to - from
      this.acceptedBytes += to - from
      from = to
    }
    this.records += count
  }

  /** What is to be written at `writtenBytes`, in order, and in the checksum; shares memory with the buffer. */
  parts (): Buffer[] {
    const parts: Buffer[] = []
    for (const { memory, writtenBytes, filledBytes } of this.#slabs) {
      if (filledBytes > writtenBytes) parts.push(memory.subarray(writtenBytes, filledBytes))
    }
    this.#sum()
    this.#givenCrc32 = this.#summedCrc32
    this.#givenBytes = this.waitingBytes
    return parts
  }

  /** The next `takenBytes` of `parts` are in the file; memory that is no longer needed goes back to the pool. */
  confirm (takenBytes: number): void {
    this.writtenBytes += takenBytes
    let leftBytes = takenBytes
    const isAll = takenBytes === this.#givenBytes
    if (isAll) this.crc32 = this.#linesCrc32 = this.#givenCrc32
    this.#givenBytes = 0
    while (leftBytes > 0) {
      const slab = this.#slabs[0]
      if (slab === undefined) throw new RangeError('more bytes were written than given')
      const bytes = Math.min(leftBytes, slab.filledBytes - slab.writtenBytes)
      // The disk has taken less than it was given.
      const from = slab.writtenBytes
      slab.writtenBytes += bytes
      this.copy.add(slab.memory, from, slab.writtenBytes)
      if (!isAll) this.#sumWritten(slab, from)
      leftBytes -= bytes
      if (slab.writtenBytes < slab.filledBytes) break
      this.#slabs.shift()
      if (this.#tail === slab) this.#tail = undefined
      this.#pool.give(slab)
    }
  }

  /** The file was cut behind its last whole line: what it had of the next one is to be written again. */
  cut (): void {
    const [slab] = this.#slabs
    const bytes = this.tornBytes
    if (slab === undefined || bytes === 0) return
    slab.writtenBytes -= bytes
    this.writtenBytes -= bytes
    this.crc32 = this.#linesCrc32
    this.#givenBytes = 0
    this.copy.drop()
  }

  /**
   * Forgets the file: every line that it does not hold whole is to be written to another one.
   *
   * @returns records that only the file holds
   */
  restart (): number {
    const allRecords = this.records
    this.acceptedBytes = 0
    for (const slab of this.#slabs) {
      slab.writtenBytes -= tornBytes(slab)
      slab.summedBytes = slab.writtenBytes
      this.acceptedBytes += slab.filledBytes - slab.writtenBytes
    }
    this.records = this.#unwrittenRecords()
    this.writtenBytes = 0
    this.crc32 = this.#linesCrc32 = this.#summedCrc32 = this.#givenBytes = 0
    this.copy.restart()
    return allRecords - this.records
  }

  /** Gives up what the file does not hold. @returns records that are not whole in the file */
  discard (): number {
    const lostRecords = this.abandon()
    for (const slab of this.#slabs.splice(0)) this.#pool.give(slab)
    this.#tail = undefined
    return lostRecords
  }

  /** As `discard`, but leaves the memory to a write that may never end. */
  abandon (): number {
    const lostRecords = this.waitingBytes > 0 ? this.#unwrittenRecords() : 0
    this.records -= lostRecords
    this.acceptedBytes = this.writtenBytes
    return lostRecords
  }

  /** A slab for a line of so many bytes. */
  #add (lineBytes: number): Slab {
    this.#sum()
    const slab = this.#pool.take(lineBytes, this.waitingBytes)
    this.#slabs.push(slab)
    this.#tail = slab
    return slab
  }

  /**
   * Adds what is not summed yet to the checksum: each slab when it is full, while the processor has it at hand, which
   * is faster than when a write begins.
   */
  #sum (): void {
    for (const slab of this.#slabs) {
      if (slab.summedBytes === slab.filledBytes) continue
      this.#summedCrc32 = crc32(slab.memory.subarray(slab.summedBytes, slab.filledBytes), this.#summedCrc32)
      slab.summedBytes = slab.filledBytes
    }
  }

  /** Adds to the checksum what the file has taken of `slab`, from `from` on. */
  #sumWritten ({ memory, writtenBytes }: Slab, from: number): void {
    const lineEnd = memory.lastIndexOf(newline, writtenBytes - 1) + 1
    if (lineEnd > from) this.crc32 = this.#linesCrc32 = crc32(memory.subarray(from, lineEnd), this.crc32)
    this.crc32 = crc32(memory.subarray(Math.max(from, lineEnd), writtenBytes), this.crc32)
  }

  #unwrittenRecords (): number {
    let records = 0
    for (const { memory, writtenBytes, filledBytes } of this.#slabs) {
      for (let at = writtenBytes; at < filledBytes; at++) if (memory[at] === newline) records++
    }
    return records
  }
}

/** Of a slab's last line that was written in part. */
function tornBytes ({ memory, writtenBytes }: Slab): number {
  return writtenBytes === 0 ? 0 : writtenBytes - (memory.lastIndexOf(newline, writtenBytes - 1) + 1)
}

/** Where the last line ends that is whole within `bytes[from, end)`; `from` where none is. */
function linesEnd (bytes: Buffer, from: number, end: number): number {
  for (let at = end - 1; at >= from; at--) if (bytes[at] === newline) return at + 1
  return from
}
