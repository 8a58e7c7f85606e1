import {
  longestSender, nextSendersAt, senderCountAt, senderNameBytesAt, senderNamesAt, senderPrintsAt, senderTagBytesAt
} from '../layout'
import { isSame } from './bytes'

export const noName = -1
const anyName = -2

/** The one that was found last. */
let last: i32 = 0

/**
 * Number of the sender with this tag and name (`nameBytes` -1: none), -1 where it is not known.
 *
 * Most frames are of the sender of the frame before, or of the one that came behind that sender the last time. Else all
 * are compared, four together, by what their bytes come to.
 */
export function findSender (tagStart: i32, tagBytes: i32, nameStart: i32, nameBytes: i32): i32 {
  if (isOf(last, tagStart, tagBytes, nameStart, nameBytes)) return last
  const next = load<i32>(nextSendersAt + last * 4)
  if (isOf(next, tagStart, tagBytes, nameStart, nameBytes)) {
    last = next
    return next
  }
  const ofTag = printOf(tagStart, tagBytes, 0)
  const byTag = i32x4.splat(withName(ofTag, 0, anyName))
  const byName = i32x4.splat(withName(ofTag, nameStart, nameBytes))
  const count = load<i32>(senderCountAt)
  for (let first = 0; first < count; first += 4) {
    const prints = v128.load(senderPrintsAt + first * 4)
    let found = i32x4.bitmask(v128.or(i32x4.eq(prints, byTag), i32x4.eq(prints, byName)))
    for (; found !== 0; found &= found - 1) {
      const one = first + ctz(found)
      if (!isOf(one, tagStart, tagBytes, nameStart, nameBytes)) continue
      store<i32>(nextSendersAt + last * 4, one)
      last = one
      return one
    }
  }
  return -1
}

/** The host has put another sender in the place of this one. */
export function noteSender (one: i32): void {
  const at = senderNamesAt + one * longestSender
  const tagBytes = load<i32>(senderTagBytesAt + one * 4)
  const nameBytes = load<i32>(senderNameBytesAt + one * 4)
  store<i32>(senderPrintsAt + one * 4, withName(printOf(at, tagBytes, 0), at + tagBytes, nameBytes))
}

function isOf (one: i32, tagStart: i32, tagBytes: i32, nameStart: i32, nameBytes: i32): bool {
  const at = senderNamesAt + one * longestSender
  if (!isSame(tagStart, at, tagBytes, load<i32>(senderTagBytesAt + one * 4))) return false
  const wanted = load<i32>(senderNameBytesAt + one * 4)
  if (wanted < 0) return wanted === anyName || nameBytes === noName
  return isSame(nameStart, at + tagBytes, nameBytes, wanted)
}

function withName (ofTag: u64, nameStart: i32, nameBytes: i32): i32 {
  const print = nameBytes < 0 ? mixed(ofTag, nameBytes) : printOf(nameStart, nameBytes, ofTag)
  return <i32>(print >> 32)
}

/** What bytes come to: any two are the same only by chance, and are compared then. */
function printOf (start: i32, bytes: i32, before: u64): u64 {
  let print = mixed(before, bytes)
  let at = start
  let left = bytes
  for (; left >= 8; left -= 8, at += 8) print = mixed(print, load<u64>(at))
  return left === 0 ? print : mixed(print, load<u64>(at) & ((<u64>1 << (left * 8)) - 1))
}

function mixed (print: u64, word: u64): u64 {
  const product = (print ^ word) * 0x9e3779b97f4a7c15
  return product ^ (product >> 29)
}

// Tested in test/pipeline/ordinary-frames.test.ts
