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
   * Whether a key whose value is to be taken out may end before the separator (`=`, `:` or `%`) at `at`, or the
   * parenthesis there opens values of a statement that are to be taken out. Of a key of an object the answer is
   * remembered, so it must depend on that key alone, not on white space or on what is before it.
   */
  isAfterKey (bytes: Uint8Array, lineStart: number, at: number): boolean
  /** Whether the byte at `at`, the `B` of `Bearer` or the `J` of `eyJ`, shows a token that is to be taken out. */
  isToken (bytes: Uint8Array, lineStart: number, at: number): boolean
}

/**
 * What redaction looks at in a line of JSON, for who wants to tell lines apart of which it takes nothing out. Of each
 * byte: 1 where it is one of those.
 */
export interface LineLooks {
  /** Letters and digits; what else may stand last in a key; what may not stand within one. */
  readonly isOfWord: Uint8Array
  readonly mayCloseKey: Uint8Array
  readonly isBoundary: Uint8Array
  readonly isHexDigit: Uint8Array
  readonly isDigit: Uint8Array
  /** What may begin a digit that is no ASCII, in UTF-8. */
  readonly mayLeadDigit: Uint8Array
  /** What a card number is made of, where nothing is encoded; undefined where none is looked for. */
  readonly isOfCard: Uint8Array | undefined
  /** Whether a line of JSON in which nothing is encoded, and no key of those above, holds a card number. */
  readonly holdsCard: (bytes: Buffer, start: number, end: number) => boolean
  /** By the last two bytes of a word, as `endsOf` of `redact/sensitive-keys.ts`: 1 where a key may end so. */
  readonly mayEnd: Uint8Array
  /** Some key has two bytes or fewer. */
  readonly hasShortKey: boolean
}

// Tested in test/bytes/json-walker.test.ts
