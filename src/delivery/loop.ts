import { SluiceError } from '../contracts/errors.ts'
import type { Segment, SegmentQueue } from '../contracts/segment.ts'
import type { Batch, Cutting, Rejection, Send } from '../contracts/sink.ts'
import type { Instruments } from '../telemetry/instruments.ts'
import type { Counter } from '../telemetry/ledger.ts'
import { batchesOf } from './batcher.ts'
import { sendInHalves } from './bisect.ts'
import type { DeadLetter } from './letter-text.ts'

export interface DeliveryOptions extends Pick<Instruments, 'clock' | 'log'> {
  readonly route: string
  readonly queue: SegmentQueue
  /** The sink's `send` in its layers; it retries by itself. */
  readonly send: Send
  /** The sink's. */
  readonly cutting: Cutting | undefined
  /** Segments in flight at once. On an ordered route the queue never gives two of one container. */
  readonly concurrency: number
  readonly delivered: Counter
  readonly rejected: (reason: string) => Counter
  /** Keeps a copy of what was refused for good, before it is settled. Never rejects. */
  readonly keep: (letters: readonly DeadLetter[]) => Promise<void>
  /** A failure that sending again cannot mend, the `failures`th in a row; the next try is in `pauseMs`. */
  readonly onFailure: (error: SluiceError, failures: number, pauseMs: number) => void
  /** After so many of them the segment was delivered, or is another's to deliver, or is no more. */
  readonly onRecovery: (failures: number) => void
}

/** Pause before a segment that could not be read, or was refused as a whole, is taken again, ms. */
const brokenSegmentPauseMs = 5_000

/**
 * Empties one route's queue into its sink: take, batch, send, settle. Routes share nothing, so one that waits for its
 * destination holds up no other.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #stop = new AbortController()
  #workers: Promise<void>[] = []

  constructor (options: DeliveryOptions) {
    this.#options = options
  }

  /** Starts taking segments. Called once. */
  start (): void {
    this.#workers = Array.from({ length: this.#options.concurrency }, () => this.#work())
  }

  /**
   * Stops taking segments and aborts requests under way; their records stay in the spool. Resolves when nothing is in
   * flight: at once for requests over the network, with the disk's answer for files. Safe twice.
   */
  async stop (): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#workers)
  }

  async #work (): Promise<void> {
    const { queue, clock, onFailure, onRecovery } = this.#options
    const signal = this.#stop.signal
    let failures = 0
    let failed: Segment | undefined
    const recover = () => {
      if (failures > 0) onRecovery(failures)
      failures = 0
    }
    while (!signal.aborted) {
      let segment: Segment | undefined
      try {
        // A segment or the stop ends this wait. One that failed need not come back: another worker takes it, or the
        // spool finds it lost or gives it up for want of room. Nothing fails any more then.
        segment = await queue.take(signal, recover)
        if (segment === undefined) return
        if (segment !== failed) recover()
        await this.#deliver(segment)
        recover()
      } catch (error) {
        if (segment !== undefined) this.#release(segment)
        if (signal.aborted) return
        failed = segment
        onFailure(this.#failureOf(error, segment, failures), ++failures, brokenSegmentPauseMs)
        await clock.sleep(brokenSegmentPauseMs, signal)
      }
    }
  }

  /** What is no failure of ours is a bug, and told with its stack: the first in a row. */
  #failureOf (error: unknown, segment: Segment | undefined, failures: number): SluiceError {
    if (error instanceof SluiceError) return error
    const { log, route } = this.#options
    if (failures === 0) log.error({ route, segment: segment?.id, error }, 'segment not delivered: please report it')
    return new SluiceError('ERR_SINK_UNAVAILABLE', `a bug of Sluice, its log says which: ${(error as Error).message}`,
      { reason: 'bug', cause: error })
  }

  /** A bug here must not end the loop: the route would deliver nothing more until the process starts again. */
  #release (segment: Segment): void {
    const { queue, log, route } = this.#options
    try {
      queue.release(segment)
    } catch (error) {
      log.error({ route, segment: segment.id, error }, 'segment could not be given back')
    }
  }

  async #deliver (segment: Segment): Promise<void> {
    const { queue, send, cutting, delivered, rejected, keep } = this.#options
    // The waits here are ended by the layers of `send`, and by the disk for all else: a disk that hangs holds up the
    // segments of this route that lie on it, and no request to elsewhere.
    for await (const whole of batchesOf(segment, cutting)) {
      for await (const { batch, rejections } of sendInHalves(send, whole, this.#stop.signal)) {
        if (rejections.length > 0) await keep(lettersOf(batch, rejections))
        // Pending falls in the same turn in which its end is counted, so the ledger balances between any two turns.
        const settled = queue.settle(segment, batch.endByte - batch.startByte, batch.records)
        delivered.value += batch.records - rejections.length
        for (const { reason } of rejections) rejected(reason).value++
        await settled
      }
    }
  }
}

function lettersOf (batch: Batch, rejections: readonly Rejection[]): DeadLetter[] {
  const lines = batch.lines?.toString().split('\n') ?? []
  return rejections.map(({ index, reason }) => ({ line: lines[index] ?? '', reason }))
}
