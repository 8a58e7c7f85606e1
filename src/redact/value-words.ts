import { ascii, createByteSet, isDigit, isLetter } from '../bytes/ascii.ts'
import { isWordOf } from './schemes.ts'

// Values of a sensitive key that are no secret themselves.

const { questionMark, minus } = ascii

/** Values that say only whether there is a secret: MySQL's `(using password: YES)`. */
const words = ['true', 'false', 'null', 'yes', 'no', 'none', 'undefined', '[redacted]'].map(word => Buffer.from(word))

/** Whether a value says only that there is none, or one: for a header that was not sent, Apache writes a dash. */
export function isWord (bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start === 1 && bytes[start] === minus) return true
  const first = (bytes[start] as number) | 0x20
  for (const word of words) {
    if (((word[0] as number) | 0x20) === first && isThisWord(word, bytes, start, end)) return true
  }
  return false
}

function isThisWord (word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (!isWordOf(word, bytes, start, end)) return false
  for (let index = start + word.length; index < end; index++) if (isLetterOrDigit(bytes[index] as number)) return false
  return true
}

export function isLetterOrDigit (byte: number): boolean {
  return isDigit(byte) || isLetter(byte) || byte > 0x7f
}

/** Of a statement that is given its values apart: `password = ?, name = ?`, `(token=?)`. */
export function isPlaceholder (bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== questionMark) return false
  for (let index = start + 1; index < end; index++) if (endsPlaceholder[bytes[index] as number] === 0) return false
  return true
}
const endsPlaceholder = createByteSet(/[,);']/)

/** Whether what was taken out may have been no value: `password = $1`, `= :name`, `= %s`, `= MD5(?)`. */
export function isInPlaceOfValue (bytes: Buffer, start: number, end: number): boolean {
  if (mayBePlaceholder[bytes[start] as number] === 0) return false
  return otherPlaceholder.test(bytes.toString('latin1', start, Math.min(end, start + maxPlaceholderBytes)))
}
const mayBePlaceholder = createByteSet(/[$:@%?A-Za-z]/)
const otherPlaceholder = /^(?:\w{1,32}\()?(?:\?|\$\d{1,4}|[:@]\w{1,64}|%s|%\(\w{1,64}\)s)(?![\w$./%])/
const maxPlaceholderBytes = 128

// Tested in test/redact/secrets.test.ts
