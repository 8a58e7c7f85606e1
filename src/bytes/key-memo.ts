import { ascii } from './ascii.ts'

const { quote } = ascii

/** Most keys of an object that are remembered, and the longest one, bytes. */
const maxKeys = 64
const maxKeyBytes = 64
/** So many lines in a row without a key where it was: those of another writer, who may be one of several in turns. */
const maxMisses = 2

/**
 * Remembers the keys of an object in their order, since nearly all lines of a writer have the same: a key that is where
 * it was before need not be read, looked up and judged again, but only compared.
 *
 * A memo says nothing that reading would not say: who writes lines of other keys, or in another order, has each of his
 * lines read as if there was none. Allocates nothing.
 */
export class KeyMemo {
  /** What was noted of each key, by its place. */
  readonly notes = new Int32Array(maxKeys)
  readonly #bytes = new Uint8Array(maxKeys * maxKeyBytes)
  /** Undefined keys have the length of none. */
  readonly #lengths = new Int32Array(maxKeys).fill(maxKeyBytes)
  readonly #misses = new Uint8Array(maxKeys)

  /** Index of the quote behind the key that begins at `from`, if it is the one that was at this place; else -1. */
  endOf (bytes: Uint8Array, from: number, last: number, place: number): number {
    if (place >= maxKeys) return -1
    const length = this.#lengths[place] as number
    const end = from + length
    if (end > last || bytes[end] !== quote) return -1
    const known = this.#bytes
    const shift = place * maxKeyBytes - from
    for (let index = from; index < end; index++) if (known[index + shift] !== bytes[index]) return -1
    this.#misses[place] = 0
    return end
  }

  /** Remembers the key `bytes[from, end)` at its place, unless another one has been there just before. */
  learn (bytes: Uint8Array, from: number, end: number, place: number, note: number): void {
    if (place >= maxKeys || end - from >= maxKeyBytes) return
    const misses = (this.#misses[place] as number) + 1
    this.#misses[place] = misses
    if (misses < maxMisses) return
    this.#misses[place] = 0
    this.#lengths[place] = end - from
    this.notes[place] = note
    const shift = place * maxKeyBytes - from
    for (let index = from; index < end; index++) this.#bytes[index + shift] = bytes[index] as number
  }
}

// Tested in test/bytes/json-walker.test.ts
