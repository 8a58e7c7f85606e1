import { ascii, createByteSet, endsWith, hasBytes, isCapital, isDigit, isSmall, runEnd } from '../bytes/ascii.ts'
import { colourStart } from './colours.ts'
import { EncodedBack, isEscapedSpace } from './encoded-back.ts'
import { EncodedChar, isWhite } from './encoded-char.ts'
import { isWordOf } from './schemes.ts'
import { UrlPassword } from './url-passwords.ts'
import { pemEnd } from './value-ends.ts'

const { backslash, dot, plus, slash } = ascii
const capitalB = 0x42
const capitalJ = 0x4a

const words = [Buffer.from('bearer'), Buffer.from('basic')]
/** Between the scheme and the token, bytes: a space in any encoding, or a few. */
const maxWhiteBytes = 24
/** A shorter word behind `Basic` is prose; what is longer has digits, or capitals everywhere. */
const minTokenChars = 16
/** A longer one is no prose, whatever it has: or else each `Bearer+` of a row of them is read with all behind it. */
const maxProseChars = 128
/** Of each of the first two parts of a JWT, beyond `eyJ`. */
const minPartChars = 8

const pemDashes = Buffer.from('-----')
const begin = Buffer.from('BEGIN ')
/** Of `RSA PRIVATE KEY` and `PGP PRIVATE KEY BLOCK`. Source: RFC 7468, section 2 */
const privateKey = Buffer.from('PRIVATE KEY')
const maxLabelBytes = 40
const isOfLabel = createByteSet(/[0-9A-Z ]/)

/** Source: RFC 6750, section 2.1, and RFC 7617: `token68` */
const isOfToken = createByteSet(/[0-9A-Za-z._~+/=-]/)
/** Source: RFC 7515, section 2: base64url */
const isOfPart = createByteSet(/[0-9A-Za-z_-]/)

/**
 * 1 for bytes at which a token is looked for: the `B` of `Bearer`, `Basic` and `BEGIN`, the `J` of `eyJ`, and the `@`
 * behind a password. A small `b` is in every line, and looking at each makes them slower.
 */
export const mayShowToken = createByteSet(/[@BJ]/)

/**
 * Finds tokens that no key stands before: `Bearer abc…` and `Basic abc…`, in text and in queries, JWTs, private keys,
 * and passwords of `scheme://user:password@host`. Allocates nothing; the object is used again.
 */
export class BareToken {
  start = 0
  end = 0
  readonly #char = new EncodedChar()
  readonly #back = new EncodedBack()
  readonly #password = new UrlPassword()

  /** @param at of a byte of `mayShowToken`, or of an encoded `@` */
  find (bytes: Uint8Array, lineStart: number, at: number, end: number): boolean {
    if (bytes[at] === capitalJ) return this.#findJwt(bytes, lineStart, at - 2, end)
    if (bytes[at] === capitalB) {
      return this.#findBehindScheme(bytes, at, end) || this.#findPem(bytes, lineStart, at, end)
    }
    if (!this.#password.find(bytes, lineStart, at, end)) return false
    this.start = this.#password.start
    this.end = this.#password.end
    return true
  }

  #findBehindScheme (bytes: Uint8Array, at: number, end: number): boolean {
    let length = 0
    for (const word of words) if (isWordOf(word, bytes, at, end)) length = word.length
    if (length === 0) return false
    const char = this.#char
    const from = at + length
    let index = from
    while (index < end && index - from < maxWhiteBytes) {
      char.read(bytes, index, end)
      if (!isWhite(char.code) && char.code !== plus) break
      index = char.end
    }
    if (index === from) return false
    this.start = index
    let count = 0
    let digits = 0
    let capitals = 0
    let smalls = 0
    for (; index < end; index = char.end) {
      char.read(bytes, index, end)
      let { code } = char
      // PHP's JSON has a backslash before each slash.
      if (code === backslash && bytes[char.end] === slash) code = slash
      if (code >= 0x80 || isOfToken[code] === 0) break
      count++
      if (isDigit(code)) digits++
      else if (isCapital(code)) capitals++
      else if (isSmall(code)) smalls++
    }
    this.end = index
    const isMixed = capitals * 4 >= count && smalls * 4 >= count
    return count >= minTokenChars && (digits > 0 || isMixed || count > maxProseChars)
  }

  /** `-----BEGIN RSA PRIVATE KEY-----`, up to its last line. */
  #findPem (bytes: Uint8Array, lineStart: number, at: number, end: number): boolean {
    if (!hasBytes(bytes, at, end, begin) || !endsWith(bytes, lineStart, at, pemDashes)) return false
    const last = Math.min(end, at + maxLabelBytes)
    let index = at + begin.length
    let isPrivate = false
    for (; index < last && isOfLabel[bytes[index] as number] === 1; index++) {
      isPrivate ||= hasBytes(bytes, index, last, privateKey)
    }
    if (!isPrivate || !hasBytes(bytes, index, end, pemDashes)) return false
    this.start = at - pemDashes.length
    this.end = pemEnd(bytes, this.start, end)
    return true
  }

  /** `eyJ…` begins the header of a JWT: `{"` in base64. */
  #findJwt (bytes: Uint8Array, lineStart: number, at: number, end: number): boolean {
    if (at < lineStart || bytes[at] !== 0x65 || bytes[at + 1] !== 0x79) return false
    if (!this.#mayBegin(bytes, lineStart, at)) return false
    const firstEnd = runEnd(bytes, at, end, isOfPart)
    if (bytes[firstEnd] !== dot || firstEnd - at < minPartChars + 3) return false
    let index = runEnd(bytes, firstEnd + 1, end, isOfPart)
    if (index - firstEnd <= minPartChars) return false
    while (index + 1 < end && bytes[index] === dot && isOfPart[bytes[index + 1] as number] === 1) {
      index = runEnd(bytes, index + 1, end, isOfPart)
    }
    this.start = at
    this.end = Math.min(index, end)
    return this.end > at
  }

  /** Whether what stands before `at` is no part of a word; the digits of `%20` are none. */
  #mayBegin (bytes: Uint8Array, lineStart: number, at: number): boolean {
    if (at === lineStart) return true
    const before = bytes[at - 1] as number
    if (isOfPart[before] === 0 || colourStart(bytes, lineStart, at) >= 0) return true
    if (isEscapedSpace(bytes, lineStart, at - 1)) return true
    this.#back.read(bytes, lineStart, at)
    const { code, start } = this.#back
    return start < at - 1 && (code >= 0x80 || isOfPart[code] === 0)
  }
}

// Tested in test/redact/bare-tokens.test.ts
