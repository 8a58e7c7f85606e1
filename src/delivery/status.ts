import type { SluiceError } from '../contracts/errors.ts'
import type { Backlog } from '../telemetry/heartbeat.ts'
import type { Instruments } from '../telemetry/instruments.ts'

export type DeliveryState =
  | { readonly kind: 'flowing' }
  /** A batch has failed; the next try is due at `nextTryMs`. Stamps are those of the monotonic clock. */
  | { readonly kind: 'paused', readonly sinceMs: number, readonly failures: number, readonly nextTryMs: number }

export interface DeliveryStatusOptions extends Pick<Instruments, 'clock' | 'log'> {
  readonly route: string
  /** As both messages of a pause tell it. */
  readonly waiting: Backlog
}

/**
 * What an operator wants to know of one route's delivery. Logs each change of state once, and each reason of a pause;
 * never each failure. Its stamps are those of the monotonic clock.
 */
export class DeliveryStatus {
  readonly #options: DeliveryStatusOptions
  #state: DeliveryState = { kind: 'flowing' }
  /** Batches under way that have failed: the route pauses with the first of them and resumes with the last. */
  #failingCount = 0
  /** The reasons of the present pause that the log has told. */
  readonly #toldReasons = new Set<string>()
  #lastSuccessMs: number | undefined
  #lastError: { readonly atMs: number, readonly message: string, readonly reason: string } | undefined

  constructor (options: DeliveryStatusOptions) {
    this.#options = options
  }

  get state (): DeliveryState { return this.#state }
  /** When the destination last confirmed a batch. */
  get lastSuccessMs (): number | undefined { return this.#lastSuccessMs }
  get lastError () { return this.#lastError }

  failed (error: SluiceError, failures: number, pauseMs: number): void {
    const { route, clock, log } = this.#options
    const nowMs = clock.monotonicMs()
    if (failures === 1) this.#failingCount++
    const sinceMs = this.#state.kind === 'paused' ? this.#state.sinceMs : nowMs
    if (!this.#toldReasons.has(error.reason)) {
      const message = this.#state.kind === 'flowing' ? 'delivery paused' : 'delivery still paused, for another reason'
      log.warn({ route, error, ...this.#backlog(), nextTryInMs: Math.round(pauseMs) }, message)
      this.#toldReasons.add(error.reason)
    }
    this.#state = { kind: 'paused', sinceMs, failures, nextTryMs: nowMs + pauseMs }
    this.#lastError = { atMs: nowMs, message: error.message, reason: error.reason }
  }

  /** The batch that had failed `failures` times was answered. */
  recovered (failures: number): void {
    this.#failingCount--
    if (this.#state.kind !== 'paused' || this.#failingCount > 0) return
    const { route, clock, log } = this.#options
    const pausedMs = Math.round(clock.monotonicMs() - this.#state.sinceMs)
    log.info({ route, failures, pausedMs, ...this.#backlog() }, 'delivery resumed')
    this.#state = { kind: 'flowing' }
    this.#toldReasons.clear()
  }

  succeeded (): void {
    this.#lastSuccessMs = this.#options.clock.monotonicMs()
  }

  #backlog () {
    const { waiting: { pendingRecords, oldestPendingMs }, clock } = this.#options
    const nowMs = clock.monotonicMs()
    return { pendingRecords, oldestMs: Math.max(0, Math.round(nowMs - (oldestPendingMs ?? nowMs))) }
  }
}
