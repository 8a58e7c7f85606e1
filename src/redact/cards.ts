import { ascii } from '../bytes/ascii.ts'
import type { LineRewriter } from '../bytes/line-rewriter.ts'
import { hint } from '../contracts/hints.ts'
import { CardScan } from './card-scan.ts'
import { CardNumbers, type IsOfId } from './card-numbers.ts'

const { quote, backslash, comma, colon, openBracket, closeBracket, closeBrace, space } = ascii
const star = 0x2a
const quoteMark = Buffer.from('"')
const redacted = Buffer.from('[redacted]')

/**
 * Hides card numbers of a line: `*` for each digit but the first six and the last four. Of JSON a number becomes a
 * text, so that the line stays JSON.
 */
export class Cards {
  numberCount = 0
  trackCount = 0
  readonly #numbers: CardNumbers
  readonly #scan = new CardScan()
  /** Up to where quotes are read, and whether that is within a text. */
  #readTo = 0
  #isInText = false

  constructor (isOfId?: IsOfId) {
    this.#numbers = new CardNumbers(isOfId)
  }

  /** Whether a number may be in a line of JSON of which these hints are known. */
  mayBeIn (bytes: Uint8Array, start: number, end: number, hints: number): boolean {
    return (hints & hint.encoded) !== 0 || this.#scan.nextPlain(bytes, start, end)
  }

  /** Rewrites a line. @returns false when nothing is to be changed: the rewriter then holds nothing of it */
  rewrite (rewriter: LineRewriter, bytes: Buffer, start: number, end: number, isJson: boolean): boolean {
    const numbers = this.#numbers
    numbers.begin(bytes, start, end)
    if (!numbers.next()) return false
    rewriter.begin(bytes, start)
    this.#readTo = start
    this.#isInText = false
    let bareEnd = -1
    do {
      for (let span = 0; span < numbers.spanCount; span++) {
        const from = numbers.spanStarts[span] as number
        const to = numbers.spanEnds[span] as number
        if (bareEnd >= 0 && from >= bareEnd) {
          rewriter.replace(bareEnd, bareEnd, 0).append(quoteMark)
          bareEnd = -1
        }
        if (isJson && bareEnd < 0 && !this.#isText(bytes, from)) {
          let bareStart = from
          while (bareStart > start && isOfNumber(bytes[bareStart - 1] as number)) bareStart--
          bareEnd = from
          while (bareEnd < end && isOfNumber(bytes[bareEnd] as number)) bareEnd++
          rewriter.replace(bareStart, bareStart, 0).append(quoteMark)
        }
        if (numbers.isTrack && span === numbers.spanCount - 1) rewriter.replace(from, to, 0).append(redacted)
        else rewriter.replace(from, to, 0).appendByte(star)
      }
    } while (numbers.next())
    if (bareEnd >= 0) rewriter.replace(bareEnd, bareEnd, 0).append(quoteMark)
    rewriter.finish(end)
    this.numberCount = numbers.numberCount
    this.trackCount = numbers.trackCount
    return true
  }

  /** Whether `at` is within a text of JSON. Reads on from where it was asked last. */
  #isText (bytes: Uint8Array, at: number): boolean {
    let index = this.#readTo
    let isInText = this.#isInText
    for (; index < at; index++) {
      const byte = bytes[index]
      if (byte === quote) isInText = !isInText
      else if (byte === backslash && isInText) index++
    }
    this.#readTo = index
    this.#isInText = isInText
    return isInText
  }
}

function isOfNumber (byte: number): boolean {
  return byte > space && byte !== comma && byte !== colon && byte !== openBracket && byte !== closeBracket &&
    byte !== closeBrace
}

// Tested in test/redact/redactor.test.ts
