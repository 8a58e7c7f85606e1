import { SluiceError } from '../contracts/errors.ts'
import type { Layer } from '../contracts/sink.ts'
import type { Instruments } from './instruments.ts'

/** What an operation came to, and the outcome that metrics call it by: `ok` unless it says otherwise. */
export interface Outcome<Result> {
  readonly result: Result
  readonly outcome?: string
}

export interface RequestMetricsOptions extends Pick<Instruments, 'clock' | 'metrics'> {
  readonly route: string
  readonly sink: string
}

/**
 * Counts and times what one route asks of its destination: the only place that does. Each try to store a batch counts
 * for the route (`sluice_delivery_…`), and each request to AWS that the try needs for its operation (`sluice_sink_…`).
 */
export class RequestMetrics {
  readonly #options: RequestMetricsOptions

  constructor (options: RequestMetricsOptions) {
    this.#options = options
  }

  /** Around a sink's `send`: one call is one try, whatever it takes. */
  layer (): Layer {
    const { metrics, route, sink } = this.#options
    const bytes = metrics.counter('sluice_delivery_bytes_total', route, sink)
    const counterOf = (outcome: string) => metrics.counter('sluice_delivery_requests_total', route, sink, outcome)
    // A series that begins at 0 lets Prometheus see the first success.
    counterOf('ok')
    return next => async (batch, signal) => await this.#timed(async () => {
      const rejections = await next(batch, signal)
      bytes.value += batch.endByte - batch.startByte
      return { result: rejections }
    }, (outcome, seconds) => {
      counterOf(outcome).value++
      metrics.histogram('sluice_delivery_request_duration_seconds', route, sink, outcome).observe(seconds)
    })
  }

  /** Around one request to AWS: the clients try once, so one call is one request. */
  async operation<Result> (operation: string, work: () => Promise<Outcome<Result>>): Promise<Result> {
    const { metrics, sink } = this.#options
    return await this.#timed(work, (outcome, seconds) => {
      metrics.counter('sluice_sink_requests_total', sink, operation, outcome).value++
      metrics.histogram('sluice_sink_request_duration_seconds', sink, operation).observe(seconds)
    })
  }

  /** Counts a body with records that AWS has confirmed. */
  sent (bytes: number, records: number): void {
    const { metrics, sink } = this.#options
    metrics.counter('sluice_sink_sent_bytes_total', sink).value += bytes
    metrics.histogram('sluice_sink_batch_bytes', sink).observe(bytes)
    metrics.histogram('sluice_sink_batch_records', sink).observe(records)
  }

  /** Rejects with what `work` rejects with, counted by its reason. */
  async #timed<Result> (
    work: () => Promise<Outcome<Result>>, count: (outcome: string, seconds: number) => void
  ): Promise<Result> {
    const { clock } = this.#options
    const startMs = clock.monotonicMs()
    let counted = 'bug'
    try {
      const { result, outcome = 'ok' } = await work()
      counted = outcome
      return result
    } catch (error) {
      if (error instanceof SluiceError) counted = error.reason
      throw error
    } finally {
      count(counted, (clock.monotonicMs() - startMs) / 1000)
    }
  }
}
