import { unfinishedBytes } from '../bytes/character-cut.ts'
import { linePart, type LinePart } from '../contracts/record.ts'
import { Scratch } from '../bytes/scratch.ts'
import type { Counter } from '../telemetry/ledger.ts'

const newline = 0x0A
const nothing: Buffer = Buffer.alloc(0)

/**
 * Cuts bytes into lines, whatever the chunks they come in. A line is what stands before a newline, any bytes. One that
 * is longer than `maxLineBytes` ends there, between two characters, not within a number or a word, and goes on as the
 * next; such lines are counted.
 */
export class LineCutter {
  /**
   * The line found last is `bytes[start, end)`, without its newline: a view of the chunk, or of memory of the cutter's
   * own where the line began in an earlier chunk. It holds until the next call.
   */
  bytes = nothing
  start = 0
  end = 0
  /** Which part of its line it is. */
  part: LinePart = linePart.whole
  readonly #maxLineBytes: number
  readonly #cutLines: Counter
  #chunk = nothing
  #at = 0
  /** The first newline from `#at` on, or the chunk's length; looked for again once `#at` is behind it. */
  #newlineAt = -1
  /** What earlier chunks held of the line. */
  readonly #head = new Scratch()
  #isHeadGiven = false
  /** The beginning of a character, a number or a word that goes before what comes next. */
  #carried = nothing
  /** The line's beginning was found as a line before. */
  #isCut = false

  constructor (maxLineBytes: number, cutLines: Counter) {
    this.#maxLineBytes = maxLineBytes
    this.#cutLines = cutLines
  }

  /** Goes on with `chunk`. Called when `next` has returned false. */
  feed (chunk: Buffer): void {
    this.#chunk = chunk
    this.#at = 0
    this.#newlineAt = -1
  }

  /** Finds the next line. @returns false when the chunk holds no more; what follows its last newline is kept */
  next (): boolean {
    this.#forgetGiven()
    const at = this.#at
    const { length } = this.#chunk
    if (at === length) return false
    if (this.#newlineAt < at) {
      const found = this.#chunk.indexOf(newline, at)
      this.#newlineAt = found < 0 ? length : found
    }
    const roomBytes = this.#maxLineBytes - this.#head.end
    if (this.#newlineAt - at > roomBytes) {
      this.part = this.#isCut ? linePart.middle : linePart.first
      if (!this.#isCut) this.#cutLines.value++
      this.#isCut = true
      this.#giveCut(at, at + roomBytes)
      return true
    }
    if (this.#newlineAt === length) {
      this.#head.append(this.#chunk.subarray(at))
      this.#at = length
      return false
    }
    this.#endLine()
    this.#at = this.#newlineAt + 1
    this.#give(at, this.#newlineAt)
    return true
  }

  /** Finds what stands behind the last newline, which is a line too. @returns false when nothing does */
  last (): boolean {
    this.#forgetGiven()
    if (this.#head.end === 0) return false
    this.#endLine()
    this.#give(0, 0)
    return true
  }

  #endLine (): void {
    this.part = this.#isCut ? linePart.last : linePart.whole
    this.#isCut = false
  }

  /** Gives what fits, but for the beginning of a character, a number or a word: that is for the next part. */
  #giveCut (start: number, end: number): void {
    this.#give(start, end)
    const count = unfinishedBytes(this.bytes, this.start, this.end)
    // A limit that is less than a character leaves no choice.
    const kept = count < this.end - this.start ? count : 0
    this.end -= kept
    if (kept <= end - start) {
      this.#at = end - kept
      return
    }
    this.#at = end
    this.#carried = Buffer.from(this.bytes.subarray(this.end, this.end + kept))
  }

  #give (start: number, end: number): void {
    if (this.#head.end === 0) {
      this.bytes = this.#chunk
      this.start = start
      this.end = end
      return
    }
    this.#head.append(this.#chunk.subarray(start, end))
    this.#isHeadGiven = true
    this.bytes = this.#head.buffer
    this.start = 0
    this.end = this.#head.end
  }

  #forgetGiven (): void {
    if (!this.#isHeadGiven) return
    this.#isHeadGiven = false
    this.#head.reset()
    this.#head.append(this.#carried)
    this.#carried = nothing
  }
}
