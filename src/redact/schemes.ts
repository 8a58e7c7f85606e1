import { createByteSet } from '../bytes/ascii.ts'

/** Schemes of authorization: what follows one is of the value too. */
const schemes = ['bearer', 'basic', 'digest', 'token', 'negotiate', 'apikey', 'ntlm'].map(word => Buffer.from(word))

const mayBegin = createByteSet(/[abdntABDNT]/)
const longest = Math.max(...schemes.map(({ length }) => length))

export function isScheme (bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end || mayBegin[bytes[start] as number] === 0 || end - start > longest) return false
  for (const scheme of schemes) if (scheme.length === end - start && isWordOf(scheme, bytes, start, end)) return true
  return false
}

/** Whether a word in small letters stands at `start`, in letters of any size. */
export function isWordOf (word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (start + word.length > end) return false
  for (let index = 0; index < word.length; index++) {
    const byte = bytes[start + index] as number
    if (byte !== word[index] && (byte | 0x20) !== word[index]) return false
  }
  return true
}

// Tested in test/redact/secrets.test.ts
