/** What the event loop reads at once: a read of so much means that there is more. Source: libuv's `alloc_cb` hint. */
export const fullReadBytes = 65_536
/**
 * What a unix socket is charged with for each write besides its bytes, at most, as measured on Linux 6.18. It holds
 * 212,992 in all (`net.core.wmem_default`): 278 lines of 100 bytes that were written one by one, 167 of 690, 93 of 900.
 */
const chargePerFrame = 1100
/** So much may gather in the kernel during a pause, going by the sender's pace so far: well below what fits there. */
const gatherCharge = 95_000
/** A sender that has filled the socket this far came faster than expected: it is read again at once. */
const floodCharge = 130_000
/** Shorter pauses save nothing, ms. */
const leastPauseMs = 1

/**
 * Says how long to leave a socket alone after a read, so that a reader does not wake for every line.
 *
 * The pause shrinks with the sender's pace and ends with it: a sender that would fill the socket during the pause is
 * read at once, and so is one that nearly did. Pauses are halves of halves of the longest one, so that the ends of
 * short ones fall together with those of long ones.
 */
export class Pacing {
  readonly #maxPauseMs: number
  /** Pace is measured over windows as long as the longest pause. */
  #windowStartMs: number
  #windowCharge = 0
  #lastChargePerMs = 0

  constructor (maxPauseMs: number, nowMs: number) {
    this.#maxPauseMs = maxPauseMs
    this.#windowStartMs = nowMs
  }

  /** How long to pause after a read of `bytes`, in which so many frames ended, ms; 0 for not at all. */
  pauseMs (bytes: number, frames: number, nowMs: number): number {
    const charge = bytes + frames * chargePerFrame
    const elapsedMs = nowMs - this.#windowStartMs
    if (elapsedMs >= this.#maxPauseMs) {
      this.#lastChargePerMs = elapsedMs > 0 ? (this.#windowCharge + charge) / elapsedMs : 0
      this.#windowStartMs = nowMs
      this.#windowCharge = 0
    } else {
      this.#windowCharge += charge
    }
    if (this.#maxPauseMs === 0 || bytes >= fullReadBytes || charge > floodCharge) return 0
    // What came in a window that is not over yet is its least pace.
    const chargePerMs = Math.max(this.#lastChargePerMs, this.#windowCharge / this.#maxPauseMs)
    let pauseMs = this.#maxPauseMs
    while (pauseMs >= leastPauseMs && pauseMs * chargePerMs > gatherCharge) pauseMs /= 2
    return pauseMs >= leastPauseMs ? pauseMs : 0
  }
}
