/** What the walk over a line of JSON may see of what redaction looks for. */
export const hint = {
  /** A key whose value is to be taken out, of the object, of one within it, or in a text; a token without a key. */
  key: 1,
  /** Characters that are written as others: escapes, percent signs, bytes that are not ASCII. */
  encoded: 2,
} as const

/** Nobody has walked the line: it may hold anything. */
export const anyHint = hint.key | hint.encoded

/** Looks out for hints while a line is walked, so that redaction need not look at every byte of it once more. */
export interface HintWatch {
  /** Bits of `hint`, of the line that was walked last. They mean nothing where that is not one object of JSON. */
  hints: number
  /**
   * Whether a key whose value is to be taken out may end before the separator (`=`, `:` or `%`) at `at`. Of a key of an
   * object the answer is remembered, so it must depend on that key alone, not on white space or on what is before it.
   */
  isAfterKey (bytes: Uint8Array, lineStart: number, at: number): boolean
  /** Whether the byte at `at`, the `B` of `Bearer` or the `J` of `eyJ`, shows a token that is to be taken out. */
  isToken (bytes: Uint8Array, lineStart: number, at: number): boolean
}

// Tested in test/bytes/json-walker.test.ts
