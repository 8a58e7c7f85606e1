import { join } from 'node:path'
import { errorCode, whereAbsent } from '../contracts/disk-errors.ts'
import { SluiceError } from '../contracts/errors.ts'
import { exists, type Disk, type DiskFile } from './disk.ts'
import { encodeComponent, formatOpenName, formatSealedId, type OpenName } from './segment-name.ts'
import type { SyncPolicy } from './spool.ts'

/** What is needed to make a file. */
export interface FileHost {
  readonly disk: Disk
  readonly sync: SyncPolicy
  /** The route's directory; undefined while the spool has none. */
  readonly directory: () => string | undefined
  /** The directories that must be synced for a file in `directory` to be found again, innermost first. */
  readonly parentsOf: (directory: string) => readonly string[]
  /** Directories of containers that were there when a file was made in them last. */
  readonly madeDirectories: Set<string>
}

/** Of containers that come and go, as many as are worth remembering. */
const mostMade = 4096

/**
 * Opens the file of a segment, to be written, in the directory of its container.
 *
 * @returns undefined when the route has another directory by the time that it is open
 * @throws the system's error; SluiceError `ERR_SPOOL_WRITE` while the route has no directory
 */
export async function openFile (
  host: FileHost, container: string, name: OpenName
): Promise<{ readonly file: DiskFile, readonly directory: string } | undefined> {
  const { disk, sync, madeDirectories } = host
  const routeDirectory = host.directory()
  if (routeDirectory === undefined) {
    throw new SluiceError('ERR_SPOOL_WRITE', 'there is no directory for the spool yet: `spool paused` of route `all` says why')
  }
  const directory = join(routeDirectory, encodeComponent(container))
  const path = join(directory, `${formatOpenName(name)}.open`)
  // Hundreds of containers may begin at once, and to find out by a failure that a directory is missing costs more.
  if (!madeDirectories.has(directory)) await disk.makeDirectory(directory)
  const file = await disk.open(path, 'write').catch(async (error: unknown) => {
    // Somebody has removed the directory.
    if (errorCode(error) !== 'ENOENT') throw error
    await disk.makeDirectory(directory)
    return await disk.open(path, 'write')
  })
  if (madeDirectories.size >= mostMade) madeDirectories.clear()
  madeDirectories.add(directory)
  try {
    if (sync !== 'never') for (const parent of host.parentsOf(directory)) await disk.syncDirectory(parent)
  } catch (error) {
    await file.close()
    throw error
  }
  if (routeDirectory === host.directory()) return { file, directory }
  await file.close()
  return undefined
}

/**
 * Gives the file of a segment, which was written and closed, the name that says so.
 *
 * @returns undefined when there is no such file: somebody has removed it
 * @throws the system's error
 */
export async function renameFile (
  disk: Disk, directory: string, name: OpenName, records: number, crc32: number
): Promise<{ readonly id: string, readonly path: string } | undefined> {
  const id = formatSealedId({ ...name, records, crc32 })
  const path = join(directory, `${id}.ndjson`)
  const renamed = disk.rename(join(directory, `${formatOpenName(name)}.open`), path).then(() => true)
  // Either an earlier try succeeded and its answer was lost, or somebody removed the file.
  return await renamed.catch(whereAbsent(false)) || await exists(disk, path) ? { id, path } : undefined
}

/** `directory` and those above it up to the parent of `top`, innermost first. */
export function parentsOf (directory: string, top: string): string[] {
  const parents = [directory]
  for (let parent = directory; parent.length >= top.length; parent = join(parent, '..')) parents.push(join(parent, '..'))
  return parents
}

// Tested in test/spool/open-segment.test.ts
