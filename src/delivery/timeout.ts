import { SluiceError } from '../errors.ts'
import type { Layer } from '../send.ts'

/**
 * Ends a request that takes longer than `timeoutMs`, by aborting the signal it was given and by not waiting for it any
 * more: a client that ignores its signal holds up nobody.
 *
 * Whether the destination stored the batch is then unknown; sending it again may repeat records.
 *
 * @throws SluiceError `ERR_SINK_UNAVAILABLE` with reason `timeout`
 */
export function withTimeout (timeoutMs: number): Layer {
  return next => async (batch, signal) => {
    const timeout = new AbortController()
    const timer = setTimeout(() => timeout.abort(), timeoutMs)
    const expired = new Promise<never>((_resolve, reject) => {
      timeout.signal.addEventListener('abort', () => reject(new SluiceError(
        'ERR_SINK_UNAVAILABLE', `no answer within ${timeoutMs} ms`, { reason: 'timeout' })), { once: true })
    })
    const answer = next(batch, AbortSignal.any([signal, timeout.signal]))
    // The late answer of a request that was given up on is nobody's any more.
    answer.catch(() => undefined)
    try {
      return await Promise.race([answer, expired])
    } finally {
      clearTimeout(timer)
    }
  }
}
