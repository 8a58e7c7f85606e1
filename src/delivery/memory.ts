import { SluiceError } from '../contracts/errors.ts'
import type { MemoryTurns } from '../contracts/memory.ts'
import type { Batch, Layer } from '../contracts/sink.ts'

/**
 * Sends a batch while the memory that this takes fits the share of all routes. The pause after a failure is outside:
 * a destination that is away takes nothing from the others. One that hangs does so for the timeout of a request.
 *
 * @throws SluiceError `ERR_SINK_UNAVAILABLE` with reason `aborted` when the stop ends the wait
 */
export function withMemory (turns: MemoryTurns, bytesOf: (batch: Batch) => number): Layer {
  return next => async (batch, signal) => {
    let hasBegun = false
    try {
      return await turns.run(bytesOf(batch), signal, () => {
        hasBegun = true
        return next(batch, signal)
      })
    } catch (error) {
      if (hasBegun || !signal.aborted) throw error
      throw new SluiceError('ERR_SINK_UNAVAILABLE', 'the request was cancelled', { reason: 'aborted' })
    }
  }
}
