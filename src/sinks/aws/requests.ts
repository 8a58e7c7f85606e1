import type { Clock } from '../../contracts/clock.ts'
import { SluiceError } from '../../contracts/errors.ts'
import type { Metrics } from '../../telemetry/metrics.ts'

/** What an operation came to, and the outcome that metrics call it by: `ok` unless it says otherwise. */
export interface Outcome<Result> {
  readonly result: Result
  readonly outcome?: string
}

/** Counts and times the requests of one sink. One call is one request: the clients try once. */
export class Requests {
  readonly #metrics: Metrics
  readonly #sink: string
  readonly #clock: Clock
  #expiryMs: number | undefined

  constructor (options: { readonly metrics: Metrics, readonly sink: string, readonly clock: Clock }) {
    this.#metrics = options.metrics
    this.#sink = options.sink
    this.#clock = options.clock
  }

  /** @throws what `work` throws, counted by its reason */
  async run<Result> (operation: string, work: () => Promise<Outcome<Result>>): Promise<Result> {
    const startMs = performance.now()
    let counted = 'bug'
    try {
      const { result, outcome } = await work()
      counted = outcome ?? 'ok'
      return result
    } catch (error) {
      if (error instanceof SluiceError) counted = error.reason
      throw error
    } finally {
      this.#metrics.counter('sluice_sink_requests_total', this.#sink, operation, counted).value++
      this.#metrics.histogram('sluice_sink_request_duration_seconds', this.#sink, operation)
        .observe((performance.now() - startMs) / 1000)
    }
  }

  /** Counts a body that was confirmed. */
  sent (bytes: number, records: number): void {
    this.#metrics.counter('sluice_sink_sent_bytes_total', this.#sink).value += bytes
    this.#metrics.histogram('sluice_sink_batch_bytes', this.#sink).observe(bytes)
    this.#metrics.histogram('sluice_sink_batch_records', this.#sink).observe(records)
  }

  /** Takes down when the credentials end, not at once; the series begins when that is first known. Never rejects. */
  async noteExpiry ({ expiryMs }: { readonly expiryMs: () => Promise<number | undefined> }): Promise<void> {
    const foundMs = await expiryMs()
    if (foundMs === undefined) return
    const isFirst = this.#expiryMs === undefined
    this.#expiryMs = foundMs
    if (!isFirst) return
    this.#metrics.gauge('sluice_credentials_expiry_seconds', [this.#sink],
      () => ((this.#expiryMs ?? 0) - this.#clock.wallMs()) / 1000)
  }
}
