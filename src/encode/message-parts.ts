import { isUtf8 } from 'node:buffer'
import type { LogRecord } from '../contracts/record.ts'
import { utf8Length } from '../bytes/utf8.ts'

/** Bytes that a byte which is no UTF-8 takes once it is written as `\xhh`. */
const escapedBytes = 4

/** Bytes kept free for `(123/456) ` before a part. */
const prefixBytes = 24

export interface MessagePartsOptions {
  /** Longest message, as the destination counts it: UTF-8 bytes. */
  readonly maxBytes: number
  /** Receives each part, a view that is used again. */
  readonly emit: (part: LogRecord) => void
  /** Parts of the same line before this record, which is a part of it; 0 unless given. */
  readonly partsBefore?: number
  /** The line goes on in another record, so nobody knows yet how many parts there will be: `(1/…)`. */
  readonly goesOn?: boolean
}

/**
 * Whether a record's message takes `maxBytes` at most. A short record is known by its length: no byte becomes more than
 * four.
 */
export function fitsMessage ({ bytes, start, end }: LogRecord, maxBytes: number): boolean {
  const length = end - start
  if (length * escapedBytes <= maxBytes) return true
  if (isUtf8(bytes.subarray(start, end))) return length <= maxBytes
  return partEnd(bytes, start, end, maxBytes) === end
}

/**
 * Splits a record whose message is too long into numbered parts: `(1/3) …`; one that is itself a part of a longer line
 * goes on with its numbers. Cuts stand between characters, so parts put
 * together again are the line. Every part has the record's time, stream and container.
 *
 * @returns how many parts were emitted
 */
export function splitMessage (
  record: LogRecord, { maxBytes, emit, partsBefore = 0, goesOn = false }: MessagePartsOptions
): number {
  const { bytes, start, end } = record
  const ends: number[] = []
  for (let at = start; at < end;) {
    at = partEnd(bytes, at, end, maxBytes - prefixBytes)
    ends.push(at)
  }
  const part: LogRecord = { ...record, start: 0 }
  let from = start
  const total = goesOn ? '…' : partsBefore + ends.length
  ends.forEach((to, index) => {
    part.bytes = Buffer.concat([Buffer.from(`(${partsBefore + index + 1}/${total}) `), bytes.subarray(from, to)])
    part.end = part.bytes.length
    from = to
    emit(part)
  })
  return ends.length
}

/** The end of the longest run of whole characters from `start` whose message takes `maxBytes` at most. */
function partEnd (bytes: Buffer, start: number, end: number, maxBytes: number): number {
  let at = start
  for (let messageBytes = 0; at < end;) {
    const length = utf8Length(bytes, at, end)
    messageBytes += length === 0 ? escapedBytes : length
    if (messageBytes > maxBytes) break
    at += length === 0 ? 1 : length
  }
  return at
}
