import { open, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeDirectories } from '../../bytes/file-calls.ts'
import type { Sink } from '../../contracts/sink.ts'
import type { KeyedMutex } from '../../contracts/mutex.ts'
import { pathPart, streamName } from '../names.ts'
import { fileError } from './errors.ts'
import { requireFreeSpace } from './free-space.ts'
import { createLineCutting, type LineLimits } from './line-batches.ts'

const newline = 10

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
      const name = streamName({ ...segment, container: pathPart(segment.container) }, streamTemplate, options.values)
      const stream = name.split('/').map(pathPart).join('/')
      const directory = options.directory()
      const path = join(directory, group, `${stream}.ndjson`)
      try {
        // The disk ends every wait here, and no signal: what was given up on could still write.
        await makeDirectories(dirname(path))
        await requireFreeSpace(directory, minFreeBytes)
        await streams.run(path, () => append(path, lines))
        return []
      } catch (error) {
        throw fileError(error)
      }
    },
    reconnect: () => undefined,
    close: async () => undefined,
  }
}

async function append (path: string, lines: Buffer): Promise<void> {
  // 'a' would append after what another try left; position and length are ours to say.
  const file = await openForWriting(path)
  try {
    const size = await endOfLastLine(file)
    await file.truncate(size)
    try {
      for (let at = 0; at < lines.length;) {
        const { bytesWritten } = await file.write(lines, at, lines.length - at, size + at)
        at += bytesWritten
      }
    } catch (error) {
      await file.truncate(size)
      throw error
    }
  } finally {
    await file.close()
  }
}

/** Where the file's last whole line ends: behind it is at most what a crash left of a batch that will come again. */
async function endOfLastLine (file: FileHandle): Promise<number> {
  const piece = Buffer.allocUnsafe(64 * 1024)
  for (let end = (await file.stat()).size; end > 0;) {
    const start = Math.max(0, end - piece.length)
    const { bytesRead } = await file.read(piece, 0, end - start, start)
    const at = piece.subarray(0, bytesRead).lastIndexOf(newline)
    if (at >= 0) return start + at + 1
    end = start
  }
  return 0
}

async function openForWriting (path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return await open(path, 'wx')
  }
}
