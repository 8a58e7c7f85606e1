/** Schemes of authorization: what follows one is of the value too. */
const schemes = ['bearer', 'basic', 'digest', 'token', 'negotiate', 'apikey', 'ntlm'].map(word => Buffer.from(word))

export function isScheme (bytes: Uint8Array, start: number, end: number): boolean {
  for (const scheme of schemes) if (scheme.length === end - start && isWordOf(scheme, bytes, start, end)) return true
  return false
}

/** Whether a word in small letters stands at `start`, however it is written. */
export function isWordOf (word: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (start + word.length > end) return false
  return word.every((letter, index) => ((bytes[start + index] as number) | 0x20) === letter)
}

// Tested in test/redact/secrets.test.ts
