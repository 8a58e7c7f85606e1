const keptBytes = 256 * 1024

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
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.end)
    this.end += bytes.length
  }
}
