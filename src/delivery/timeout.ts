import { SluiceError } from '../contracts/errors.ts'
import type { Layer } from '../contracts/sink.ts'

export interface TimeoutOptions {
  readonly timeoutMs: number
  /** Aborts when the process begins to stop: from then on no request takes longer than `drainingTimeoutMs`. */
  readonly draining: AbortSignal
  /** Also for what is under way then, from then on. Never more than `timeoutMs`. */
  readonly drainingTimeoutMs: number
}

/**
 * Ends a request that takes longer than `timeoutMs`, by aborting the signal it was given and by not waiting for it any
 * more: a client that ignores its signal holds up nobody. A process that stops waits less, so that one request that
 * hangs does not use up the time in which the next could deliver.
 *
 * Whether the destination stored the batch is then unknown; sending it again may repeat records.
 *
 * @throws SluiceError `ERR_SINK_UNAVAILABLE` with reason `timeout`
 */
export function withTimeout (options: TimeoutOptions): Layer {
  const { timeoutMs, draining } = options
  const drainingTimeoutMs = Math.min(options.drainingTimeoutMs, timeoutMs)
  return next => async (batch, signal) => {
    const timeout = new AbortController()
    const startMs = performance.now()
    let timer = setTimeout(() => timeout.abort(), draining.aborted ? drainingTimeoutMs : timeoutMs)
    const hasten = () => {
      clearTimeout(timer)
      const leftMs = startMs + timeoutMs - performance.now()
      timer = setTimeout(() => timeout.abort(), Math.min(drainingTimeoutMs, leftMs))
    }
    draining.addEventListener('abort', hasten)
    const expired = new Promise<never>((_resolve, reject) => {
      timeout.signal.addEventListener('abort', () => {
        const waitedMs = Math.round(performance.now() - startMs)
        reject(new SluiceError('ERR_SINK_UNAVAILABLE', `no answer within ${waitedMs} ms`, { reason: 'timeout' }))
      }, { once: true })
    })
    const answer = next(batch, AbortSignal.any([signal, timeout.signal]))
    // The late answer of a request that was given up on is nobody's any more.
    answer.catch(() => undefined)
    try {
      return await Promise.race([answer, expired])
    } finally {
      clearTimeout(timer)
      draining.removeEventListener('abort', hasten)
    }
  }
}
