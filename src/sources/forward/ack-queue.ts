import type { Counter } from '../../telemetry/ledger.ts'

export interface AckQueueOptions {
  /** Writes acks to the sender. */
  readonly write: (acks: Buffer) => void
  /** Called when an ack is withheld: the sender must notice, so that it sends again. Later acks are withheld too. */
  readonly onWithheld: () => void
  /** Says whether what was accepted so far is safe. */
  readonly stored: () => Promise<boolean>
  readonly sent: Counter
  readonly withheld: Counter
}

/** Chunks, and bytes of their acks, that wait: after so many of them no more is read. */
const maxWaitingCount = 256
const maxWaitingBytes = 16 * 1024

const noBytes = Buffer.alloc(0)
/** Enough for the ack of one chunk, as most senders ask for. */
const leastTurnBytes = 64

/** `{"ack": …}` up to its value. */
const ackHead = Buffer.from([0x81, 0xa3, 0x61, 0x63, 0x6b])

/**
 * Answers the chunks of one connection in the order in which they came, each when its records are safe.
 *
 * Chunks that came in one turn of reading share one flush of the spool.
 *
 * Source: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#response
 */
export class AckQueue {
  readonly #options: AckQueueOptions
  /** The acks of this turn, one behind the other: a Buffer each would take more memory than what is in it. */
  #turn: Buffer = noBytes
  #turnBytes = 0
  #turnCount = 0
  #tail: Promise<void> = Promise.resolve()
  #waitingCount = 0
  #waitingBytes = 0
  #isBroken = false

  constructor (options: AckQueueOptions) {
    this.#options = options
  }

  /** Chunks that have not been answered. */
  get waitingCount (): number {
    return this.#waitingCount
  }

  /** So many wait that their sender should. */
  get isFull (): boolean {
    return this.#waitingCount >= maxWaitingCount || this.#waitingBytes >= maxWaitingBytes
  }

  /** Asks for an ack of the records accepted so far. The chunk's id, a msgpack item, is `bytes[start, end)`. */
  add (bytes: Buffer, start: number, end: number): void {
    const length = ackHead.length + end - start
    if (this.#turnBytes + length > this.#turn.length) this.#grow(length)
    ackHead.copy(this.#turn, this.#turnBytes)
    bytes.copy(this.#turn, this.#turnBytes + ackHead.length, start, end)
    this.#turnBytes += length
    this.#turnCount++
    this.#waitingBytes += length
    this.#waitingCount++
  }

  /** Ends the turn: what was added is answered when the spool has it. */
  flush (): void {
    if (this.#turnCount === 0) return
    const acks = this.#turn.subarray(0, this.#turnBytes)
    const count = this.#turnCount
    this.#turn = noBytes
    this.#turnBytes = this.#turnCount = 0
    this.#answer(acks, count, this.#options.stored().catch(() => false))
  }

  /** Withholds the ack of a chunk of which not every record was accepted. */
  withhold (): void {
    this.flush()
    this.#waitingCount++
    this.#answer(noBytes, 1, Promise.resolve(false))
  }

  /** Resolves when everything flushed so far is answered or withheld. */
  get settled (): Promise<void> {
    return this.#tail
  }

  #grow (bytes: number): void {
    const grown = Buffer.allocUnsafe(Math.max(leastTurnBytes, this.#turn.length * 2, this.#turnBytes + bytes))
    this.#turn.copy(grown, 0, 0, this.#turnBytes)
    this.#turn = grown
  }

  #answer (acks: Buffer, count: number, stored: Promise<boolean>): void {
    const before = this.#tail
    this.#tail = this.#answerAfter(before, acks, count, stored)
  }

  async #answerAfter (before: Promise<void>, acks: Buffer, count: number, stored: Promise<boolean>): Promise<void> {
    await before
    const isStored = await stored
    this.#waitingCount -= count
    this.#waitingBytes -= acks.length
    if (isStored && !this.#isBroken) {
      this.#options.sent.value += count
      this.#options.write(acks)
    } else {
      this.#isBroken = true
      this.#options.withheld.value += count
      this.#options.onWithheld()
    }
  }
}
