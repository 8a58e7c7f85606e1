/** Those who wait for something to be done: each is told when it is, or that it has failed. */
export class Waits {
  #waiting: { readonly isDone: () => boolean, readonly resolve: (isDone: boolean) => void }[] = []

  get count (): number { return this.#waiting.length }

  /** Resolves with true when an `answer` finds that it is done, with false at one after a failure. Calls `begin`. */
  add (isDone: () => boolean, begin: () => void): Promise<boolean> {
    return new Promise(resolve => {
      this.#waiting.push({ isDone, resolve })
      begin()
    })
  }

  /** Ends the waits for what is done; after a failure, all of them. */
  answer (hasFailed: boolean): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const one of waiting) {
      const isDone = one.isDone()
      if (isDone || hasFailed) one.resolve(isDone)
      else this.#waiting.push(one)
    }
  }
}

// Tested in test/spool/open-segment.test.ts
