import { statfs } from 'node:fs/promises'
import { SluiceError } from '../../contracts/errors.ts'

/**
 * Refuses to write while the disk of `directory` has less than `minFreeBytes` free: the last bytes of a shared disk
 * belong to the application.
 *
 * @throws SluiceError `ERR_SINK_UNAVAILABLE` with reason `disk_low`
 */
export async function requireFreeSpace (directory: string, minFreeBytes: number): Promise<void> {
  if (minFreeBytes === 0) return
  const { bavail, bsize } = await statfs(directory)
  const freeBytes = bavail * bsize
  if (freeBytes >= minFreeBytes) return
  throw new SluiceError('ERR_SINK_UNAVAILABLE', `expected ${minFreeBytes} free bytes (file.minFreeBytes) on the disk of ` +
    `file.directory, found ${freeBytes}: free space, whoever filled it`, { reason: 'disk_low' })
}
