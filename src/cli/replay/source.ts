import { aborted, type Clock } from '../../contracts/clock.ts'
import type { Acceptor, Source } from '../../contracts/source.ts'
import type { AcceptAgain } from '../../pipeline/again.ts'
import type { InputEnd } from '../../sources/stdin.ts'
import { piecesOf, type ReplayCounts, type ReplayInput } from './input.ts'
import { createPieceReader } from './piece.ts'
import type { Progress } from './progress.ts'
import type { SpoolState } from './rollback.ts'

export interface ReplaySourceOptions {
  readonly inputs: readonly ReplayInput[]
  readonly progress: Progress
  readonly counts: ReplayCounts
  readonly accept: AcceptAgain
  readonly room: Pick<Acceptor, 'isFull' | 'whenWritable' | 'stored'>
  readonly clock: Clock
  /** Rejects when what is read is another's by now. */
  readonly confirm: () => Promise<void>
  /** How the spool is now. */
  readonly spoolState: () => Promise<SpoolState>
}

const retryPauseMs = 200

/** Reads the inputs, one after the other. Each piece is in the spool before the progress says so. */
export class ReplaySource implements Source {
  readonly name = 'replay'
  readonly #options: ReplaySourceOptions
  readonly #ended = Promise.withResolvers<InputEnd>()
  readonly #stop = new AbortController()
  readonly #readPiece: ReturnType<typeof createPieceReader>
  #isOpen = false

  constructor (options: ReplaySourceOptions) {
    this.#options = options
    this.#readPiece = createPieceReader(options.accept, options.counts)
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
    const { inputs, counts } = this.#options
    for (const input of inputs) {
      if (this.#stop.signal.aborted) break
      try {
        await this.#read(input)
        counts.inputs++
      } catch (error) {
        counts.failed.push({ name: input.name, words: (error as Error).message })
      }
    }
    this.#isOpen = false
    this.#ended.resolve(this.#stop.signal.aborted ? 'stop' : 'end of input')
  }

  async #read (input: ReplayInput): Promise<void> {
    const { progress, room, counts, confirm, clock, spoolState } = this.#options
    const { signal } = this.#stop
    const rest = progress.restOf(() => piecesOf(input), input.deliveredBytes)
    const { unreadable } = counts
    for await (const piece of rest.pieces) {
      await confirm()
      await progress.begin(await spoolState())
      this.#readPiece(input, piece)
      // A write that failed is tried again by the spool, for as long as it takes; the stop ends this wait.
      while (!await room.stored() && !signal.aborted) await clock.sleep(retryPauseMs, signal)
      if (signal.aborted && !await room.stored()) return
      await rest.stored()
      // Lines that hold no record stay in front of the cursor: who takes the spool over may repeat, and loses nothing.
      if (counts.unreadable === unreadable) await input.settle?.(rest.taken.bytes, rest.taken.lines)
      // Ended by the spool, when there is room or it closes.
      while (room.isFull && !signal.aborted) await Promise.race([room.whenWritable(), aborted(signal)])
      if (signal.aborted) return
    }
    counts.sentBefore += rest.skippedLines
  }
}

// Tested in test/e2e/replay.test.ts
