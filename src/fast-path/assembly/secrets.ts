import {
  cardBytesEndAt, hasShortKeyAt, isBoundary, isDigit, isHexDigit, isOfCard, isOfWord, mayCloseKey, mayEndAt,
  mayLeadDigit
} from '../layout'
import { isKind } from './bytes'

/** The host's exact answers, for the few places of which what is here does not say no. */
declare function isAfterKey (lineStart: i32, at: i32): bool
declare function isToken (lineStart: i32, at: i32): bool
declare function holdsCard (lineStart: i32, lineEnd: i32): bool

const space = 0x20
const quote = 0x22
const openParenthesis = 0x28
const atSign = 0x40
const percent = 0x25
const backslash = 0x5c
const fullWidth = 0xef
const latinSpace = 0xa0

/**
 * Whether redaction would look closer at a line for what stands at `at`: a separator, a percent sign, the letter of a
 * token, the `@` behind a password, a parenthesis. As the functions of `bytes/hint-notes.ts`.
 */
export function isOfInterest (byte: i32, at: i32, lineStart: i32): bool {
  if (byte === percent) return isPercentOfInterest(at, lineStart)
  if (byte === openParenthesis) return mayOpenValues(at) && isAfterKey(lineStart, at)
  if (byte === atSign) return isToken(lineStart, at)
  if (byte === 0x42 || byte === 0x4a) return isLetterOfToken(byte, at, lineStart)
  return mayBeAfterKey(at, lineStart) && isAfterKey(lineStart, at)
}

/** As `noteParenthesis`: whether an `s` stands before it, as that of `values`, or the `ue` of `value`. */
function mayOpenValues (at: i32): bool {
  let before = at - 1
  while (load<u8>(before) === space) before--
  const last = load<u8>(before) | 0x20
  return last === 0x73 || (last === 0x65 && (load<u8>(before - 1) | 0x20) === 0x75)
}

/** As `KeyBefore.mayEndAt`: nearly all words before a separator end unlike any key. */
export function mayBeAfterKey (separatorAt: i32, lineStart: i32): bool {
  if (separatorAt - lineStart <= 3) return true
  let at = separatorAt - 1
  let last = <i32>load<u8>(at)
  if (last === quote) last = load<u8>(--at)
  if (!isKind(last, isOfWord)) return isKind(last, mayCloseKey)
  const before = <i32>load<u8>(at - 1)
  if (load<u8>(mayEndAt + (((before & 0x7f) << 5) | (last & 0x1f))) === 1 &&
    (load<i32>(hasShortKeyAt) !== 0 || !isKind(load<u8>(at - 2), isBoundary))) return true
  return before === backslash || (isKind(last, isHexDigit) && mayBeEncoded(at + 1)) ||
    (isKind(before, isHexDigit) && mayBeEncoded(at))
}

function mayBeEncoded (end: i32): bool {
  const before = load<u8>(end - 3)
  return before === percent || before === 0x35 || before === 0x78 || load<u8>(end - 5) === 0x75
}

function isPercentOfInterest (at: i32, lineStart: i32): bool {
  const high = <i32>load<u8>(at + 1)
  const low = <i32>load<u8>(at + 2)
  if (high === 0x32 || high === 0x33) return true
  if (!isKind(high, isHexDigit) || !isKind(low, isHexDigit)) return false
  const byte = hexValue(high) * 16 + hexValue(low)
  if (byte === atSign) return isToken(lineStart, at)
  return isKind(byte, mayLeadDigit) || byte === latinSpace || byte === fullWidth
}

function hexValue (digit: i32): i32 {
  return digit <= 0x39 ? digit - 0x30 : (digit | 0x20) - 0x61 + 10
}

function isLetterOfToken (byte: i32, at: i32, lineStart: i32): bool {
  const next = <i32>load<u8>(at + 1) | 0x20
  const isOfScheme = byte === 0x42 && (next === 0x65 || next === 0x61)
  return (isOfScheme || (byte === 0x4a && load<u8>(at - 1) === 0x79)) && isToken(lineStart, at)
}

const minCardDigits = 13
/** Before the dots of a number that was cut. */
const minCutDigits = 12
const dot = 0x2e

/**
 * Whether a line holds a card number, where nothing in it is encoded. Where one run of the bytes that such a number is
 * made of has enough digits, as for `CardScan.nextPlain`, the host is asked. Only where thirteen bytes in a row are
 * small enough is any looked at by itself: most of a line are letters, which are larger.
 */
export function hasCard (lineStart: i32, lineEnd: i32): bool {
  const end = i8x16.splat(<i8>load<i32>(cardBytesEndAt))
  // A bit each of the twelve bytes before `at`.
  let before: u64 = 0
  let at = lineStart
  while (at < lineEnd) {
    const small = before | smallOf16(at, end) << 12 | smallOf16(at + 16, end) << 28 | smallOf16(at + 32, end) << 44
    let runs = small & (small >> 1)
    runs &= runs >> 2
    runs &= runs >> 4
    runs &= runs >> 5
    at += 48
    before = small >> 48
    if (runs === 0) continue
    at = behindRun(at - 60 + <i32>ctz(runs), lineEnd)
    if (at === 0) return holdsCard(lineStart, lineEnd)
    before = 0
  }
  return false
}

/** Of the 16 bytes at `at` a bit each, set where it is before `end`; all are ASCII. */
function smallOf16 (at: i32, end: v128): u64 {
  return <u64>i8x16.bitmask(i8x16.lt_s(v128.load(at), end))
}

/** Index behind the run of small bytes that begins at `from`; 0 where it may hold a card number. */
function behindRun (from: i32, lineEnd: i32): i32 {
  const end = load<i32>(cardBytesEndAt)
  let digits = 0
  let at = from
  for (; at < lineEnd; at++) {
    const byte = <i32>load<u8>(at)
    if (byte >= end) break
    if (!isKind(byte, isOfCard)) {
      if (byte === dot && digits >= minCutDigits) return 0
      digits = 0
    } else if (isKind(byte, isDigit) && ++digits >= minCardDigits) return 0
  }
  return at
}

// Tested in test/pipeline/ordinary-frames.test.ts
