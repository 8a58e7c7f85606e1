import { Scratch } from '../../bytes/scratch.ts'
import { unfinishedBytes } from '../../bytes/character-cut.ts'
import { linePart, nextCutLine, type LogRecord } from '../../contracts/record.ts'
import type { Counter } from '../../telemetry/ledger.ts'
import { found, type Found } from './found.ts'
import type { MemoryShare } from './frame-memory.ts'
import { RecordJson } from './record-json.ts'

const noBytes = Buffer.alloc(0)
/** One for all connections: what is in it is handed over before anybody else writes. */
const scratch = new Scratch()

/**
 * Gives lines that take long to make or to process in parts: one that is too long as records of `maxBytes` at most, and
 * the JSON of a record without a line, which is made step by step.
 */
export class LineParts {
  /** `next` has more to give. */
  hasMore = false

  readonly #maxBytes: number
  readonly #memory: MemoryShare
  readonly #linesCut: Counter
  readonly #json = new RecordJson()
  /** What is still to be given is `#bytes[#start, #end)`, and what `#json` will write. */
  #bytes: Buffer = noBytes
  #start = 0
  #end = 0
  #isWritten = true
  /** As much of `#bytes` as is memory of its own. */
  #heldBytes = 0
  #isCut = false
  #cutLine = 0

  constructor (maxBytes: number, memory: MemoryShare, linesCut: Counter) {
    this.#maxBytes = maxBytes
    this.#memory = memory
    this.#linesCut = linesCut
  }

  /** Begins with the line of `record`, or with the JSON of the map that it shows if it is structured. */
  begin (record: LogRecord): void {
    const { bytes, start, end, isStructured } = record
    this.hasMore = true
    this.#isCut = false
    this.#isWritten = !isStructured
    if (isStructured) this.#json.begin(bytes, start)
    this.#bytes = isStructured ? noBytes : bytes
    this.#start = isStructured ? 0 : start
    this.#end = isStructured ? 0 : end
    // What is as long as this is no piece that Docker cut.
    record.partial = undefined
  }

  /**
   * Sets `record` to the next part, if it is made already.
   *
   * @throws SluiceError `ERR_FRAME` if there is no memory to make it
   */
  next (record: LogRecord): Found {
    if (!this.#isWritten) this.#write()
    const isLast = this.#end - this.#start <= this.#maxBytes
    if (isLast && !this.#isWritten) return found.nothingYet
    if (isLast) record.part = this.#isCut ? linePart.last : linePart.whole
    else record.part = this.#isCut ? linePart.middle : linePart.first
    if (!isLast && !this.#isCut) {
      this.#linesCut.value++
      this.#cutLine = nextCutLine()
    }
    if (!isLast) this.#isCut = true
    record.cutLine = this.#cutLine
    record.bytes = this.#bytes
    record.start = this.#start
    record.end = isLast ? this.#end : partEnd(this.#bytes, this.#start, this.#maxBytes)
    this.#start = record.end
    if (isLast) this.#finish()
    return found.record
  }

  #write (): void {
    scratch.reset()
    this.#isWritten = this.#json.write(scratch)
    if (this.#isWritten && this.#heldBytes === 0 && scratch.end <= this.#maxBytes) {
      this.#bytes = scratch.buffer
      this.#end = scratch.end
      return
    }
    if (this.#end + scratch.end > this.#heldBytes) this.#makeRoom(scratch.end)
    this.#end += scratch.buffer.copy(this.#bytes, this.#end, 0, scratch.end)
  }

  /** Moves what is still to be given to the front, of larger memory if need be. */
  #makeRoom (bytes: number): void {
    const keptBytes = this.#end - this.#start
    let target = this.#bytes
    if (keptBytes + bytes > this.#heldBytes) {
      const grownBytes = Math.max(keptBytes + bytes, this.#heldBytes * 2)
      this.#memory.take(grownBytes - this.#heldBytes)
      this.#heldBytes = grownBytes
      target = Buffer.allocUnsafeSlow(grownBytes)
    }
    this.#bytes.copy(target, 0, this.#start, this.#end)
    this.#bytes = target
    this.#start = 0
    this.#end = keptBytes
  }

  #finish (): void {
    this.hasMore = false
    this.#bytes = noBytes
    this.#memory.give(this.#heldBytes)
    this.#heldBytes = 0
  }
}

/** Where a part ends that begins at `start`, of a line that is longer: not within a character or a number. */
function partEnd (bytes: Buffer, start: number, maxBytes: number): number {
  const kept = unfinishedBytes(bytes, start, start + maxBytes)
  // A limit that is less than a character leaves no choice.
  return start + maxBytes - (kept < maxBytes ? kept : 0)
}

// Tested in test/sources/forward/record-json.test.ts
