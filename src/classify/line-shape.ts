import { brokenKeyBits } from './broken-keys.ts'
import { createJsonWalker, hasNewline, notAnObject } from './json-walker.ts'
import { createKeyTable } from './key-table.ts'

/** What a line looks like, apart from who wrote it. */
export const shape = {
  /** No bytes. */
  empty: 0,
  /** One line of strict JSON: an object with the keys of an access line. */
  access: 1,
  /** Has the keys of an access line, and is no strict JSON or more than one line. */
  brokenAccess: 2,
  /** One line of strict JSON: an object of another shape. */
  json: 3,
  text: 4,
} as const
export type Shape = typeof shape[keyof typeof shape]

export type LineShape = (bytes: Uint8Array, start: number, end: number) => Shape

/** Names of top-level keys. A line needs one of each list to be an access line. */
export interface AccessKeys {
  readonly statusKeys: readonly string[]
  readonly requestKeys: readonly string[]
}

/** Allocates nothing per line. */
export function createLineShape (accessKeys: AccessKeys): LineShape {
  const keys = createKeyTable([accessKeys.statusKeys, accessKeys.requestKeys])
  const bothBits = 0b11
  const walk = createJsonWalker({ keys })

  return (bytes, start, end) => {
    if (start >= end) return shape.empty
    const verdict = walk(bytes, start, end)
    if (verdict === bothBits) return shape.access
    if (verdict !== notAnObject && (verdict & hasNewline) === 0) return shape.json
    const bits = verdict === notAnObject ? brokenKeyBits(keys, bytes, start, end) : verdict & bothBits
    return bits === bothBits ? shape.brokenAccess : shape.text
  }
}
