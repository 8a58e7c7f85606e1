import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RouteClass } from '../../src/contracts/verdict.ts'

const fixtures = join(import.meta.dirname, '../fixtures')

export function fixture (name: string): Buffer {
  return readFileSync(join(fixtures, name))
}

/** Lines of bytes as latin1 strings, one character a byte; the last one may lack its newline. */
export function latin1Lines (content: Buffer): string[] {
  const lines = content.toString('latin1').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/**
 * What a line of bytes reads as once it stood in JSON: UTF-8, and each byte that is none as the four characters `\xhh`.
 * Slow on purpose: one byte at a time.
 */
export function readable (latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1')
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find(count => at + count <= bytes.length && isUtf8(bytes.subarray(at, at + count)))
    text += length === undefined
      ? `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`
      : bytes.toString('utf8', at, at + length)
    at += length ?? 1
  }
  return text
}

/**
 * The line that a delivered one was made of: `m` of an event, `log` of a wrapped app line, `raw` of an invalid one,
 * else the line itself.
 */
export function originalOf (latin1: string, class_: RouteClass): string {
  const text = readable(latin1)
  if (class_ === 'access') return text
  const value = JSON.parse(text) as Readonly<Partial<Record<'m' | 'log' | 'time' | 'raw', string>>>
  if (class_ === 'error') return value.m ?? ''
  if (class_ === 'invalid') return value.raw ?? ''
  return value.log !== undefined && value.time !== undefined ? value.log : text
}
