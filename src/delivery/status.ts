import type { SluiceError } from '../contracts/errors.ts'
import type { DeliveryState, Problem } from '../contracts/route-facts.ts'
import type { Backlog } from '../telemetry/heartbeat.ts'
import type { Instruments } from '../telemetry/instruments.ts'
import { NowAndThen } from '../telemetry/now-and-then.ts'

export interface DeliveryStatusOptions extends Pick<Instruments, 'clock' | 'log'> {
  readonly route: string
  /** As both messages of a pause tell it. */
  readonly waiting: Backlog
}

/**
 * What an operator wants to know of one route's delivery. Logs each change of state once, and each reason of a pause;
 * never each failure, nor each pause of a destination that fails now and then. Its stamps are those of the monotonic
 * clock.
 */
export class DeliveryStatus {
  readonly #options: DeliveryStatusOptions
  #state: DeliveryState = { kind: 'flowing' }
  /** Batches under way that have failed: the route pauses with the first of them and resumes with the last. */
  #failingCount = 0
  /** The reasons of the present pause that the log has told. */
  readonly #toldReasons = new Set<string>()
  readonly #nowAndThen = new NowAndThen()
  #lastSuccessMs: number | undefined
  #lastError: Problem | undefined

  constructor (options: DeliveryStatusOptions) {
    this.#options = options
  }

  get state (): DeliveryState { return this.#state }
  /** When the destination last confirmed a batch. */
  get lastSuccessMs (): number | undefined { return this.#lastSuccessMs }
  get lastError (): Problem | undefined { return this.#lastError }

  failed (error: SluiceError, failures: number, pauseMs: number): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (failures === 1) this.#failingCount++
    const sinceMs = this.#state.kind === 'paused' ? this.#state.sinceMs : nowMs
    const isDue = this.#nowAndThen.isDue(error.reason, sinceMs, nowMs)
    if (isDue && !this.#toldReasons.has(error.reason)) this.#tell(error, pauseMs, nowMs)
    this.#state = { kind: 'paused', sinceMs, failures, nextTryMs: nowMs + pauseMs }
    this.#lastError = { atMs: nowMs, message: error.message, reason: error.reason }
  }

  /** The batch that had failed `failures` times was answered. */
  recovered (failures: number): void {
    this.#failingCount--
    if (this.#state.kind !== 'paused' || this.#failingCount > 0) return
    const { route, clock, log } = this.#options
    const pausedMs = Math.round(clock.monotonicMs() - this.#state.sinceMs)
    if (this.#toldReasons.size === 0) this.#nowAndThen.passed()
    else log.info({ route, failures, pausedMs, ...this.#backlog() }, 'delivery resumed')
    this.#state = { kind: 'flowing' }
    this.#toldReasons.clear()
  }

  succeeded (): void {
    this.#lastSuccessMs = this.#options.clock.monotonicMs()
  }

  #tell (error: SluiceError, pauseMs: number, nowMs: number): void {
    const message = this.#toldReasons.size === 0 ? 'delivery paused' : 'delivery still paused, for another reason'
    const before = this.#nowAndThen.told(error.reason, nowMs)
    const { route, log } = this.#options
    const nextTryInMs = Math.round(pauseMs)
    log.warn({ route, error, ...this.#backlog(), nextTryInMs, ...before }, message)
    this.#toldReasons.add(error.reason)
  }

  #backlog () {
    const { waiting: { pendingRecords, oldestPendingMs }, clock } = this.#options
    const nowMs = clock.monotonicMs()
    return { pendingRecords, oldestMs: Math.max(0, Math.round(nowMs - (oldestPendingMs ?? nowMs))) }
  }
}
