import { apacheLevels } from './apache-error.ts'
import { errorLevels, levelOfKind, levelOfName, phpKinds, type ErrorLevel } from './level.ts'
import { loggerLevels } from './monolog.ts'
import { ascii, createByteSet, createShape, hasBytes, hasShape, isCapital, isDigit, runEnd } from '../bytes/ascii.ts'
import { createKeyTable } from '../bytes/key-table.ts'

/** What a reader of levels says of bytes that only the reader of all fields understands. */
export const unsure = 'unsure'
export type LevelFound = ErrorLevel | undefined | typeof unsure

export type LevelTable = (bytes: Uint8Array, start: number, end: number) => ErrorLevel | undefined

/** Levels by words in bytes: allocates nothing, and takes a word only as it is written in `words`. */
export function createLevelTable (
  words: readonly string[], levelOf: (word: string) => ErrorLevel | undefined = levelOfName
): LevelTable {
  const table = createKeyTable(errorLevels.map(level => words.filter(word => levelOf(word) === level)))
  return (bytes, start, end) => {
    const bits = table.bitsOf(bytes, start, end)
    return bits === 0 ? undefined : errorLevels[31 - Math.clz32(bits)]
  }
}

export const apacheLevel = createLevelTable(apacheLevels)
const loggerLevel = createLevelTable([...loggerLevels, ...loggerLevels.map(level => level.toUpperCase())])
const kindLevel = createLevelTable(phpKinds, levelOfKind)
const longestKind = Math.max(...phpKinds.map(kind => kind.length))
const longestTag = 18

const { space, minus, dot, colon, openBracket, closeBracket, openBrace } = ascii

const letters = createByteSet(/[A-Za-z]/)
const capitals = createByteSet(/[A-Z]/)
const kindBytes = createByteSet(/[A-Za-z ]/)
const wordBytes = createByteSet(/\w/)
const timeBytes = createByteSet(/[\d:.+TZ -]/)
const channelBytes = createByteSet(/[\w./ -]/)
const isoDay = createShape('[0000-00-00')
const phpMark = Buffer.from('PHP ')
const codeIgniterEnd = createShape(' - 0000')

/**
 * The level of what `readMessage` reads, which `bytes[at, end)` begin with, or `otherwise` where the message has none.
 * Only its beginning counts, so `end` may lie behind it, but not behind the line.
 */
export function levelOfMessage (
  bytes: Uint8Array, at: number, end: number, otherwise: ErrorLevel | undefined
): LevelFound {
  if (at >= end) return otherwise
  const byte = bytes[at] as number
  if (isCapital(byte)) {
    const level = levelOfPhp(bytes, at, end)
    if (level !== undefined) return level
    return mayBeCodeIgniter(bytes, at, end) ? unsure : otherwise
  }
  if (byte === openBracket) {
    if (hasShape(bytes, at, end, isoDay)) return levelOfMonolog(bytes, at, end)
    return isTag(bytes, at, end) ? otherwise : unsure
  }
  return byte === openBrace || (isDigit(byte) && at + 4 < end && bytes[at + 4] === minus) ? unsure : otherwise
}

/** The level of an error as PHP words it: `PHP Warning: `. */
function levelOfPhp (bytes: Uint8Array, start: number, end: number): ErrorLevel | undefined {
  const from = hasBytes(bytes, start, end, phpMark) ? start + phpMark.length : start
  const at = runEnd(bytes, from, Math.min(from + longestKind + 1, end), kindBytes)
  return at + 1 < end && bytes[at] === colon && bytes[at + 1] === space ? kindLevel(bytes, from, at) : undefined
}

function mayBeCodeIgniter (bytes: Uint8Array, start: number, end: number): boolean {
  return hasShape(bytes, runEnd(bytes, start, end, capitals), end, codeIgniterEnd)
}

/** Whether `[payment] ` stands here: one word in brackets that means nothing to any format, nor with what is behind. */
function isTag (bytes: Uint8Array, start: number, end: number): boolean {
  const first = start + 1 < end ? bytes[start + 1] as number : 0
  // With T and Z a time may begin.
  if (letters[first] === 0 || first === 0x54 || first === 0x5a) return false
  const at = runEnd(bytes, start + 1, end, wordBytes)
  if (at - start > longestTag || at + 2 >= end || bytes[at] !== closeBracket || bytes[at + 1] !== space) return false
  const next = bytes[at + 2] as number
  // With A and P a message may begin: `AH00124: `, `PHP Warning: `.
  return next !== openBracket && next !== 0x41 && next !== 0x50 && apacheLevel(bytes, start + 1, at) === undefined
}

/** `[2026-11-23T10:00:00.123456+00:00] channel.LEVEL: message` */
function levelOfMonolog (bytes: Uint8Array, start: number, end: number): LevelFound {
  const timeEnd = runEnd(bytes, start + isoDay.length, end, timeBytes)
  const channel = bracketEnd(bytes, timeEnd, end)
  if (channel === timeEnd || timeEnd - start < 20 || timeEnd - start > 41) return unsure
  const at = runEnd(bytes, channel, end, channelBytes)
  let lastDot = at - 1
  while (lastDot > channel && bytes[lastDot] !== dot) lastDot--
  if (at + 1 >= end || bytes[at] !== colon || bytes[at + 1] !== space) return unsure
  const first = bytes[channel]
  if (lastDot <= channel || lastDot - channel > 100 || first === dot || first === space) return unsure
  return loggerLevel(bytes, lastDot + 1, at) ?? unsure
}

/** Index behind `] ` at `at`, or `at`. */
export function bracketEnd (bytes: Uint8Array, at: number, end: number): number {
  return at + 1 < end && bytes[at] === closeBracket && bytes[at + 1] === space ? at + 2 : at
}
