import { constants, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { closeFile, makeDirectories, openFile, writeFully } from '../../bytes/file-calls.ts'
import { errorCode } from '../../contracts/disk-errors.ts'
import { SluiceError } from '../../contracts/errors.ts'
import type { Sink } from '../../contracts/sink.ts'
import type { Segment } from '../../contracts/segment.ts'
import { compressFile, createCompressor, eachPiece, extensionOf, type Compression } from '../compression.ts'
import type { Mutex } from '../../contracts/mutex.ts'
import { objectKey } from '../names.ts'
import { compressSmall } from '../small-segment.ts'
import { fileError } from './errors.ts'
import { requireFreeSpace } from './free-space.ts'

export interface FileObjectsOptions {
  /** Root of the tree; keys are paths below it. As it is now: a process that loses its own takes another. */
  readonly directory: () => string
  readonly keyTemplate: string
  /** Values for the template's placeholders besides the segment's own. */
  readonly values: Readonly<Record<string, string>>
  readonly compression: Compression
  readonly level: number
  readonly minFreeBytes: number
  /** One compression at a time. */
  readonly mutex: Mutex
}

/** As every program makes its files, which the user's mask narrows. */
const fileMode = 0o666

/**
 * Stores each segment as a file, in the layout that the S3 sink gives its objects.
 *
 * A file appears whole, by rename. The name says what it holds, so sending a batch twice writes the same file twice.
 */
export function createFileObjectsSink (options: FileObjectsOptions): Sink {
  const { compression, level, mutex } = options
  return {
    name: 'file',
    cutting: undefined,
    send: async ({ segment }, signal) => {
      const directory = options.directory()
      const path = join(directory, objectKey(segment, options.keyTemplate, extensionOf[compression], options.values))
      const unfinished = `${path}.unfinished`
      try {
        // The disk ends every wait here; between two pieces of a file the signal does.
        await makeDirectories(dirname(path))
        await requireFreeSpace(directory, options.minFreeBytes)
        signal.throwIfAborted()
        if (compression === 'none') {
          await writeTo(unfinished, file => eachPiece(segment, signal, (piece, at) => writeFully(file, piece, at)))
        } else {
          const body = await compressSmall(segment, compression, level)
          if (body !== undefined) await writeTo(unfinished, file => writeFully(file, body, 0))
          else await mutex.run(() => compressTo(unfinished, segment, createCompressor(compression, level), signal))
        }
        await rename(unfinished, path)
        return []
      } catch (error) {
        // Others may need the space. If it cannot be removed, the next try writes over it.
        await rm(unfinished, { force: true }).catch(() => undefined)
        // The directory was made just now: what is not there, or is a link or a pipe, is the segment.
        const isGone = ['ENOENT', 'ELOOP', 'ESPIPE'].includes(errorCode(error))
        if (isGone) throw new SluiceError('ERR_SPOOL_READ', 'the file of the segment is not there', { cause: error })
        throw fileError(error)
      }
    },
    reconnect: () => undefined,
    close: async () => undefined,
  }
}

async function writeTo (path: string, write: (file: number) => Promise<void>): Promise<void> {
  const file = await openFile(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, fileMode)
  try {
    await write(file)
  } finally {
    await closeFile(file)
  }
}

async function compressTo (
  target: string, segment: Segment, compressor: Transform, signal: AbortSignal
): Promise<void> {
  const outcomes = await Promise.allSettled([
    compressFile(segment, compressor, signal),
    pipeline(compressor, createWriteStream(target)),
  ])
  const reasons: unknown[] = outcomes.flatMap(outcome => outcome.status === 'rejected' ? [outcome.reason] : [])
  // The cause comes first: the other failed only because its stream was destroyed for it.
  if (reasons.length > 0) throw reasons.find(reason => !isConsequence(reason)) ?? reasons[0]
}

function isConsequence (error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code?.startsWith('ERR_STREAM') ?? false
}
