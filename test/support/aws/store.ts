import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { StoredEvent, StoredObject } from './state.ts'

/** A copy on disk of what arrives, for a person to look at; never read back. */
export interface Store {
  writeObject (object: StoredObject): void
  appendEvents (group: string, stream: string, events: readonly StoredEvent[]): void
}

/**
 * Writes below `directory`: `s3/{bucket}/{key}` holds an object's bytes, `s3/{bucket}.ndjson` a line about every put,
 * `logs/{group}/{stream}.ndjson` the events.
 *
 * Names are escaped so that none leaves its directory. A key that no file can be named after (too long, or a file
 * where another key needs a directory) goes to `s3/{bucket}.other/{sha256 of the key}`.
 */
export function createStore (directory: string): Store {
  function write (path: string, data: Buffer): string {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, data)
    return path
  }

  function writeBody ({ bucket, key, body }: StoredObject): string {
    try {
      return write(join(directory, 's3', bucket, ...key.split('/').map(escapeName)), body)
    } catch {
      // Any key must be kept; which of the many reasons the disk had does not matter to who looks.
      return write(join(directory, 's3', `${bucket}.other`, createHash('sha256').update(key).digest('hex')), body)
    }
  }

  function append (path: string, lines: readonly object[]): void {
    mkdirSync(dirname(path), { recursive: true })
    appendFileSync(path, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  }

  return {
    writeObject (object) {
      const file = writeBody(object)
      const { body, ...about } = object
      append(join(directory, 's3', `${object.bucket}.ndjson`), [{ ...about, bodyBytes: body.length, file }])
    },
    appendEvents (group, stream, events) {
      append(join(directory, 'logs', escapeName(group), `${escapeName(stream)}.ndjson`), events)
    },
  }
}

function escapeName (name: string): string {
  if (name === '') return '%'
  if (name === '.' || name === '..') return name.replaceAll('.', '%2E')
  return encodeURIComponent(name)
}
