/** As much as one read brings at most: a read that is full says that there is more. Source: libuv's `alloc_cb` hint. */
export const fullReadBytes = 65_536
/**
 * As much as may gather in the kernel during a pause, by the sender's pace so far. A unix socket holds about 90 lines
 * of 600 bytes that were written one by one, since each is charged with its overhead (`net.core.wmem_default`,
 * 212,992): far below that, so that the sender never waits for us.
 */
const gatherBytes = 16_384

/**
 * Says how long to leave a socket alone after a read, so that a reader does not wake for every line.
 *
 * The pause shrinks with the sender's pace and ends with it: a sender that would fill the socket during the pause is
 * read at once.
 */
export class Pacing {
  readonly #maxPauseMs: number
  /** Pace is measured over windows as long as the longest pause. */
  #windowStartMs: number
  #windowBytes = 0
  #lastBytesPerMs = 0

  constructor (maxPauseMs: number, nowMs: number) {
    this.#maxPauseMs = maxPauseMs
    this.#windowStartMs = nowMs
  }

  /** Whole ms to pause after a read of `bytes`; 0 for none. */
  pauseMs (bytes: number, nowMs: number): number {
    const elapsedMs = nowMs - this.#windowStartMs
    // Wall time may step back; a new window begins then as well.
    if (elapsedMs >= this.#maxPauseMs || elapsedMs < 0) {
      this.#lastBytesPerMs = elapsedMs > 0 ? (this.#windowBytes + bytes) / elapsedMs : 0
      this.#windowStartMs = nowMs
      this.#windowBytes = 0
    } else {
      this.#windowBytes += bytes
    }
    if (this.#maxPauseMs === 0 || bytes >= fullReadBytes) return 0
    // What came in a window that is not over yet is its least pace.
    const bytesPerMs = Math.max(this.#lastBytesPerMs, this.#windowBytes / this.#maxPauseMs)
    return Math.floor(Math.min(this.#maxPauseMs, gatherBytes / Math.max(bytesPerMs, 1)))
  }
}
