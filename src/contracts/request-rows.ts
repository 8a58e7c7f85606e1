/** Numbers of a row: bytes of the response and seconds of the request, below 0 where they are not known. */
export const rowNumbers = 3
/** Integers of a row, in the same memory, behind the numbers: method times `statusCount` and status, and the sender. */
const rowIntegers = 6
const requestAt = 4
const senderAt = 5
export const statusCount = 600

/** The requests of lines in a row, as numbers in place: an object for each would be one for each line. */
export class RequestRows {
  readonly numbers: Float64Array
  readonly integers: Int32Array

  constructor (memory: ArrayBufferLike, at: number, count: number) {
    this.numbers = new Float64Array(memory, at, count * rowNumbers)
    this.integers = new Int32Array(memory, at, count * rowIntegers)
  }

  set (row: number, request: number, responseBytes: number, seconds: number): void {
    this.numbers[row * rowNumbers] = responseBytes
    this.numbers[row * rowNumbers + 1] = seconds
    this.integers[row * rowIntegers + requestAt] = request
  }

  /** Method times `statusCount`, and the status. */
  requestOf (row: number): number {
    return this.integers[row * rowIntegers + requestAt] as number
  }

  /** Number of the sender, where lines of several stand among one another. */
  senderOf (row: number): number {
    return this.integers[row * rowIntegers + senderAt] as number
  }
}

// Tested in test/signals/request-metrics.test.ts
