import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Sink } from '../../send.ts'
import { createCompressor, extensionOf, type Compression } from '../compression.ts'
import type { Gate } from '../gate.ts'
import { objectKey } from '../object-key.ts'
import { fileError } from './errors.ts'
import { requireFreeSpace } from './free-space.ts'

export interface FileObjectsOptions {
  /** Root of the tree; keys are paths below it. */
  readonly directory: string
  readonly keyTemplate: string
  /** Values for the template's placeholders besides the segment's own. */
  readonly values: Readonly<Record<string, string>>
  readonly compression: Compression
  readonly level: number
  readonly minFreeBytes: number
  readonly gate: Gate
}

/** Read and compress in pieces of this size; with the gate it bounds the memory of a delivery. */
const readBytes = 1024 * 1024

/**
 * Stores each segment as a file, in the layout that the S3 sink gives its objects.
 *
 * A file appears whole, by rename. The name says what it holds, so sending a batch twice writes the same file twice.
 */
export function createFileObjectsSink (options: FileObjectsOptions): Sink {
  const { directory, compression, level, gate } = options
  return {
    name: 'file',
    limits: undefined,
    send: async ({ segment }, signal) => {
      const path = join(directory, objectKey(segment, options.keyTemplate, extensionOf[compression], options.values))
      const unfinished = `${path}.unfinished`
      try {
        await mkdir(dirname(path), { recursive: true })
        await requireFreeSpace(directory, options.minFreeBytes)
        await gate.through(() => pipeline(
          createReadStream(segment.path, { highWaterMark: readBytes }),
          createCompressor(compression, level),
          createWriteStream(unfinished, { highWaterMark: readBytes }),
          { signal }))
        await rename(unfinished, path)
        return []
      } catch (error) {
        // Room for others; whether it can be removed changes nothing, the next try writes it anew.
        await rm(unfinished, { force: true }).catch(() => undefined)
        throw fileError(error)
      }
    },
    close: async () => undefined,
  }
}
