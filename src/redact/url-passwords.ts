import { ascii, createByteSet, digitsEnd } from '../bytes/ascii.ts'
import { EncodedBack } from './encoded-back.ts'
import { EncodedChar, isWhite } from './encoded-char.ts'

const { quote, apostrophe, backslash, colon, slash } = ascii
const { atSign, numberSign, percent, less, greater, questionMark, backtick } = ascii

/** More than these are no user and password. */
const maxBytes = 512
/** As often may a percent sign be encoded again. */
const maxPercents = 4

const isOfScheme = createByteSet(/[0-9A-Za-z+.-]/)
const isLineBreakLetter = createByteSet(/[nrt]/)

/** Whether `%40`, `%2540`, `\x40` or `\u0040` stands at `at`, where a percent sign or a backslash is. */
export function isEncodedAtSign (bytes: Uint8Array, at: number): boolean {
  let index = at + 1
  if (bytes[at] === percent) {
    for (let count = 0; count < maxPercents && bytes[index] === 0x32 && bytes[index + 1] === 0x35; count++) index += 2
  } else {
    if (bytes[index] === backslash) index++
    const isCodePoint = bytes[index] === 0x75 && bytes[index + 1] === 0x30 && bytes[index + 2] === 0x30
    if (!isCodePoint && bytes[index] !== 0x78) return false
    index += isCodePoint ? 3 : 1
  }
  return bytes[index] === 0x34 && bytes[index + 1] === 0x30
}

/**
 * Finds the password of `scheme://user:password@host`, in any encoding. Looks only where an `@` is, which ordinary lines
 * do not have, and at no byte more than twice. Allocates nothing; the object is used again.
 */
export class UrlPassword {
  start = 0
  end = 0
  readonly #back = new EncodedBack()
  readonly #char = new EncodedChar()

  /** @param at of the `@`, however it is written */
  find (bytes: Uint8Array, lineStart: number, at: number, end: number): boolean {
    const slashWidth = this.#findStart(bytes, lineStart, at, end)
    return slashWidth > 0 && this.#findEnd(bytes, at, end, slashWidth)
  }

  /** @returns bytes that each slash before the host takes; 0: there is no password */
  #findStart (bytes: Uint8Array, lineStart: number, at: number, end: number): number {
    const back = this.#back
    this.#char.read(bytes, at, end)
    const atWidth = this.#char.end - at
    const least = Math.max(lineStart, at - maxBytes)
    this.start = -1
    let slashCount = 0
    let slashWidth = 0
    let hasAtSign = false
    // What is encoded once more than the slashes before the host is of the password.
    let delimiterWidth = Infinity
    let innerStart = -1
    let innerWidth = 0
    for (let index = at; index > least; index = back.start) {
      back.read(bytes, lineStart, index)
      const { code, start } = back
      const width = index - start
      if (code === colon && slashCount === 2) {
        const isUrl = start > lineStart && isOfScheme[bytes[start - 1] as number] === 1
        if (isUrl && this.start >= 0 && delimiterWidth > slashWidth) {
          if (width >= slashWidth && atWidth >= slashWidth) return slashWidth
          // Slashes that are encoded alone are of the password if an address begins before them: `:%2F%2Fa%3Ab@host`.
          if (innerWidth === 0) innerStart = this.start
          innerWidth ||= slashWidth
        }
        // Else it may be in the password: `:%2F%2Fabc@host`.
        if (width === 1 && slashWidth === 1) break
      }
      // Of JSON, which may write a backslash before each slash.
      if (code === backslash && slashCount > 0) continue
      if (code === slash) {
        slashCount++
        slashWidth = width
        continue
      }
      if (slashCount > 0) delimiterWidth = Math.min(delimiterWidth, slashWidth)
      slashCount = 0
      if (code === colon) this.start = index
      else if (code === questionMark || code === numberSign || (isNoUrl(code) && bytes[start] === percent)) {
        delimiterWidth = Math.min(delimiterWidth, width)
      // A user may be an e-mail address.
      } else if (code === atSign && this.start >= 0 && !hasAtSign) hasAtSign = true
      else if (code === atSign || isNoUrl(code) || isEscapedBreak(bytes, lineStart, start)) break
    }
    this.start = innerStart
    return innerWidth
  }

  /** A password may have an `@` itself: the last one is before the host. */
  #findEnd (bytes: Uint8Array, at: number, end: number, slashWidth: number): boolean {
    const char = this.#char
    const last = Math.min(end, at + maxBytes)
    this.end = -1
    for (let index = at; index < last; index = char.end) {
      char.read(bytes, index, end)
      const { code } = char
      const isDelimiter = code === slash || code === questionMark || code === numberSign
      const isOuter = char.end - index <= slashWidth
      if (isNoUrl(code) ? isOuter || bytes[index] !== percent : isDelimiter && isOuter) break
      if (code === atSign) this.end = index
    }
    return this.end > this.start && !isPort(bytes, this.start, this.end)
  }
}

function isNoUrl (code: number): boolean {
  return code <= 0x20 || isWhite(code) || code === quote || code === apostrophe || code === less || code === greater ||
    code === backtick
}

/** Of `\n` and its like, where the letter is at `at`. */
function isEscapedBreak (bytes: Uint8Array, lineStart: number, at: number): boolean {
  return at > lineStart && bytes[at - 1] === backslash && isLineBreakLetter[bytes[at] as number] === 1
}

/** Whether digits and then what begins something else stand there: `http://host:80&to=a@b`. */
function isPort (bytes: Uint8Array, start: number, end: number): boolean {
  const index = digitsEnd(bytes, start, end)
  const byte = bytes[index]
  return index > start && index < end && (byte === 0x26 || byte === 0x2c || byte === 0x3b)
}
