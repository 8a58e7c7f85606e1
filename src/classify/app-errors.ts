import { ascii, createByteSet, digitsEnd, isCapital, isDigit } from '../bytes/ascii.ts'
import { createKeyTable } from '../bytes/key-table.ts'
import { createErrorReading } from '../formats/error-reading.ts'
import { levelKeys } from '../formats/json-log.ts'
import type { ErrorLevel } from '../contracts/levels.ts'
import { isBelow, levelOfNumber, namesFrom } from '../formats/level.ts'
import { isServerLine } from '../formats/server-log.ts'

const { quote, colon, backslash, space, zero } = ascii
const longestKeyBytes = 20
const keyStarts = createByteSet(new RegExp(`[${levelKeys.map(key => key[0]).join('')}]`))
/** A number of a level has no more digits that count. */
const longestNumberBytes = 4

/** Whether a line of standard output is an error: its level is at least the one that is set, or it is a server's. */
export type IsAppError = (bytes: Buffer, start: number, end: number, isJson: boolean) => boolean

/**
 * Reads a line as one of standard error is read. Nearly all lines of an application are below, and are told so from
 * their bytes; only of one in JSON that names a level as severe anywhere are the fields read.
 */
export function createAppErrors (errorsFrom: ErrorLevel): IsAppError {
  const reading = createErrorReading()
  const keys = createKeyTable([levelKeys])
  const isSevere = (level: ErrorLevel | undefined) => level !== undefined && !isBelow(level, errorsFrom)
  const namesSevere = createSevereValues(errorsFrom)

  /** Whether any member of the object, however deep, has such a level. */
  function namesLevel (bytes: Buffer, start: number, end: number): boolean {
    for (let index = start; index < end; index++) {
      const byte = bytes[index] as number
      if (byte === backslash) index++
      // Nearly no other member begins with one of these letters, so few are looked up.
      if (byte !== quote || index + 1 >= end || keyStarts[bytes[index + 1] as number] === 0) continue
      const keyEnd = endOfKey(bytes, index + 1, end)
      const isLevel = keyEnd > index && keys.bitsOf(bytes, index + 1, keyEnd) !== 0
      if (isLevel && namesSevere(bytes, keyEnd + 1, end)) return true
    }
    return false
  }

  return (bytes, start, end, isJson) => {
    if (isJson && !namesLevel(bytes, start, end)) return false
    reading.begin(bytes, start, end)
    return isSevere(reading.level) || (!isJson && isServerLine(bytes, start, end))
  }
}

/** Index of the quote that ends a short key, or -1. */
function endOfKey (bytes: Uint8Array, from: number, end: number): number {
  const last = Math.min(end, from + longestKeyBytes)
  for (let index = from; index < last; index++) if (bytes[index] === quote) return index
  return -1
}

/** Whether a level at least as bad stands behind a key, as a word or a number: told from bytes, without a string. */
function createSevereValues (errorsFrom: ErrorLevel): (bytes: Buffer, from: number, end: number) => boolean {
  const byFirst = Array.from({ length: 256 }, (): Buffer[] => [])
  for (const name of namesFrom(errorsFrom)) byFirst[name.charCodeAt(0)]?.push(Buffer.from(name))
  const numbers = Uint8Array.from({ length: 10 ** longestNumberBytes }, (_, value) => {
    const level = levelOfNumber(value)
    return level === undefined || isBelow(level, errorsFrom) ? 0 : 1
  })

  return (bytes, from, end) => {
    let at = spaceEnd(bytes, from, end)
    if (at >= end || bytes[at] !== colon) return false
    at = spaceEnd(bytes, at + 1, end)
    if (at >= end) return false
    if (isDigit(bytes[at] as number)) {
      const last = digitsEnd(bytes, at, Math.min(end, at + longestNumberBytes))
      let value = 0
      for (; at < last; at++) value = value * 10 + (bytes[at] as number) - zero
      return numbers[value] === 1
    }
    if (bytes[at] !== quote || at + 1 >= end) return false
    const names = byFirst[small(bytes[at + 1] as number)] as readonly Buffer[]
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as Buffer
      if (isWord(bytes, at + 1, end, name)) return true
    }
    return false
  }
}

/** Whether the word stands at `start`, in letters of any size, with a quote behind it. */
function isWord (bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  const { length } = word
  if (start + length >= end || bytes[start + length] !== quote) return false
  for (let index = 0; index < length; index++) if (small(bytes[start + index] as number) !== word[index]) return false
  return true
}

function small (byte: number): number {
  return isCapital(byte) ? byte | 0x20 : byte
}

function spaceEnd (bytes: Uint8Array, from: number, end: number): number {
  let index = from
  while (index < end && bytes[index] === space) index++
  return index
}
