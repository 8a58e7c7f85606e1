import { ascii } from '../bytes/ascii.ts'
import type { HtmlEntity } from './html-entities.ts'
import type { KeyBefore } from './key-before.ts'

const { ampersand, backslash, equals, greater, percent } = ascii

/** Where `=>` ends whose `=` ends at `at`, in any encoding, or `==`; the form of the key has the arrow then. */
export function arrowEnd (key: KeyBefore, entity: HtmlEntity, bytes: Uint8Array, at: number, end: number): number {
  const { separator, form } = key
  if (bytes[at] === ampersand) {
    entity.read(bytes, at, end)
    if (entity.code !== greater) return at
    form.separator = greater
    return entity.end
  }
  // In a query a value may begin with `%3E`.
  // In PHP: `cvv == '123'`.
  if (bytes[at] === equals && form.width === 1) return bytes[at + 1] === equals ? at + 2 : at + 1
  const isArrow = bytes[at] === greater || bytes[at] === backslash || (bytes[at] === percent && form.width > 1)
  if (!isArrow || at >= end) return at
  separator.read(bytes, at, end)
  if (separator.code !== greater) return at
  form.separator = greater
  return at + separator.length
}

// Tested in test/redact/redactor.test.ts
