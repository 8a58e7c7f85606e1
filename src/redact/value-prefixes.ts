import { ascii, createByteSet } from '../bytes/ascii.ts'
import type { EncodedChar } from './encoded-char.ts'

const { quote, apostrophe, backslash, percent } = ascii

/** Letters before the quote of a text: `u'abc'` of Python, `b"abc"`. */
const mayPrefix = createByteSet(/[BEFNRUXbefnrux]/)
const mayOpenText = createByteSet(/["'%\\]/)
/** With these begin digits, in any encoding, and what may stand before them. */
const mayLeadDigits = createByteSet(/[\d"'%\\&<s\x80-\xff]/)
/** What no text begins with that is worth a look. */
const endsText = createByteSet(/[\s"',;)\]}]/)

/** Whether what begins at `at` may be digits, with a quote, or a letter and a quote, before them. */
export function mayBeDigits (bytes: Uint8Array, at: number): boolean {
  return mayLeadDigits[bytes[at] as number] === 1 ||
    (mayPrefix[bytes[at] as number] === 1 && mayOpenText[bytes[at + 1] as number] === 1)
}

/**
 * Where a text begins before whose quote a letter stands. A quote that is encoded for a URL is one only where the
 * separator is too, `%3Du%27abc%27`: that of `=p%27abc` is part of a password.
 *
 * @param width of the separator, as in `KeyForm`
 */
export function prefixEnd (bytes: Uint8Array, start: number, end: number, width: number, char: EncodedChar): number {
  if (start + 1 >= end || mayOpenText[bytes[start + 1] as number] === 0) return start
  if (mayPrefix[bytes[start] as number] === 0) return start
  const index = start + 1
  let quoteAt = index
  while (quoteAt < end && bytes[quoteAt] === backslash) quoteAt++
  // Behind the quote there has to be something, or else the letter is all there is.
  if (quoteAt + 1 >= end || endsText[bytes[quoteAt + 1] as number] === 1) return start
  // A letter by itself may be the end of a text.
  if (bytes[quoteAt] === apostrophe || (bytes[quoteAt] === quote && quoteAt > index)) return index
  char.read(bytes, index, end)
  if (bytes[index] === percent && char.end - index !== width) return start
  return char.end > index + 1 && (char.code === apostrophe || char.code === quote) ? index : start
}

// Tested in test/redact/redactor.test.ts
