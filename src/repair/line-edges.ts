import { createRecord, stream, type LogRecord } from '../contracts/record.ts'
import { repairKinds } from '../contracts/repair-kinds.ts'
import { ascii, isDigit } from '../bytes/ascii.ts'
import { Scratch } from '../bytes/scratch.ts'

const { tab, space, comma, semicolon, colon, openBracket, openBrace, closeBrace } = ascii
const { carriageReturn, escape } = ascii
const bytesOfMark = [0xef, 0xbb, 0xbf] as const
/** Longest sequence that sets a colour, bytes: a foreground and a background, of three parts each. */
const longestColourBytes = 48

/** 1 for the bytes with which something may begin or end that is not of the line; an ordinary line has none of them. */
const isEdge = new Uint8Array(256)
for (const byte of [carriageReturn, escape, bytesOfMark[0], comma, semicolon, space, tab, 0x6d, 0x4b]) isEdge[byte] = 1

/** Whether a line has to be looked at for what stands around it: one comparison at each end. */
export function mayHaveEdges ({ bytes, start, end }: LogRecord): boolean {
  if (start >= end) return false
  return ((isEdge[bytes[end - 1] as number] as number) | (isEdge[bytes[start] as number] as number)) !== 0
}

/**
 * Takes off what stands around a line and is none of it: the carriage return of a terminal, a byte order mark, colours,
 * and behind the object of an access format in JSON a comma.
 */
export interface LineEdges {
  /** @returns the line without them, a view that is reused; the record itself where there was nothing */
  trim (record: LogRecord): LogRecord
  /** Bits of `repairKinds`: what the last call took off. */
  readonly kinds: number
}

export function createLineEdges (): LineEdges {
  const view = createRecord()
  const scratch = new Scratch()

  function withoutColours (bytes: Buffer, start: number, end: number): void {
    scratch.reset()
    scratch.reserve(end - start)
    const { buffer } = scratch
    let to = 0
    for (let at = start; at < end;) {
      const next = bytes[at] === escape ? colourEnd(bytes, at, end) : at
      if (next > at) at = next
      else buffer[to++] = bytes[at++] as number
    }
    scratch.end = to
  }

  const edges = {
    kinds: 0,
    trim (record: LogRecord): LogRecord {
      const { bytes } = record
      let { start, end } = record
      let kinds = 0
      for (let before = -1; before !== end - start;) {
        before = end - start
        while (start < end && bytes[start] === carriageReturn) {
          start++
          kinds |= repairKinds.carriage_return
        }
        while (start < end && bytes[end - 1] === carriageReturn) {
          end--
          kinds |= repairKinds.carriage_return
        }
        if (start + 2 < end && bytesOfMark.every((byte, index) => bytes[start + index] === byte)) {
          start += bytesOfMark.length
          kinds |= repairKinds.byte_order_mark
        }
        const behind = start < end && bytes[start] === escape ? colourEnd(bytes, start, end) : start
        const last = colourStart(bytes, behind, end)
        if (behind > start || last < end) kinds |= repairKinds.terminal_colour
        start = behind
        end = last
        if (record.stream !== stream.stdout || start >= end) continue
        const objectStart = startOfObject(bytes, start, end)
        const objectEnd = bytes[objectStart] === openBrace ? endOfObject(bytes, objectStart, end) : end
        if (objectStart > start || objectEnd < end) kinds |= repairKinds.comma
        start = objectStart
        end = objectEnd
      }
      edges.kinds = kinds
      if (kinds === 0) return record
      Object.assign(view, record)
      view.start = start
      view.end = end
      if ((kinds & repairKinds.terminal_colour) !== 0) {
        // Where a line is coloured, so are words within it.
        withoutColours(bytes, start, end)
        view.bytes = scratch.buffer
        view.start = 0
        view.end = scratch.end
      }
      return view
    },
  }
  return edges
}

/** Index behind `ESC [ 1 ; 31 m` at `at`, or `at`. */
function colourEnd (bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 >= end || bytes[at + 1] !== openBracket) return at
  let index = at + 2
  const last = Math.min(end, at + longestColourBytes)
  while (index < last && isParameter(bytes[index] as number)) index++
  return index < last && isFinal(bytes[index] as number) ? index + 1 : at
}

/** Where the sequence begins that ends at `end`, or `end`. */
function colourStart (bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 3 || !isFinal(bytes[end - 1] as number)) return end
  let index = end - 2
  const first = Math.max(start + 1, end - longestColourBytes)
  while (index > first && isParameter(bytes[index] as number)) index--
  return bytes[index] === openBracket && bytes[index - 1] === escape ? index - 1 : end
}

function isParameter (byte: number): boolean {
  return isDigit(byte) || byte === semicolon || byte === colon
}

/** `m` sets colours, `K` clears the rest of the line in them. */
function isFinal (byte: number): boolean {
  return byte === 0x6d || byte === 0x4b
}

/** Index of the brace behind a comma with which a line begins, or `start`. */
function startOfObject (bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== comma) return start
  let at = start + 1
  while (at < end && (bytes[at] as number) <= space) at++
  return at < end && bytes[at] === openBrace ? at : start
}

/** Index behind the brace before a comma that ends the line, or `end`. */
function endOfObject (bytes: Uint8Array, start: number, end: number): number {
  let at = spaceStart(bytes, start, end)
  if (bytes[at - 1] !== comma && bytes[at - 1] !== semicolon) return end
  at = spaceStart(bytes, start, at - 1)
  return at > start && bytes[at - 1] === closeBrace ? at : end
}

function spaceStart (bytes: Uint8Array, start: number, end: number): number {
  let at = end
  while (at > start && (bytes[at - 1] as number) <= space) at--
  return at
}
