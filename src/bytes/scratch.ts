const keptBytes = 256 * 1024
/** Shorter runs are copied byte by byte: a native call costs more. */
const nativeCopyBytes = 64
const maxDigits = 16

/** Memory that is written from the front, grows when needed, and is used again. */
export class Scratch {
  buffer: Buffer
  end = 0

  constructor (sizeBytes = 4096) {
    this.buffer = Buffer.allocUnsafeSlow(sizeBytes)
  }

  /** Starts again at the front, and gives back the memory of a rare long line. */
  reset (): void {
    this.end = 0
    if (this.buffer.length > keptBytes) this.buffer = Buffer.allocUnsafeSlow(keptBytes)
  }

  /** Makes room for `bytes` more after `end`, keeping what is before it. */
  reserve (bytes: number): void {
    const needed = this.end + bytes
    if (needed <= this.buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2))
    this.buffer.copy(grown, 0, 0, this.end)
    this.buffer = grown
  }

  append (bytes: Uint8Array): void {
    const { length } = bytes
    this.reserve(length)
    const { buffer, end } = this
    if (length > nativeCopyBytes) buffer.set(bytes, end)
    else for (let index = 0; index < length; index++) buffer[end + index] = bytes[index] as number
    this.end = end + length
  }

  appendByte (byte: number): void {
    this.reserve(1)
    this.buffer[this.end++] = byte
  }

  /** Appends a whole number, as JSON writes it; one that is no safe integer is rounded down, and 0 when not finite. */
  appendInteger (value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
      this.#appendDigits(Math.floor(value))
    } else {
      this.append(Buffer.from(String(Number.isFinite(value) ? BigInt(Math.floor(value)) : 0)))
    }
  }

  #appendDigits (value: number): void {
    this.reserve(maxDigits)
    // Two halves, so that the divisions are those of small integers.
    const upper = Math.floor(value / 1e8)
    const lower = value - upper * 1e8
    if (upper === 0) {
      this.#appendSmall(lower, digitCount(lower))
      return
    }
    this.#appendSmall(upper, digitCount(upper))
    this.#appendSmall(lower, 8)
  }

  #appendSmall (value: number, digits: number): void {
    const { buffer, end } = this
    let rest = value | 0
    for (let position = end + digits - 1; position >= end; position--) {
      const tens = (rest / 10) | 0
      buffer[position] = 0x30 + rest - tens * 10
      rest = tens
    }
    this.end = end + digits
  }
}

function digitCount (value: number): number {
  let count = 1
  for (let limit = 10; value >= limit; limit *= 10) count++
  return count
}
