import { SluiceError } from '../../contracts/errors.ts'

/** What to do about the errors that an operator can mend. */
const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free space, or set file.directory to another disk',
  EDQUOT: 'the disk quota is used up: free space, or set file.directory to another disk',
  EROFS: 'the file system is read-only: set file.directory to one that takes writes',
  EACCES: 'permission denied: let this user write below file.directory',
  EPERM: 'permission denied: let this user write below file.directory',
  ENOTDIR: 'something that is no directory is in the way: remove it, or set another file.directory',
  EEXIST: 'something that is no directory is in the way: remove it, or set another file.directory',
}

/** A disk that refuses may take the same batch later, so every failure is one to retry. */
export function fileError (error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  const { code = 'unknown', message } = error as NodeJS.ErrnoException
  const help = advice[code]
  // The system's own message begins with the code.
  const words = help === undefined ? message : `${code}: ${help}`
  return new SluiceError('ERR_SINK_UNAVAILABLE', words, { reason: code.toLowerCase(), cause: error })
}

export function diskLow (freeBytes: number, minFreeBytes: number): SluiceError {
  return new SluiceError('ERR_SINK_UNAVAILABLE',
    `expected ${minFreeBytes} free bytes (file.minFreeBytes) on the disk of file.directory, found ${freeBytes}: free space`,
    { reason: 'disk_low' })
}
