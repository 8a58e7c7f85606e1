import { diskProblem, errorCode } from '../../contracts/disk-errors.ts'
import { SluiceError } from '../../contracts/errors.ts'

/** A disk that refuses may take the same batch later, so every failure is one to retry. */
export function fileError (error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  const code = errorCode(error)
  // The system's own message begins with the code.
  const words = diskProblem(code, 'file.directory') ?? (error as Error).message
  return new SluiceError('ERR_SINK_UNAVAILABLE', words, { reason: code.toLowerCase(), cause: error })
}
