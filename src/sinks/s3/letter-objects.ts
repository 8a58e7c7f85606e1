import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { deadLetterPrefix, expandTemplate, pathPart } from '../names.ts'
import { Attempts } from './attempts.ts'
import type { S3Objects } from './objects.ts'

export interface LetterObjectsOptions {
  readonly objects: S3Objects
  /** As in the settings. */
  readonly prefix: string
  readonly route: string
  readonly task: string
  readonly level: number
}

/** Keys that were asked for without success, at most. */
const maxFailedCount = 100

const compress = promisify(gzip)

/** What every letter begins with: when it was refused. */
const timePattern = /^\{"time":"(\d{4})-(\d\d)-(\d\d)T(\d\d)/

/**
 * Stores dead letters of a route below `{prefix}dead-letter/`, where the role of a task may write.
 *
 * The key is made of what the object holds, so storing the same letters again stores nothing new. That they are there
 * is believed at the second request: an earlier process may have stored them.
 */
export function createLetterObjects ({ objects, prefix, route, task, level }: LetterObjectsOptions) {
  const values = { route: pathPart(route), task: pathPart(task) }
  const template = `${deadLetterPrefix(prefix)}{route}/dt=%Y-%m-%d/hour=%H/{task}-{digest}.ndjson.gz`
  const failed = new Set<string>()
  return async (text: Buffer, signal: AbortSignal, onRequest: () => void): Promise<void> => {
    const hour = timePattern.exec(text.toString('latin1', 0, 40))?.slice(1).join('') ?? '1970010100'
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 32)
    const body = await compress(text, { level })
    const key = expandTemplate(template, hour, { ...values, digest })
    const attempts = new Attempts()
    if (failed.has(key)) attempts.mayBeStored()
    failed.add(key)
    if (failed.size > maxFailedCount) for (const oldest of [...failed].slice(0, 1)) failed.delete(oldest)
    await objects.put(key, body, attempts, signal, onRequest)
    failed.delete(key)
  }
}
