import type { Readable } from 'node:stream'

/**
 * Keeps a socket from reading on for a while. By itself it reads a piece ahead as soon as one is taken: 64 KiB more of
 * memory for each sender that sends all it can.
 *
 * It stands before `_read`, the method that a stream calls on itself when it wants more, and which may answer late.
 */
export class ReadHold {
  readonly #read: () => void
  #isHeld = false
  #isWanted = false

  constructor (stream: Readable) {
    const read = stream._read.bind(stream)
    this.#read = () => read(0)
    stream._read = () => {
      if (this.#isHeld) this.#isWanted = true
      else this.#read()
    }
  }

  hold (): void {
    this.#isHeld = true
  }

  release (): void {
    this.#isHeld = false
    if (this.#isWanted) this.#read()
    this.#isWanted = false
  }
}
