/** What the copies of all segments of a spool may take together; without any left, files are read. */
export interface CopyBudget { freeBytes: number }

/** Larger segments are read from their files. */
const mostBytes = 32_768
const leastBytes = 2048

export function createCopyBudget (): CopyBudget {
  return { freeBytes: 1024 * 1024 }
}

/**
 * What a small segment holds, for delivery: it need not open, read and close a file that was written a moment ago. Each
 * of these is a trip to a thread, and a segment of a few lines takes no more than seven others.
 *
 * It is only a copy. Whoever drops it makes delivery read the file.
 */
export class SegmentCopy {
  readonly #budget: CopyBudget
  /** undefined once it is dropped, or has become too large. */
  #memory: Buffer | undefined = Buffer.alloc(0)
  #bytes = 0

  constructor (budget: CopyBudget) {
    this.#budget = budget
  }

  /** All that was added, in order; undefined where that is not known. */
  get content (): Buffer | undefined {
    return this.#memory?.subarray(0, this.#bytes)
  }

  /** Takes `memory[start, end)`, which the file holds next. */
  add (memory: Buffer, start: number, end: number): void {
    if (this.#memory === undefined) return
    const from = this.#bytes
    this.#bytes += end - start
    if (this.#bytes > this.#memory.length) this.#grow(this.#memory)
    if (this.#memory !== undefined) memory.copy(this.#memory, from, start, end)
  }

  /** The file is given up, and what comes next begins another. */
  restart (): void {
    this.#bytes = 0
  }

  /** Its memory is for others. Safe twice. */
  drop (): void {
    if (this.#memory !== undefined) this.#budget.freeBytes += this.#memory.length
    this.#memory = undefined
  }

  #grow (memory: Buffer): void {
    let length = Math.max(leastBytes, memory.length)
    while (length < this.#bytes) length *= 2
    this.drop()
    if (length > mostBytes || length > this.#budget.freeBytes) return
    this.#budget.freeBytes -= length
    this.#memory = Buffer.allocUnsafeSlow(length)
    memory.copy(this.#memory)
  }
}
