import { SluiceError } from '../contracts/errors.ts'
import type { MemoryTurns } from '../contracts/memory.ts'
import type { Batch, Layer } from '../contracts/sink.ts'

/**
 * Sends a batch while the memory that this takes fits the share of all routes. The pause after a failure is outside:
 * a destination that is away takes nothing from the others. One that hangs does so for the timeout of a request: after
 * a failure it waits in the line of those, so that another waits for one of them, not for all.
 *
 * @throws SluiceError `ERR_SINK_UNAVAILABLE` with reason `aborted` when the stop ends the wait
 */
export function withMemory (turns: MemoryTurns, bytesOf: (batch: Batch) => number): Layer {
  return next => {
    let hasFailed = false
    return async (batch, signal) => {
      let hasBegun = false
      try {
        const rejections = await turns.run(bytesOf(batch), signal, () => {
          hasBegun = true
          return next(batch, signal)
        }, hasFailed)
        hasFailed = false
        return rejections
      } catch (error) {
        hasFailed = hasBegun
        if (hasBegun || !signal.aborted) throw error
        throw new SluiceError('ERR_SINK_UNAVAILABLE', 'the request was cancelled', { reason: 'aborted' })
      }
    }
  }
}
