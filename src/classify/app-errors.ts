import { ascii, createByteSet, digitsEnd, isDigit } from '../bytes/ascii.ts'
import { createKeyTable } from '../bytes/key-table.ts'
import { createErrorReading } from '../formats/error-reading.ts'
import { levelKeys } from '../formats/json-log.ts'
import { isBelow, levelOfName, levelOfNumber, type ErrorLevel } from '../formats/level.ts'

const { quote, colon, backslash, space } = ascii
const longestKeyBytes = 20
const keyStarts = createByteSet(new RegExp(`[${levelKeys.map(key => key[0]).join('')}]`))
const longestLevelBytes = 16

/** Whether a line of standard output is an error: its level is at least the one that is set. */
export type IsAppError = (bytes: Buffer, start: number, end: number, isJson: boolean) => boolean

/**
 * Reads a line as one of standard error is read. Nearly all lines of an application are below, and are told so from
 * their bytes; only of one in JSON that names a level as severe anywhere are the fields read.
 */
export function createAppErrors (errorsFrom: ErrorLevel): IsAppError {
  const reading = createErrorReading()
  const keys = createKeyTable([levelKeys])
  const isSevere = (level: ErrorLevel | undefined) => level !== undefined && !isBelow(level, errorsFrom)

  /** Whether any member of the object, however deep, has such a level. */
  function namesLevel (bytes: Buffer, start: number, end: number): boolean {
    for (let index = start; index < end; index++) {
      const byte = bytes[index] as number
      if (byte === backslash) index++
      // Nearly no other member begins with one of these letters, so few are looked up.
      if (byte !== quote || index + 1 >= end || keyStarts[bytes[index + 1] as number] === 0) continue
      const keyEnd = endOfKey(bytes, index + 1, end)
      const isLevel = keyEnd > index && keys.bitsOf(bytes, index + 1, keyEnd) !== 0
      if (isLevel && isSevere(levelAt(bytes, keyEnd + 1, end))) return true
    }
    return false
  }

  return (bytes, start, end, isJson) => {
    if (isJson && !namesLevel(bytes, start, end)) return false
    reading.begin(bytes, start, end)
    return isSevere(reading.level)
  }
}

/** Index of the quote that ends a short key, or -1. */
function endOfKey (bytes: Uint8Array, from: number, end: number): number {
  const last = Math.min(end, from + longestKeyBytes)
  for (let index = from; index < last; index++) if (bytes[index] === quote) return index
  return -1
}

/** The level that stands behind a key, as a word or a number. */
function levelAt (bytes: Buffer, from: number, end: number): ErrorLevel | undefined {
  let at = spaceEnd(bytes, from, end)
  if (at >= end || bytes[at] !== colon) return undefined
  at = spaceEnd(bytes, at + 1, end)
  if (at >= end) return undefined
  if (isDigit(bytes[at] as number)) return levelOfNumber(Number(bytes.toString('latin1', at, digitsEnd(bytes, at, Math.min(end, at + 4)))))
  if (bytes[at] !== quote) return undefined
  const last = Math.min(end, at + 1 + longestLevelBytes)
  for (let index = at + 1; index < last; index++) {
    if (bytes[index] === quote) return levelOfName(bytes.toString('latin1', at + 1, index))
  }
  return undefined
}

function spaceEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end && bytes[index] === space) index++
  return index
}
