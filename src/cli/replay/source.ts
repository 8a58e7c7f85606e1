import { aborted, systemClock } from '../../contracts/clock.ts'
import type { Acceptor, Source } from '../../contracts/source.ts'
import type { InputEnd } from '../../sources/stdin.ts'
import { readInputs, type ReadOptions } from './read-inputs.ts'
import type { SpoolState } from './rollback.ts'

export interface ReplaySourceOptions extends Omit<ReadOptions, 'take' | 'signal'> {
  readonly room: Pick<Acceptor, 'isFull' | 'whenWritable' | 'stored'>
  /** Rejects when what is read is another's by now. */
  readonly confirm: () => Promise<void>
  /** How the spool is now. */
  readonly spoolState: () => Promise<SpoolState>
}

const retryPauseMs = 200

/** Reads the inputs, one after the other. Each piece is in the spool before it is remembered as sent. */
export class ReplaySource implements Source {
  readonly name = 'replay'
  readonly #options: ReplaySourceOptions
  readonly #ended = Promise.withResolvers<InputEnd>()
  readonly #stop = new AbortController()
  #isOpen = false

  constructor (options: ReplaySourceOptions) {
    this.#options = options
  }

  get isOpen (): boolean { return this.#isOpen }
  get ended (): Promise<InputEnd> { return this.#ended.promise }

  async start (): Promise<void> {
    this.#isOpen = true
    void this.#readAll()
  }

  /** Ends behind the piece that is being read. */
  async drain (): Promise<void> {
    this.#stop.abort()
    if (this.#isOpen) await this.ended
  }

  async #readAll (): Promise<void> {
    const { sent, room, confirm, spoolState } = this.#options
    const { signal } = this.#stop
    await readInputs({
      ...this.#options,
      signal,
      take: async (handOver, input, rest) => {
        await confirm()
        await sent.begin(await spoolState())
        const isReadable = handOver()
        // A write that failed is tried again by the spool, for as long as it takes; the stop ends this wait.
        while (!await room.stored() && !signal.aborted) await systemClock.sleep(retryPauseMs, signal)
        if (signal.aborted && !await room.stored()) return
        await rest.stored()
        // Lines without a record stay in front of the cursor: who takes the spool over may repeat, and loses nothing.
        if (isReadable) await input.settle?.(rest.taken.bytes, rest.taken.lines)
        // Ended by the spool, when there is room or it closes.
        while (room.isFull && !signal.aborted) await Promise.race([room.whenWritable(), aborted(signal)])
      },
    })
    this.#isOpen = false
    this.#ended.resolve(signal.aborted ? 'stop' : 'end of input')
  }
}

// Tested in test/e2e/replay.test.ts
