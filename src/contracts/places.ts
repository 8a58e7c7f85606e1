/** Numbers of one slot: where the value starts, where it ends, and the number of its key. */
const stride = 3

/**
 * Where the values of one line lie, noted in the walk that checks the line. The object is reused for the next line.
 *
 * A slot is a value that somebody asks for: "the status", under whichever of its keys the line has it.
 */
export class Places {
  /** Written by the walk, in place: an object for each value would be one for each line. */
  readonly numbers: Int32Array

  constructor (slotCount: number) {
    this.numbers = new Int32Array(slotCount * stride).fill(-1)
  }

  /** Only where a value starts tells whether it is there. A loop, since `fill` costs more on so few. */
  clear (): void {
    const { numbers } = this
    for (let at = 0; at < numbers.length; at += stride) numbers[at] = -1
  }

  set (slot: number, start: number, end: number, key: number): void {
    const at = slot * stride
    this.numbers[at] = start
    this.numbers[at + 1] = end
    this.numbers[at + 2] = key
  }

  /** Index of the first byte of the value: of text the one behind the quote. -1: the line has no such value. */
  startOf (slot: number): number {
    return this.numbers[slot * stride] as number
  }

  /** Index behind the last byte of the value: of text that of its quote. */
  endOf (slot: number): number {
    return this.numbers[slot * stride + 1] as number
  }

  /** Number of the key in the key table that was asked, -1 in a line that is not JSON. */
  keyOf (slot: number): number {
    return this.numbers[slot * stride + 2] as number
  }
}

// Tested in test/bytes/json-walker.test.ts
