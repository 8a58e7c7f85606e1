import { brokenKeyBits } from './broken-keys.ts'
import { createJsonWalker, hasNewline, notAnObject } from '../bytes/json-walker.ts'
import { createKeyTable } from '../bytes/key-table.ts'
import { createPlainAccess } from '../formats/apache-access.ts'

/** What a line looks like, apart from who wrote it. */
export const shape = {
  /** No bytes. */
  empty: 0,
  /** One line of strict JSON: an object with the keys of an access line. */
  access: 1,
  /** An access line that is no strict JSON or more than one line, or that another was written into. */
  brokenAccess: 2,
  /** One line of strict JSON: an object of another shape. */
  json: 3,
  text: 4,
  /** An access line in one of Apache's own formats, or php-fpm's. */
  plainAccess: 5,
} as const
export type Shape = typeof shape[keyof typeof shape]

export type LineShape = (bytes: Uint8Array, start: number, end: number) => Shape

/** Names of top-level keys. A line needs one of each list to be an access line. */
export interface AccessKeys {
  readonly statusKeys: readonly string[]
  readonly requestKeys: readonly string[]
}

/** As `access.format` says: `json` knows only JSON, the plain formats only themselves, `auto` all. */
export type AccessFormat = 'auto' | 'json' | 'common' | 'combined' | 'vhost_combined'

const openBrace = 0x7b
const bothBits = 0b11

/** Allocates nothing per line. */
export function createLineShape ({ format, ...accessKeys }: AccessKeys & { readonly format: AccessFormat }): LineShape {
  const plain = format === 'json' ? undefined : createPlainAccess(format)
  const isJsonKnown = format === 'json' || format === 'auto'
  const keys = createKeyTable(isJsonKnown ? [accessKeys.statusKeys, accessKeys.requestKeys] : [[], []])
  const walk = createJsonWalker({ keys })

  return (bytes, start, end) => {
    if (start >= end) return shape.empty
    const verdict = walk(bytes, start, end)
    if (verdict === bothBits) return shape.access
    if (verdict !== notAnObject && (verdict & hasNewline) === 0) return shape.json
    const bits = verdict === notAnObject ? brokenKeyBits(keys, bytes, start, end) : verdict & bothBits
    if (bits === bothBits) return shape.brokenAccess
    if (plain === undefined) return shape.text
    if (plain.read(bytes, start, end)) return shape.plainAccess
    return plain.isTorn ? shape.brokenAccess : shape.text
  }
}

/** With one of these an object is a record of a logger, whatever else it holds. */
const logKeys = ['level', 'level_name', 'severity', 'log.level', 'loglevel', 'message', 'msg', 'error', 'exception']

/** The shape of lines of standard error: php-fpm's access lines, in its own format or in JSON, and all others. */
export function createErrorShape (accessKeys: AccessKeys): LineShape {
  const plain = createPlainAccess('php_fpm')
  const walk = createJsonWalker({ keys: createKeyTable([accessKeys.statusKeys, accessKeys.requestKeys, logKeys]) })
  return (bytes, start, end) => {
    if (start >= end) return shape.empty
    if (bytes[start] === openBrace) return walk(bytes, start, end) === bothBits ? shape.access : shape.text
    return plain.read(bytes, start, end) ? shape.plainAccess : shape.text
  }
}
