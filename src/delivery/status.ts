import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { SluiceError } from '../errors.ts'

export type DeliveryState =
  | { readonly kind: 'flowing' }
  /** The last request failed; the next is due at `nextTryMs`. */
  | { readonly kind: 'paused', readonly sinceMs: number, readonly failures: number, readonly nextTryMs: number }

/** What an operator wants to know of one route's delivery. Logs each change of state once, never each failure. */
export class DeliveryStatus {
  readonly #route: string
  readonly #clock: Clock
  readonly #log: Logger
  #state: DeliveryState = { kind: 'flowing' }
  #lastSuccessMs: number | undefined
  #lastError: { readonly atMs: number, readonly message: string, readonly reason: string } | undefined

  constructor (options: { readonly route: string, readonly clock: Clock, readonly log: Logger }) {
    this.#route = options.route
    this.#clock = options.clock
    this.#log = options.log
  }

  get state (): DeliveryState { return this.#state }
  /** When the destination last confirmed a batch, ms since the epoch. */
  get lastSuccessMs (): number | undefined { return this.#lastSuccessMs }
  get lastError () { return this.#lastError }

  failed (error: SluiceError, failures: number, pauseMs: number): void {
    const nowMs = this.#clock.now()
    const sinceMs = this.#state.kind === 'paused' ? this.#state.sinceMs : nowMs
    if (this.#state.kind === 'flowing') this.#log.warn({ route: this.#route, error, nextTryMs: pauseMs }, 'delivery paused')
    this.#state = { kind: 'paused', sinceMs, failures, nextTryMs: nowMs + pauseMs }
    this.#lastError = { atMs: nowMs, message: error.message, reason: error.reason }
  }

  succeeded (): void {
    const nowMs = this.#clock.now()
    if (this.#state.kind === 'paused') {
      const pausedMs = nowMs - this.#state.sinceMs
      this.#log.info({ route: this.#route, failures: this.#state.failures, pausedMs }, 'delivery resumed')
      this.#state = { kind: 'flowing' }
    }
    this.#lastSuccessMs = nowMs
  }
}
