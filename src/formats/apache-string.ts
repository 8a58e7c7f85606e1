import { ascii, hexAt, stopAt } from '../bytes/ascii.ts'
import { isShortEscape } from '../bytes/json-tokens.ts'
import { utf8Length } from '../bytes/utf8.ts'
import { repairKinds } from '../contracts/repair-kinds.ts'
import type { LineRewriter } from '../bytes/line-rewriter.ts'
import type { Scratch } from '../bytes/scratch.ts'

const { quote, backslash } = ascii

const stops = new Uint8Array(256)
stops.fill(1, 0, 0x20)
stops.fill(1, 0x80)
stops[quote] = stops[backslash] = 1

/** Escapes of C and of shells whose meaning is plain, by their letter. */
const plainEscapes: Readonly<Record<number, Buffer>> = {
  0x76: Buffer.from('\\u000b'),
  0x61: Buffer.from('\\u0007'),
  0x27: Buffer.from("'"),
}
const escapedBackslash = Buffer.from('\\\\')

/** What an ASCII byte is inside a JSON string. */
const inJson = Array.from({ length: 128 }, (_, byte) => {
  return Buffer.from(JSON.stringify(String.fromCharCode(byte)).slice(1, -1))
})

/**
 * Repairs the content of a JSON string as Apache writes it, from `from` to the quote that ends it.
 *
 * A run of `\xhh` stands for bytes: it becomes the UTF-8 that it encodes, or, when the run as a whole is not UTF-8,
 * Latin-1, so that no byte is lost and text in another encoding can be had back. Runs of raw bytes likewise.
 * Source: https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats
 *
 * @param isValue in a value, unlike in a key, `""` is an empty user name and no end
 * @returns the index of the closing quote, or `end` when there is none
 */
export function repairString (
  rewriter: LineRewriter, bytes: Buffer, from: number, end: number, isValue: boolean
): number {
  let index = stopAt(bytes, from, end, stops)
  while (index < end) {
    const byte = bytes[index] as number
    if (byte === quote) {
      if (!isValue || index + 1 === end || bytes[index + 1] !== quote) return index
      rewriter.replace(index, index += 2, repairKinds.empty_user)
    } else if (byte === backslash) {
      index = repairEscape(rewriter, bytes, index, end)
    } else if (byte < 0x20) {
      rewriter.replace(index, ++index, repairKinds.control_byte).append(inJson[byte] as Buffer)
    } else {
      index = repairHighBytes(rewriter, bytes, index, end)
    }
    index = stopAt(bytes, index, end, stops)
  }
  return end
}

/** Repairs the escape at `index`, or the run of them, and returns the index after it. */
function repairEscape (rewriter: LineRewriter, bytes: Buffer, index: number, end: number): number {
  const letter = index + 1 < end ? bytes[index + 1] as number : 0
  if (isShortEscape[letter] === 1) return index + 2
  if (letter === 0x78 && hexByte(bytes, index, end) >= 0) return repairHexRun(rewriter, bytes, index, end)
  if (letter === 0x75 && isUnicodeEscape(bytes, index, end)) return index + 6
  const meaning = plainEscapes[letter]
  if (meaning === undefined) {
    // Means nothing that is known: the backslash itself is kept, and what follows is read on its own.
    rewriter.replace(index, index + 1, repairKinds.illegal_escape).append(escapedBackslash)
    return index + 1
  }
  rewriter.replace(index, index + 2, repairKinds.illegal_escape).append(meaning)
  return index + 2
}

function isUnicodeEscape (bytes: Uint8Array, index: number, end: number): boolean {
  return hexAt(bytes, index + 2, end) >= 0 && hexAt(bytes, index + 4, end) >= 0
}

/** The byte that `\xhh` at `index` stands for; -1 when there is no such escape. */
function hexByte (bytes: Uint8Array, index: number, end: number): number {
  if (index + 4 > end || bytes[index] !== backslash || bytes[index + 1] !== 0x78) return -1
  return hexAt(bytes, index + 2, end)
}

function repairHexRun (rewriter: LineRewriter, bytes: Buffer, from: number, end: number): number {
  const { run } = rewriter
  run.reset()
  let index = from
  for (let byte = hexByte(bytes, index, end); byte >= 0; byte = hexByte(bytes, index, end)) {
    run.reserve(1)
    run.buffer[run.end++] = byte
    index += 4
  }
  appendDecoded(rewriter.replace(from, index, repairKinds.hex_escape), run.buffer, 0, run.end)
  return index
}

function repairHighBytes (rewriter: LineRewriter, bytes: Buffer, from: number, end: number): number {
  let index = from
  while (index < end && (bytes[index] as number) >= 0x80) index++
  if (!isUtf8(bytes, from, index)) {
    appendDecoded(rewriter.replace(from, index, repairKinds.invalid_utf8), bytes, from, index)
  }
  return index
}

function isUtf8 (bytes: Uint8Array, from: number, end: number): boolean {
  for (let index = from; index < end;) {
    const length = utf8Length(bytes, index, end)
    if (length === 0) return false
    index += length
  }
  return true
}

/** Appends bytes as the inside of a JSON string: as UTF-8 when all of them are, else as Latin-1. */
function appendDecoded (target: Scratch, bytes: Uint8Array, from: number, end: number): void {
  const isText = isUtf8(bytes, from, end)
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number
    if (byte < 0x80) {
      target.append(inJson[byte] as Buffer)
      continue
    }
    target.reserve(2)
    if (isText) {
      target.buffer[target.end++] = byte
    } else {
      target.buffer[target.end++] = 0xc0 | byte >> 6
      target.buffer[target.end++] = 0x80 | byte & 0x3f
    }
  }
}

// Tested in test/repair/json-repair.test.ts
