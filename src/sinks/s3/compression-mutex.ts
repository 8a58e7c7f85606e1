import { Mutex } from '../../contracts/mutex.ts'

/**
 * Lets one compression at a time through. Those that wait hear of each of its pieces as it does itself: they have a
 * time limit too, and what goes on is no request without an answer.
 */
export class CompressionMutex {
  readonly #mutex = new Mutex()
  readonly #listeners = new Set<() => void>()

  /** Runs `compress` after those before it have ended; `onPiece` is called for its pieces, and for theirs. */
  async run<Result> (compress: (onPiece: () => void) => Promise<Result>, onPiece: () => void): Promise<Result> {
    // Each is its own, whether or not others gave the same function.
    const listener = () => onPiece()
    this.#listeners.add(listener)
    try {
      return await this.#mutex.run(() => compress(() => {
        for (const listen of this.#listeners) listen()
      }))
    } finally {
      this.#listeners.delete(listener)
    }
  }
}

// Tested in test/sinks/s3/faults.test.ts
