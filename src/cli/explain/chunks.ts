import type { Readable } from 'node:stream'

/** The bytes of an input, of which the first can be looked at beforehand. What fails on the way is an end. */
export class Chunks {
  /** What the system said when reading failed. */
  failure: string | undefined
  readonly #input: AsyncIterator<Buffer>
  readonly #signal: AbortSignal
  readonly #peeked: Buffer[] = []

  /** @param signal aborts when nobody wants more: the input is closed, even while it is waited for */
  constructor (input: Readable, signal: AbortSignal) {
    this.#input = (input as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
    this.#signal = signal
    signal.addEventListener('abort', () => input.destroy(), { once: true })
  }

  /** The first bytes; none when there are none at all. */
  async peek (): Promise<Buffer> {
    const first = await this.#next()
    if (first !== undefined) this.#peeked.push(first)
    return first ?? Buffer.alloc(0)
  }

  /** Everything, also what was looked at. Called once. */
  async * rest (): AsyncGenerator<Buffer, void, void> {
    yield * this.#peeked.splice(0)
    for (let chunk = await this.#next(); chunk !== undefined; chunk = await this.#next()) yield chunk
  }

  async #next (): Promise<Buffer | undefined> {
    if (this.#signal.aborted) return undefined
    try {
      const { done, value } = await this.#input.next()
      return done === true ? undefined : value
    } catch (error) {
      // Closing it early is an error to the iterator, not to us.
      if (!this.#signal.aborted) this.failure = (error as Error).message
      return undefined
    }
  }
}
