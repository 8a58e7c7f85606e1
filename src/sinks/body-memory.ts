/** Bodies are much alike in length, so that memory of whole steps fits the next one as well. */
const stepBytes = 256 * 1024
/** Smaller ones cost less to make than to keep. */
const leastKeptBytes = 64 * 1024
/** All that is kept. Of objects, 32 MiB of lines that compress to a quarter or less; or four batches of events. */
const mostKeptBytes = 8 * 1024 * 1024

/**
 * Memory for the bodies of requests, used again, for all routes of a kind together. Left to the garbage collector, each
 * few of them have it go through the whole heap, since V8 counts them as part of it.
 *
 * It is never freed by hand, and given back only when the system has all of it: what a request may still read stays as
 * it is.
 */
export class BodyMemory {
  /** The smallest first. */
  readonly #free: Buffer[] = []

  /** So many bytes, whatever is in them, that nobody else has until they are given back. */
  take (bytes: number): Buffer {
    if (bytes < leastKeptBytes) return Buffer.allocUnsafeSlow(bytes)
    const index = this.#free.findIndex(({ length }) => length >= bytes)
    const [memory] = index < 0 ? [] : this.#free.splice(index, 1)
    return (memory ?? Buffer.allocUnsafeSlow(Math.ceil(bytes / stepBytes) * stepBytes)).subarray(0, bytes)
  }

  /** One body of all chunks. */
  join (chunks: readonly Buffer[]): Buffer {
    const body = this.take(chunks.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const chunk of chunks) at += chunk.copy(body, at)
    return body
  }

  /** Nobody reads this body any more, which is of `take` or `join`. When there are too many, the smallest go. */
  give ({ buffer }: Buffer): void {
    const bytes = buffer.byteLength
    if (bytes < leastKeptBytes || bytes > mostKeptBytes) return
    const index = this.#free.findIndex(({ length }) => length >= bytes)
    this.#free.splice(index < 0 ? this.#free.length : index, 0, Buffer.from(buffer))
    let keptBytes = this.#free.reduce((sum, { length }) => sum + length, 0)
    while (keptBytes > mostKeptBytes) keptBytes -= this.#free.shift()?.length ?? keptBytes
  }
}
