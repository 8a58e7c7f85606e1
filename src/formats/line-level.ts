import { headBytes } from './apache-error.ts'
import { levelOfApache } from './apache-level.ts'
import { bracketEnd, createLevelWords, isLogfmt, levelOfMessage, unsure, type LevelFound } from './message-level.ts'
import { endOfSaid, fpmLevels } from './php-fpm.ts'
import { ascii, createByteSet, createShape, digitsEnd, hasBytes, hasShape, isCapital, isSmall, runEnd } from '../bytes/ascii.ts'

const { space, dot, openBracket } = ascii

const hostBytes = createByteSet(/[\w.:-]/)
const zoneBytes = createByteSet(/[\w/+:-]/)
const spaceBytes = createByteSet(/[\0- ]/)
const poolBytes = createByteSet(/[^\]]/)
/** With these, fields of Apache may begin, a record in JSON, an error in HTML, or what a console writes. */
const fieldStarts = createByteSet(/[\d:.,+({<\t -]/)

const phpTime = createShape('[00-Aaa-0000 00:00:00')

const pool = Buffer.from('[pool ')
const child = Buffer.from('] child ')
const sourcePlace = Buffer.from('pid ')
const saidErrors = Buffer.from(' said into stderr: "')
const saidOutput = Buffer.from(' said into stdout: "')
const phpMessage = Buffer.from('PHP message: ')

const fpmWords = createLevelWords(fpmLevels, ': ')

/**
 * Tells the level of a line of a usual form from its bytes, without a string or an object; `unsure` of any other. It is
 * the same, whatever the bytes, as that of the line's fields: each step does what the expression does that it replaces.
 */
export function levelOfLine (bytes: Buffer, start: number, end: number): LevelFound {
  if (start >= end) return undefined
  const byte = bytes[start] as number
  if (byte === openBracket) {
    const level = levelOfApache(bytes, start, end)
    if (level !== unsure) return level
    if (hasShape(bytes, start, end, phpTime)) return levelOfDated(bytes, start, end)
    return levelOfMessage(bytes, start, end, undefined)
  }
  if (isCapital(byte)) return levelOfText(bytes, start, end)
  return fieldStarts[byte] === 1 || isLogfmt(bytes, start, end) || isHost(bytes, start, end) ? unsure : undefined
}

/** `[24-Nov-2026 04:37:30 UTC] message` of PHP, `[23-Nov-2026 19:38:39] NOTICE: message` of php-fpm. */
function levelOfDated (bytes: Buffer, start: number, end: number): LevelFound {
  let at = start + phpTime.length
  if (at < end && bytes[at] === dot) {
    const fraction = at + 1
    at = digitsEnd(bytes, fraction, Math.min(end, fraction + 6))
    if (at === fraction) return unsure
  }
  const behind = bracketEnd(bytes, at, end)
  if (behind > at) return levelOfFpm(bytes, behind, end, start + headBytes)
  if (at >= end || bytes[at] !== space) return unsure
  const zone = at + 1
  at = runEnd(bytes, zone, end, zoneBytes)
  const content = bracketEnd(bytes, at, end)
  return at === zone || at - zone > 64 || content === at ? unsure : levelOfMessage(bytes, content, end, 'notice')
}

/** @param headEnd where what is looked at for the decoration of php-fpm ends */
function levelOfFpm (bytes: Buffer, start: number, end: number, headEnd: number): LevelFound {
  const word = fpmWords(bytes, start, end)
  if (word === undefined) return unsure
  const behind = start + word.lengthBytes
  if (hasBytes(bytes, behind, end, sourcePlace)) return unsure
  const said = saidStart(bytes, behind, end)
  return said === behind ? word.level : levelOfSaid(bytes, said, endOfSaid(bytes, said, end), headEnd)
}

/** Behind `[pool www] child 24504 said into stderr: "` at `start`, or `start`. */
function saidStart (bytes: Uint8Array, start: number, end: number): number {
  if (!hasBytes(bytes, start, end, pool)) return start
  const name = start + pool.length
  let at = runEnd(bytes, name, Math.min(end, name + 100), poolBytes)
  if (at === name || !hasBytes(bytes, at, end, child)) return start
  const pid = at + child.length
  at = digitsEnd(bytes, pid, Math.min(end, pid + 10))
  if (at === pid || !(hasBytes(bytes, at, end, saidErrors) || hasBytes(bytes, at, end, saidOutput))) return start
  return at + saidErrors.length
}

/** What a child of php-fpm said, or a message of PHP that php-fpm marks without saying whose it is. */
function levelOfSaid (bytes: Uint8Array, start: number, end: number, headEnd: number): LevelFound {
  const message = messageStart(bytes, start, end)
  const isMarked = message > start
  const isBlank = runEnd(bytes, message, end, spaceBytes) >= end
  // Without anything said, the text of the line is the decoration; a child that debugs marks messages in its own way.
  if (isBlank || message > headEnd) return unsure
  if (isMarked) return levelOfMessage(bytes, message, end, 'notice')
  return fpmWords(bytes, start, end) !== undefined || mayBeDay(bytes, start, end)
    ? unsure
    : levelOfMessage(bytes, message, end, undefined)
}

/** Index behind `NOTICE: PHP message: ` at `start`, or `start`. */
function messageStart (bytes: Uint8Array, start: number, end: number): number {
  const word = fpmWords(bytes, start, end)
  if (word === undefined || !hasBytes(bytes, start + word.lengthBytes, end, phpMessage)) return start
  return start + word.lengthBytes + phpMessage.length
}

/** A line that begins with a capital: `PHP Warning: `, `NOTICE: PHP message: `, any text. */
function levelOfText (bytes: Uint8Array, start: number, end: number): LevelFound {
  if (isHost(bytes, start, end) || start + 4 >= end) return unsure
  const first = bytes[start]
  const isCapitalized = isSmall(bytes[start + 1] as number)
  // `AH00124: `, `Mon Nov 23`, and the letters with which a time may begin.
  if ((first === 0x41 && bytes[start + 1] === 0x48) || ((first === 0x54 || first === 0x5a) && !isCapitalized) ||
    mayBeDay(bytes, start, end)) return unsure
  if (fpmWords(bytes, start, end) === undefined) return levelOfMessage(bytes, start, end, undefined)
  return messageStart(bytes, start, end) > start ? levelOfSaid(bytes, start, end, end) : unsure
}

/** Whether a time may begin here as the opcache and Apache write it, `Mon Nov 23`. */
function mayBeDay (bytes: Uint8Array, start: number, end: number): boolean {
  return start + 4 < end && isCapital(bytes[start] as number) && isSmall(bytes[start + 1] as number) &&
    bytes[start + 3] === space && isCapital(bytes[start + 4] as number)
}

/** Whether a word stands here that a bracket follows: it may be a host before the fields of Apache. */
function isHost (bytes: Uint8Array, start: number, end: number): boolean {
  const at = runEnd(bytes, start, end, hostBytes)
  return at + 1 < end && bytes[at] === space && bytes[at + 1] === openBracket
}
