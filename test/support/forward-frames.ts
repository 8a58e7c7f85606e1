import { gzipSync, zstdCompressSync } from 'node:zlib'
import { Encoder, ExtData } from '@msgpack/msgpack'

export const carriers = ['message', 'forward', 'packed', 'gzip', 'zstd'] as const
export type Carrier = typeof carriers[number]

export interface SentRecord {
  readonly timeMs: number
  readonly fields: Readonly<Record<string, string>>
}

/** Frames that carry `records`; with `chunk`, each asks for an ack of a chunk of its own, named in `chunks`. */
export function forwardFrames (
  carrier: Carrier, tag: string, records: readonly SentRecord[], chunk?: string
): { readonly bytes: Buffer, readonly chunks: readonly string[] } {
  const entries = records.map(({ timeMs, fields }) => [eventTime(timeMs), fields])
  const option = chunk === undefined ? {} : { chunk }
  if (carrier === 'message') {
    const chunks = chunk === undefined ? [] : records.map((_, index) => `${chunk}-${index}`)
    return {
      bytes: Buffer.concat(entries.map((entry, index) => encode(
        [tag, ...entry, chunk === undefined ? {} : { chunk: chunks[index] }]))),
      chunks
    }
  }
  const chunks = chunk === undefined ? [] : [chunk]
  if (carrier === 'forward') return { bytes: encode([tag, entries, option]), chunks }
  const packed = Buffer.concat(entries.map(encode))
  if (carrier === 'packed') return { bytes: encode([tag, packed, option]), chunks }
  const payload = carrier === 'gzip' ? gzipSync(packed) : zstdCompressSync(packed)
  return { bytes: encode([tag, payload, { ...option, compressed: carrier }]), chunks }
}

const encoder = new Encoder()

function encode (value: unknown): Buffer {
  return Buffer.from(encoder.encode(value))
}

/** Source: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#eventtime-ext-format */
function eventTime (timeMs: number): ExtData {
  const data = Buffer.alloc(8)
  data.writeUInt32BE(Math.floor(timeMs / 1000))
  data.writeUInt32BE((timeMs % 1000) * 1_000_000, 4)
  return new ExtData(0, data)
}
