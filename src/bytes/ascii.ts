/**
 * The bytes that mean something to readers of lines, by name.
 *
 * A file that looks at every byte takes those it needs into constants of its own, `const { quote, comma } = ascii`: V8
 * compiles these as numbers, but loads an imported constant at each use: with those the walk over JSON took 10 % more.
 */
export const ascii = {
  tab: 0x09,
  newline: 0x0a,
  carriageReturn: 0x0d,
  escape: 0x1b,
  space: 0x20,
  quote: 0x22,
  numberSign: 0x23,
  percent: 0x25,
  ampersand: 0x26,
  apostrophe: 0x27,
  openParenthesis: 0x28,
  closeParenthesis: 0x29,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  slash: 0x2f,
  zero: 0x30,
  colon: 0x3a,
  semicolon: 0x3b,
  less: 0x3c,
  equals: 0x3d,
  greater: 0x3e,
  questionMark: 0x3f,
  atSign: 0x40,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  underscore: 0x5f,
  backtick: 0x60,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const

export function isDigit (byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

export function isLetter (byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
}

export function isCapital (byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a
}

export function isSmall (byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a
}

/** Index of the first byte from `from` on that is no digit, or `end`. */
export function digitsEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end && isDigit(bytes[index] as number)) index++
  return index
}

/** By byte: 1 where `pattern`, a class of a regular expression, matches. */
export function createByteSet (pattern: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => pattern.test(String.fromCharCode(byte)) ? 1 : 0)
}

/** Index of the first byte from `from` on that is not of the set, or `end`. */
export function runEnd (bytes: Uint8Array, from: number, end: number, set: Uint8Array): number {
  let index = from
  while (index < end && set[bytes[index] as number] === 1) index++
  return index
}

/** Index of the first byte from `from` on that is of the set, or `end`. */
export function stopAt (bytes: Uint8Array, from: number, end: number, set: Uint8Array): number {
  let index = from
  // Eight at a time: a loop's own cost is as large as that of its body.
  for (const last = end - 8; index <= last; index += 8) {
    if (set[bytes[index] as number] === 1) return index
    if (set[bytes[index + 1] as number] === 1) return index + 1
    if (set[bytes[index + 2] as number] === 1) return index + 2
    if (set[bytes[index + 3] as number] === 1) return index + 3
    if (set[bytes[index + 4] as number] === 1) return index + 4
    if (set[bytes[index + 5] as number] === 1) return index + 5
    if (set[bytes[index + 6] as number] === 1) return index + 6
    if (set[bytes[index + 7] as number] === 1) return index + 7
  }
  while (index < end && set[bytes[index] as number] === 0) index++
  return index
}

/** The four bytes at `at` as one number: comparing it takes one branch. The caller knows that they are all there. */
export function wordAt (bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
}

/** Whether `expected` stands at `start`, before `end`. A loop, since a native call costs more for a few bytes. */
export function hasBytes (bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  if (start + expected.length > end) return false
  for (let index = 0; index < expected.length; index++) {
    if (bytes[start + index] !== expected[index]) return false
  }
  return true
}

/** Whether `expected` is what ends at `end`, and begins no sooner than `start`. */
export function endsWith (bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  return end - start >= expected.length && hasBytes(bytes, end - expected.length, end, expected)
}

/** Index of the first `byte` from `from` on, or `end`. */
export function nextByte (bytes: Uint8Array, from: number, end: number, byte: number): number {
  let index = from
  while (index < end && bytes[index] !== byte) index++
  return index
}

/** Index of the next quote without a backslash, or `end`. */
export function quotedEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end && bytes[index] !== 0x22) index += bytes[index] === 0x5c ? 2 : 1
  return Math.min(index, end)
}

/** Kinds of bytes that shapes tell apart, one bit each; all others share the next bit. */
const kinds = [/[0-9]/, /[A-Z]/, /[a-z]/, / /, /\+/, /-/, /:/, /\//, /\[/, /\]/, /\./]
const otherKind = 1 << kinds.length
function kindOf (character: string): number {
  const bit = kinds.findIndex(kind => kind.test(character))
  return bit < 0 ? otherKind : 1 << bit
}
const kindOfByte = Uint16Array.from({ length: 256 }, (_, byte) => kindOf(String.fromCharCode(byte)))

/** For each place of a stretch, the kinds of bytes that may not stand there. */
export type Shape = Uint16Array

/**
 * In `text`, 0 stands for a digit, A for a capital, a for a small letter, x for any letter, _ for a digit or a space, ±
 * for a sign, and each of ` -:/[].` for itself.
 */
export function createShape (text: string): Shape {
  const several = new Map([['x', 'Aa'], ['_', '0 '], ['±', '+-']])
  return Uint16Array.from(text, character => {
    return ~[...several.get(character) ?? character].reduce((all, each) => all | kindOf(each), 0)
  })
}

/** Whether the bytes from `start` on are of a shape, and all of it lies before `end`. */
export function hasShape (bytes: Uint8Array, start: number, end: number, shape: Shape): boolean {
  const { length } = shape
  if (start + length > end) return false
  let index = 0
  // Four at a time: a branch for each byte costs more than looking at it.
  for (; index + 4 <= length; index += 4) {
    const at = start + index
    const wrong = ((kindOfByte[bytes[at] as number] as number) & (shape[index] as number)) |
      ((kindOfByte[bytes[at + 1] as number] as number) & (shape[index + 1] as number)) |
      ((kindOfByte[bytes[at + 2] as number] as number) & (shape[index + 2] as number)) |
      ((kindOfByte[bytes[at + 3] as number] as number) & (shape[index + 3] as number))
    if (wrong !== 0) return false
  }
  for (; index < length; index++) {
    if (((kindOfByte[bytes[start + index] as number] as number) & (shape[index] as number)) !== 0) return false
  }
  return true
}

/** By byte: the value of a hexadecimal digit, 16 for any other byte. */
export const hexValues = new Uint8Array(256).fill(16)
for (const digit of Buffer.from('0123456789abcdefABCDEF')) hexValues[digit] = Number(`0x${String.fromCharCode(digit)}`)

/** The two hexadecimal digits at `at` as a number; -1 where they are none, or not all before `end`. */
export function hexAt (bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1
  const high = hexValues[bytes[at] as number] as number
  const low = hexValues[bytes[at + 1] as number] as number
  return high === 16 || low === 16 ? -1 : high * 16 + low
}
