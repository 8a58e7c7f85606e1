import { constants, fstat, ftruncate, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { ascii } from '../../bytes/ascii.ts'
import { closeFile, makeDirectories, openFile, readFile, writeFully } from '../../bytes/file-calls.ts'
import { freeMemory } from '../../bytes/free-memory.ts'
import { whereAbsent } from '../../contracts/disk-errors.ts'
import type { Sink } from '../../contracts/sink.ts'
import type { KeyedMutex } from '../../contracts/mutex.ts'
import { pathPart, streamName } from '../names.ts'
import { fileError } from './errors.ts'
import { requireFreeSpace } from './free-space.ts'
import { createLineCutting, type LineLimits } from './line-batches.ts'

const { newline } = ascii

export interface FileEventsOptions {
  /** The root, as it is now: a process that loses its own takes another. */
  readonly directory: () => string
  readonly group: string
  readonly streamTemplate: string
  readonly values: Readonly<Record<string, string>>
  readonly limits: LineLimits
  readonly minFreeBytes: number
  /** By path: routes may share a stream, and cutting off what one left must not cut what the other appends. */
  readonly streams: KeyedMutex<string>
}

/**
 * Appends each batch to `{group}/{stream}.ndjson`, one event a line, as CloudWatch Logs keeps a group and its streams.
 *
 * A batch is in the file whole or not at all: what a failed write or a crash left of one is cut off again. Sending a
 * batch twice appends it twice, as it does with CloudWatch.
 */
export function createFileEventsSink (options: FileEventsOptions): Sink {
  const { group, streamTemplate, limits, minFreeBytes, streams } = options
  return {
    name: 'file',
    cutting: createLineCutting(limits),
    send: async ({ segment, lines }) => {
      if (lines === undefined) throw new TypeError('expected the lines of the batch')
      // A stream's name has no `:`, and none of its parts may lead out of the directory.
      const harmless = { ...segment, id: segment.id, container: pathPart(segment.container) }
      const name = streamName(harmless, streamTemplate, options.values)
      const stream = name.split('/').map(pathPart).join('/')
      const directory = options.directory()
      const path = join(directory, group, `${stream}.ndjson`)
      try {
        // The disk ends every wait here, and no signal: what was given up on could still write.
        await streams.run(path, () => append(path, lines, () => requireFreeSpace(directory, minFreeBytes)))
        return []
      } catch (error) {
        throw fileError(error)
      }
    },
    reconnect: () => undefined,
    close: async () => undefined,
  }
}

const statFile: (fd: number) => Promise<Stats> = promisify(fstat)
const truncateFile: (fd: number, bytes: number) => Promise<void> = promisify(ftruncate)
const fileMode = 0o666

/** Nearly always the stream is there already, so that is tried first. */
async function append (path: string, lines: Buffer, requireSpace: () => Promise<void>): Promise<void> {
  // Not to append: that would be after what another try left; position and length are ours to say.
  let file = await openFile(path, constants.O_RDWR).catch(whereAbsent(undefined))
  const isNew = file === undefined
  try {
    if (isNew) await makeDirectories(dirname(path))
    await requireSpace()
    file ??= await openFile(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, fileMode)
    await writeBehind(file, isNew ? 0 : await wholeLinesOf(file), lines)
  } finally {
    if (file !== undefined) await closeFile(file)
  }
}

async function writeBehind (file: number, end: number, lines: Buffer): Promise<void> {
  try {
    await writeFully(file, lines, end)
  } catch (error) {
    await truncateFile(file, end)
    throw error
  }
}

/** How long a file is, without what a crash left behind its last whole line, which is cut off. */
async function wholeLinesOf (file: number): Promise<number> {
  const { size } = await statFile(file)
  const end = await endOfLastLine(file, size)
  if (end < size) await truncateFile(file, end)
  return end
}

/** Where the file's last whole line ends: behind it is at most what a crash left of a batch that will come again. */
async function endOfLastLine (file: number, size: number): Promise<number> {
  if (size === 0) return 0
  // Nearly always it is the last byte.
  const [least, most] = [Buffer.alloc(1), 64 * 1024]
  await readFile(file, least, 0, 1, size - 1)
  if (least[0] === newline) return size
  const piece = Buffer.allocUnsafeSlow(Math.min(most, size))
  try {
    for (let end = size; end > 0;) {
      const start = Math.max(0, end - piece.length)
      const bytes = await readFile(file, piece, 0, end - start, start)
      const at = piece.subarray(0, bytes).lastIndexOf(newline)
      if (at >= 0) return start + at + 1
      end = start
    }
    return 0
  } finally {
    freeMemory(piece)
  }
}
