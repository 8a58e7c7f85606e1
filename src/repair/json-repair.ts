import { repairKinds, type InvalidReason } from '../contracts/repair-kinds.ts'
import { repairString } from '../formats/apache-string.ts'
import { noValueEnd, opensContainer, repairBareValue } from './bare-value.ts'
import { ascii } from '../bytes/ascii.ts'
import { isJsonSpace } from '../bytes/json-tokens.ts'
import { LineRewriter } from '../bytes/line-rewriter.ts'
import { hasRepeatedKey } from './repeated-key.ts'

export type RepairOutcome = 'repaired' | 'invalid'

/**
 * Makes a line that is meant to be a JSON object into one, as strict as RFC 8259 and without a newline.
 *
 * A line that is valid already stays byte for byte. Fields keep their order, and hold what the client sent; no field
 * is added or merged. Apache writes a quote inside of a value only with a backslash, so an unescaped one always
 * belongs to the line's own structure: where that does not add up, nothing is guessed and the line is invalid.
 */
export interface JsonRepairer {
  /** After 'repaired', the line is `buffer[start, end)` until the next `repair`. */
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
  /** Bits of `repairKinds`; 0 when the line was valid. */
  readonly kinds: number
  /** Says why after 'invalid'; undefined after 'repaired'. */
  readonly reason: InvalidReason | undefined
  /** Repairs `bytes[start, end)`, which stay as they are. Reads nothing outside of them. */
  repair (bytes: Buffer, start: number, end: number): RepairOutcome
}

const { newline, space, quote, comma, colon, openBracket, closeBracket, openBrace, closeBrace } = ascii
const spaceByte = Buffer.from(' ')

export function createJsonRepairer ({ maxDepth = 128 }: { readonly maxDepth?: number } = {}): JsonRepairer {
  const rewriter = new LineRewriter()
  // 1 where the container that is open at this depth is an object, 0 where it is an array.
  const isObjectAt = new Uint8Array(maxDepth + 1)
  let isKeyRepaired = false
  /** The line's own `{"<first key>":` is `[openingStart, openingEnd)`; empty until it has been read. */
  let openingStart = 0
  let openingEnd = 0

  /** Index of the next token, or `end`; newlines on the way become spaces, as the result is one line. */
  function tokenAt (bytes: Buffer, from: number, end: number): number {
    let index = from
    if (index < end && (bytes[index] as number) > space) return index
    for (; index < end && isJsonSpace(bytes[index] as number); index++) {
      if (bytes[index] === newline) rewriter.replace(index, index + 1, repairKinds.control_byte).append(spaceByte)
    }
    return index
  }

  /** Index of the colon after the key that starts at `from`. */
  function colonAfterKey (bytes: Buffer, from: number, end: number): number {
    const countBefore = rewriter.count
    const keyEnd = repairString(rewriter, bytes, from + 1, end, false)
    if (rewriter.count !== countBefore) isKeyRepaired = true
    return keyEnd === end ? end : tokenAt(bytes, keyEnd + 1, end)
  }

  /**
   * Drops what a format has behind the object and is no part of a value: brackets, braces, commas. False
   * when something else stands there.
   */
  function dropRest (bytes: Buffer, from: number, end: number): boolean {
    let kind = 0
    for (let index = from; index < end; index++) {
      const byte = bytes[index] as number
      if (byte === closeBrace || byte === closeBracket) kind |= repairKinds.closing_bracket
      else if (byte === comma) kind |= repairKinds.comma
      else if (!isJsonSpace(byte)) return false
    }
    // Spaces alone are no mistake, but for a newline.
    if (kind === 0) return tokenAt(bytes, from, end) === end
    rewriter.replace(from, end, kind)
    return true
  }

  function walk (bytes: Buffer, start: number, end: number): InvalidReason | undefined {
    let index = tokenAt(bytes, start, end)
    if (index === end || bytes[index] !== openBrace) return 'not_object'
    openingStart = index++
    let depth = 1
    let inObject = true
    let isEmpty = true
    isObjectAt[1] = 1
    while (index < end) {
      index = tokenAt(bytes, index, end)
      if (index === end) return 'truncated'
      let byte = bytes[index] as number
      if (!isEmpty || byte !== (inObject ? closeBrace : closeBracket)) {
        if (inObject) {
          if (byte !== quote) return 'syntax'
          index = colonAfterKey(bytes, index, end)
          if (index === end) return 'truncated'
          if (bytes[index] !== colon) return 'syntax'
          if (openingEnd === 0) openingEnd = index + 1
          index = tokenAt(bytes, index + 1, end)
          if (index === end) return 'truncated'
          byte = bytes[index] as number
        }
        if (byte === quote) {
          index = repairString(rewriter, bytes, index + 1, end, true)
          if (index === end) return 'truncated'
          index++
        } else if ((byte === openBrace || byte === openBracket) && opensContainer(bytes, index, end)) {
          if (depth === maxDepth) return 'too_deep'
          inObject = byte === openBrace
          isObjectAt[++depth] = inObject ? 1 : 0
          isEmpty = true
          index++
          continue
        } else {
          index = repairBareValue(rewriter, bytes, index, end, isObjectAt, depth)
          if (index === end) return 'truncated'
          if (index === noValueEnd) return 'syntax'
        }
      }
      isEmpty = false
      // A value has ended: close every container that ends here, up to the next comma.
      for (index = tokenAt(bytes, index, end); index < end; index = tokenAt(bytes, index + 1, end)) {
        byte = bytes[index] as number
        if (byte === comma) {
          if (index + 1 < end && bytes[index + 1] === quote) break
          if (!isBeforeClosing(bytes, index + 1, end, inObject)) break
          rewriter.replace(index, index + 1, repairKinds.comma)
          continue
        }
        if (byte !== (inObject ? closeBrace : closeBracket)) return 'syntax'
        if (--depth === 0) return dropRest(bytes, index + 1, end) ? undefined : 'syntax'
        inObject = isObjectAt[depth] === 1
      }
      index++
    }
    return 'truncated'
  }

  const repairer = {
    buffer: rewriter.scratch.buffer,
    start: 0,
    end: 0,
    kinds: 0,
    reason: undefined as InvalidReason | undefined,
    repair (bytes: Buffer, start: number, end: number): RepairOutcome {
      isKeyRepaired = false
      openingEnd = 0
      rewriter.begin(bytes, start)
      let reason = walk(bytes, start, end)
      if (reason === undefined) {
        rewriter.finish(end)
        if (isKeyRepaired && hasRepeatedKey(rewriter.scratch.buffer.toString('utf8', 0, rewriter.scratch.end))) {
          reason = 'duplicate_key'
        }
      } else if (openingEnd > 0 && hasAgain(bytes, openingStart, openingEnd, end)) {
        reason = 'torn'
      }
      repairer.buffer = rewriter.scratch.buffer
      repairer.end = rewriter.scratch.end
      repairer.kinds = rewriter.kinds
      repairer.reason = reason
      return reason === undefined ? 'repaired' : 'invalid'
    },
  }
  return repairer
}

function isBeforeClosing (bytes: Uint8Array, from: number, end: number, inObject: boolean): boolean {
  let index = from
  while (index < end && isJsonSpace(bytes[index] as number)) index++
  return index < end && bytes[index] === (inObject ? closeBrace : closeBracket)
}

/** Whether `bytes[start, end)` come again before `lineEnd`. Their quotes are unescaped: no value can hold them. */
function hasAgain (bytes: Buffer, start: number, end: number, lineEnd: number): boolean {
  return bytes.subarray(end, lineEnd).includes(bytes.subarray(start, end))
}
