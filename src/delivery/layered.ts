import type { Layer, Send } from '../contracts/sink.ts'

/** Wraps `send`, the first layer outermost: `layered(send, withMetrics(…), withRetry(…))` reads as it runs. */
export function layered (send: Send, ...layers: readonly Layer[]): Send {
  return layers.reduceRight((next, layer) => layer(next), send)
}
