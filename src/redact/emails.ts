import { ascii, createByteSet, isLetter } from '../bytes/ascii.ts'
import type { LineRewriter } from '../bytes/line-rewriter.ts'

const { atSign, percent, backslash } = ascii
const smallU = 0x75
const redacted = Buffer.from('[redacted]')
const isLocal = createByteSet(/[A-Za-z0-9._+-]/)
const isDomain = createByteSet(/[A-Za-z0-9.-]/)
/** Source: RFC 5321, section 4.5.3.1 */
const maxLocalBytes = 64
const maxDomainBytes = 255

/** Takes e-mail addresses out of a line, also with `%40` for the at sign. Allocates nothing. */
export class Emails {
  count = 0

  /** Rewrites a line. @returns false when nothing is to be changed */
  rewrite (rewriter: LineRewriter, bytes: Buffer, start: number, end: number): boolean {
    this.count = 0
    let least = start
    for (let index = start; index < end; index++) {
      const length = signLength(bytes, index, end)
      if (length === 0) continue
      const from = localStart(bytes, least, index)
      const to = domainEnd(bytes, index + length, end)
      if (from >= index || to < 0) continue
      if (this.count++ === 0) rewriter.begin(bytes, start)
      rewriter.replace(from, to, 0).append(redacted)
      least = to
      index = to - 1
    }
    if (this.count > 0) rewriter.finish(end)
    return this.count > 0
  }
}

function signLength (bytes: Uint8Array, index: number, end: number): number {
  const byte = bytes[index]
  if (byte === atSign) return 1
  return byte === percent && index + 2 < end && bytes[index + 1] === 0x34 && bytes[index + 2] === 0x30 ? 3 : 0
}

function localStart (bytes: Uint8Array, least: number, end: number): number {
  let from = end
  while (from > least && end - from < maxLocalBytes && isLocal[bytes[from - 1] as number] === 1) from--
  // The letters of an escape before it are no part of it.
  if (from > least && bytes[from - 1] === backslash) from += bytes[from] === smallU ? 5 : 1
  else if (from > least && bytes[from - 1] === percent) from += 2
  return from
}

/** End of a name of two labels or more, the last of letters; -1: there is none. */
function domainEnd (bytes: Uint8Array, from: number, end: number): number {
  let to = from
  while (to < end && to - from < maxDomainBytes && isDomain[bytes[to] as number] === 1) to++
  while (to > from && (bytes[to - 1] === 0x2e || bytes[to - 1] === 0x2d)) to--
  let label = to
  while (label > from && isLetter(bytes[label - 1] as number)) label--
  return to - label >= 2 && label - 1 > from && bytes[label - 1] === 0x2e ? to : -1
}

// Tested in test/redact/redactor.test.ts
