import { freeMemory } from '../../bytes/free-memory.ts'
import { fullReadBytes } from './pacing.ts'

/** A unix socket holds 208 KiB, and each read of one costs as much as what is done for a few lines. */
const sharedBytes = 4 * fullReadBytes

/** Memory to read into, used again by one connection after the other: whoever finds it in use has memory of its own. */
export class ReadMemory {
  #shared: Buffer | undefined
  #isTaken = false

  take (): Buffer {
    if (this.#isTaken) return Buffer.allocUnsafeSlow(fullReadBytes)
    this.#isTaken = true
    this.#shared ??= Buffer.allocUnsafeSlow(sharedBytes)
    return this.#shared
  }

  /** No part of it is used any more. Called once for each `take`. */
  give (memory: Buffer): void {
    if (memory === this.#shared) this.#isTaken = false
    else freeMemory(memory)
  }
}

// Tested in test/sources/forward/socket-pieces.test.ts
