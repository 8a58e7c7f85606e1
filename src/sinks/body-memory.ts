/** Bodies are much alike in length, so that memory of whole steps fits the next one as well. */
const stepBytes = 1024 * 1024
/** Of lines that compress to a quarter or less; memory of larger bodies is not kept. */
const mostKeptBytes = 8 * stepBytes

/**
 * Memory for the bodies of requests, used again, for all routes of a kind together. Left to the garbage collector, each
 * few of them have it go through the whole heap, since V8 counts them as part of it.
 *
 * It is never freed by hand: whatever a request may still read stays memory.
 */
export class BodyMemory {
  #free: Buffer | undefined

  /** So many bytes, whatever is in them, that nobody else has until they are given back. */
  take (bytes: number): Buffer {
    const free = this.#free
    this.#free = undefined
    const memory = free !== undefined && free.length >= bytes
      ? free
      : Buffer.allocUnsafeSlow(Math.ceil(bytes / stepBytes) * stepBytes)
    return memory.subarray(0, bytes)
  }

  /** One body of all chunks. */
  join (chunks: readonly Buffer[]): Buffer {
    const body = this.take(chunks.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const chunk of chunks) at += chunk.copy(body, at)
    return body
  }

  /** Nobody reads this body any more, which is of `take` or `join`. Of two the larger is kept. */
  give (body: Buffer): void {
    const { buffer } = body
    if (buffer.byteLength > mostKeptBytes || buffer.byteLength <= (this.#free?.length ?? 0)) return
    this.#free = Buffer.from(buffer)
  }
}
