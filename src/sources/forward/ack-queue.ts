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
  #turn: Buffer[] = []
  #tail: Promise<void> = Promise.resolve()
  #waitingCount = 0
  #isBroken = false

  constructor (options: AckQueueOptions) {
    this.#options = options
  }

  /** Chunks that have not been answered. */
  get waitingCount (): number {
    return this.#waitingCount
  }

  /** Asks for an ack of the records accepted so far. The chunk's id, a msgpack item, is `bytes[start, end)`. */
  add (bytes: Buffer, start: number, end: number): void {
    this.#turn.push(Buffer.concat([ackHead, bytes.subarray(start, end)]))
    this.#waitingCount++
  }

  /** Ends the turn: what was added is answered when the spool has it. */
  flush (): void {
    const acks = this.#turn
    if (acks.length === 0) return
    this.#turn = []
    this.#answer(acks, this.#options.stored().catch(() => false))
  }

  /** Withholds the ack of a chunk of which not every record was accepted. */
  withhold (): void {
    this.flush()
    this.#waitingCount++
    this.#answer([Buffer.alloc(0)], Promise.resolve(false))
  }

  /** Resolves when everything flushed so far is answered or withheld. */
  get settled (): Promise<void> {
    return this.#tail
  }

  #answer (acks: readonly Buffer[], stored: Promise<boolean>): void {
    const before = this.#tail
    this.#tail = this.#answerAfter(before, acks, stored)
  }

  async #answerAfter (before: Promise<void>, acks: readonly Buffer[], stored: Promise<boolean>): Promise<void> {
    await before
    const isStored = await stored
    this.#waitingCount -= acks.length
    if (isStored && !this.#isBroken) {
      this.#options.sent.value += acks.length
      this.#options.write(Buffer.concat(acks))
    } else {
      this.#isBroken = true
      this.#options.withheld.value += acks.length
      this.#options.onWithheld()
    }
  }
}
