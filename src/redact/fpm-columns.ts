import { ascii, endsWith, isDigit } from '../bytes/ascii.ts'

const { space, quote, zero } = ascii

/** PHP takes memory in chunks of so many bytes. Source: Zend/zend_alloc_sizes.h (ZEND_MM_CHUNK_SIZE) */
const chunkBytes = 2 * 1024 * 1024
/** In groups of so many digits nobody writes a card number. */
const minDigits = 7
const maxDigits = 12
/** As much as may stand before the number in what php-fpm's format has of its own. */
const longestBefore = 300
const extraKey = Buffer.from(',"extra":"')
const statusKey = Buffer.from('"status":')

/**
 * Index of the first digit of `[first, to)` at which the column of memory (`%M`) begins, or behind which it ends, in an
 * access line of php-fpm as it is encoded: `"status":200,"extra":"249823 4194304 48500"`. `to` where there is none.
 * With durations and pids beside it, it would be taken for a part of a card number now and then.
 *
 * Only a whole number of PHP's chunks between single spaces is that column, of seven digits at least.
 *
 * @param starts by digit: where it begins
 * @param ends by digit: where it ends
 */
export function columnEdge (
  bytes: Uint8Array, lineStart: number, starts: Int32Array, ends: Int32Array, first: number, to: number
): number {
  let from = first
  for (let index = first + 1; index <= to; index++) {
    if (index < to && starts[index] === ends[index - 1]) continue
    const isWhole = from === first && index === to
    if (!isWhole && isMemoryColumn(bytes, lineStart, starts[from] as number, ends[index - 1] as number)) {
      return from === first ? index : from
    }
    from = index
  }
  return to
}

function isMemoryColumn (bytes: Uint8Array, lineStart: number, start: number, end: number): boolean {
  const length = end - start
  if (length < minDigits || length > maxDigits || bytes[start] === zero) return false
  let value = 0
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number
    if (!isDigit(byte)) return false
    value = value * 10 + byte - zero
  }
  const isAtEnd = bytes[end] === quote || (bytes[end] === space && bytes[end + 1] !== space)
  const isAtStart = bytes[start - 1] === quote || (bytes[start - 1] === space && bytes[start - 2] !== space)
  return value % chunkBytes === 0 && isAtStart && isAtEnd && isInExtra(bytes, lineStart, start)
}

/** Whether it stands in the field `extra` right behind the status: Apache's lines have their bytes between the two. */
function isInExtra (bytes: Uint8Array, lineStart: number, at: number): boolean {
  const first = Math.max(lineStart, at - longestBefore)
  let open = at - 1
  while (open > first && bytes[open] !== quote) open--
  const status = open + 1 - extraKey.length - 3
  if (!endsWith(bytes, lineStart, open + 1, extraKey)) return false
  for (let digit = 0; digit < 3; digit++) if (!isDigit(bytes[status + digit] as number)) return false
  return endsWith(bytes, lineStart, status, statusKey)
}

// Tested in test/redact/card-numbers.test.ts
