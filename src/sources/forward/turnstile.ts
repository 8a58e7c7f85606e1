/** Lets one after another do what takes much memory or many turns of the thread pool. */
export class Turnstile {
  #last: Promise<void> = Promise.resolve()

  /** Resolves when all who came before have left; whoever entered must call the function it is given, once. */
  async enter (): Promise<() => void> {
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    return resolve
  }
}
