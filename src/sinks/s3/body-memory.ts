/** Bodies of objects are much alike in length, so that memory of whole steps fits the next one as well. */
const stepBytes = 1024 * 1024
/** Of lines that compress to a quarter or less; memory of larger bodies is not kept. */
const mostKeptBytes = 8 * stepBytes

/**
 * Memory for the bodies of objects, used again, for all routes together. Left to the garbage collector they pile up to
 * 64 MB, since lines make next to no garbage that would have it run.
 *
 * It is never freed by hand: whatever a request may still read stays memory.
 */
export class BodyMemory {
  #free: Buffer | undefined

  /** One body of all chunks, in memory that nobody else has until it is given back. */
  join (chunks: readonly Buffer[]): Buffer {
    const bytes = chunks.reduce((sum, { length }) => sum + length, 0)
    const free = this.#free
    this.#free = undefined
    const memory = free !== undefined && free.length >= bytes
      ? free
      : Buffer.allocUnsafeSlow(Math.ceil(bytes / stepBytes) * stepBytes)
    let at = 0
    for (const chunk of chunks) at += chunk.copy(memory, at)
    return memory.subarray(0, bytes)
  }

  /** Nobody reads this body any more, which `join` has made. Of two the larger is kept. */
  give (body: Buffer): void {
    const { buffer } = body
    if (buffer.byteLength > mostKeptBytes || buffer.byteLength <= (this.#free?.length ?? 0)) return
    this.#free = Buffer.from(buffer)
  }
}
