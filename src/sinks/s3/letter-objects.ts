import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { deadLetterPrefix, expandTemplate, pathPart } from '../names.ts'
import type { S3Objects } from './objects.ts'

export interface LetterObjectsOptions {
  readonly objects: S3Objects
  /** As in the settings. */
  readonly prefix: string
  readonly route: string
  readonly task: string
  readonly level: number
}

const compress = promisify(gzip)

/** What every letter begins with: when it was refused. */
const timePattern = /^\{"time":"(\d{4})-(\d\d)-(\d\d)T(\d\d)/

/**
 * Stores dead letters of a route below `{prefix}dead-letter/`, where the role of a task may write.
 *
 * The key is made of what the object holds, so storing the same letters again stores nothing new.
 */
export function createLetterObjects ({ objects, prefix, route, task, level }: LetterObjectsOptions) {
  const values = { route: pathPart(route), task: pathPart(task) }
  const template = `${deadLetterPrefix(prefix)}{route}/dt=%Y-%m-%d/hour=%H/{task}-{digest}.ndjson.gz`
  return async (text: Buffer, signal: AbortSignal, onRequest: () => void): Promise<void> => {
    const hour = timePattern.exec(text.toString('latin1', 0, 40))?.slice(1).join('') ?? '1970010100'
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 32)
    const body = await compress(text, { level })
    await objects.put(expandTemplate(template, hour, { ...values, digest }), body, signal, onRequest)
  }
}

// Tested in test/e2e/dead-letters.test.ts
