import { SluiceError } from '../contracts/errors.ts'
import type { Layer } from '../contracts/sink.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Counts every request by outcome, and the bytes of those that were confirmed. */
export function withMetrics (metrics: Metrics, route: string, sink: string): Layer {
  const bytes = metrics.counter('sluice_delivery_bytes_total', route, sink)
  const outcome = (name: string) => metrics.counter('sluice_delivery_requests_total', route, sink, name)
  const delivered = outcome('ok')
  return next => async (batch, signal) => {
    try {
      const rejections = await next(batch, signal)
      delivered.value++
      bytes.value += batch.endByte - batch.startByte
      return rejections
    } catch (error) {
      outcome(error instanceof SluiceError ? error.reason : 'bug').value++
      throw error
    }
  }
}
