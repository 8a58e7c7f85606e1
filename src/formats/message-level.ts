import type { ErrorLevel } from '../contracts/levels.ts'
import { levelOfKind, levelOfName, phpKinds } from './level.ts'
import { apacheLevels } from './apache-error.ts'
import { logfmtStart } from './logfmt.ts'
import { loggerLevels } from './monolog.ts'
import { ascii, createByteSet, createShape, hasBytes, hasShape, isCapital, isDigit, runEnd, wordAt } from '../bytes/ascii.ts'

/** What a reader of levels says of bytes that only the reader of all fields understands. */
export const unsure = 'unsure'
export type LevelFound = ErrorLevel | undefined | typeof unsure

/** A word that means a level, with what must stand behind it. */
export interface LevelWord {
  readonly level: ErrorLevel
  readonly lengthBytes: number
  /** What stands behind the first four bytes. */
  readonly rest: Uint8Array
}

/** Finds the word at `at`, undefined where there is none of them. Allocates nothing. */
export type LevelWords = (bytes: Uint8Array, at: number, end: number) => LevelWord | undefined

/** The words, each followed by `ending`, must differ in their first four bytes. */
export function createLevelWords (
  words: readonly string[], ending: string, levelOf: (word: string) => ErrorLevel | undefined = levelOfName
): LevelWords {
  const byStart = new Map<number, LevelWord>()
  for (const word of words) {
    const bytes = Buffer.from(word + ending)
    const level = levelOf(word)
    if (level === undefined) continue
    byStart.set(wordAt(bytes, 0), { level, lengthBytes: bytes.length, rest: bytes.subarray(4) })
  }
  return (bytes, at, end) => {
    const found = at + 4 <= end ? byStart.get(wordAt(bytes, at)) : undefined
    return found !== undefined && hasBytes(bytes, at + 4, end, found.rest) ? found : undefined
  }
}

const kinds = createLevelWords(phpKinds, ': ', levelOfKind)
const loggers = createLevelWords([...loggerLevels, ...loggerLevels.map(level => level.toUpperCase())], ': ')
const bracketed = createLevelWords(loggerLevels, '] ')
/** Of Apache, but for the eight of tracing. */
export const plainLevels = createLevelWords(apacheLevels.filter(level => !/\d/.test(level)), '] ')

const { space, tab, dot, colon, openBracket, closeBracket, openBrace, less } = ascii

const capitals = createByteSet(/[A-Z]/)
const tagBytes = createByteSet(/[A-Za-z_]/)
const timeBytes = createByteSet(/[\d:.+TZ -]/)
const channelBytes = createByteSet(/[\w./ -]/)
/** With T and Z a time may begin. */
const tagStarts = createByteSet(/[A-SU-Ya-z]/)
const longestTag = 18

const isoDay = createShape('[0000-00-00')
const codeIgniterEnd = createShape(' - 0000')
/** How records of Drupal begin. */
const drupalMark = wordAt(Buffer.from('WATC'), 0)
const moduleMark = wordAt(Buffer.from('mod_'), 0)
const phpMark = wordAt(Buffer.from('PHP '), 0)
const openTelemetryMark = wordAt(Buffer.from('OpenTelemetry'), 0)
const logfmtMark = Buffer.from(logfmtStart)

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
    const kind = kinds(bytes, at + 4 <= end && wordAt(bytes, at) === phpMark ? at + 4 : at, end)
    if (kind !== undefined) return kind.level
    // `In Foo.php line 3:` is how a console begins.
    const isConsole = byte === 0x49 && bytes[at + 1] === 0x6e && bytes[at + 2] === space
    const mark = at + 4 <= end ? wordAt(bytes, at) : 0
    if (mark === drupalMark || mark === openTelemetryMark || (mark !== 0 && isConsole)) return unsure
    return hasShape(bytes, runEnd(bytes, at, end, capitals), end, codeIgniterEnd) ? unsure : otherwise
  }
  if (byte === openBracket) {
    if (hasShape(bytes, at, end, isoDay)) return levelOfMonolog(bytes, at, end)
    return isTag(bytes, at, end) ? otherwise : unsure
  }
  // `mod_fcgid: stderr: ` and what PHP said.
  if (byte === 0x6d && at + 4 <= end && wordAt(bytes, at) === moduleMark) return unsure
  if (byte === 0x74) return isLogfmt(bytes, at, end) ? unsure : otherwise
  return byte === openBrace || byte === space || byte === tab || byte === less || isDigit(byte) ? unsure : otherwise
}

/** Whether a line of logfmt may begin here. */
export function isLogfmt (bytes: Uint8Array, at: number, end: number): boolean {
  return hasBytes(bytes, at, end, logfmtMark)
}

/** Whether `[payment] ` stands here: one word in brackets that means nothing to any format, nor with what is behind. */
function isTag (bytes: Uint8Array, start: number, end: number): boolean {
  const from = start + 1
  if (from >= end || tagStarts[bytes[from] as number] === 0) return false
  const at = runEnd(bytes, from, end, tagBytes)
  if (at - start > longestTag || at + 2 >= end || bytes[at] !== closeBracket || bytes[at + 1] !== space) return false
  const next = bytes[at + 2] as number
  // With A and P a message may begin: `AH00124: `, `PHP Warning: `.
  return next !== openBracket && next !== 0x41 && next !== 0x50 && plainLevels(bytes, from, end) === undefined &&
    bracketed(bytes, from, end) === undefined
}

/** `[2026-11-23T10:00:00.123456+00:00] channel.LEVEL: message` */
function levelOfMonolog (bytes: Uint8Array, start: number, end: number): LevelFound {
  const timeEnd = runEnd(bytes, start + isoDay.length, end, timeBytes)
  const channel = bracketEnd(bytes, timeEnd, end)
  if (channel === timeEnd || timeEnd - start < 20 || timeEnd - start > 41) return unsure
  const at = runEnd(bytes, channel, end, channelBytes)
  let lastDot = at - 1
  while (lastDot > channel && bytes[lastDot] !== dot) lastDot--
  const first = bytes[channel]
  if (lastDot <= channel || lastDot - channel > 100 || first === dot || first === space) return unsure
  return bytes[at] === colon ? loggers(bytes, lastDot + 1, end)?.level ?? unsure : unsure
}

/** Index behind `] ` at `at`, or `at`. */
export function bracketEnd (bytes: Uint8Array, at: number, end: number): number {
  return at + 1 < end && bytes[at] === closeBracket && bytes[at + 1] === space ? at + 2 : at
}

// Tested in test/formats/line-level.test.ts
