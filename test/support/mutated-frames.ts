import { gzipSync, zstdCompressSync } from 'node:zlib'
import { Encoder, ExtData } from '@msgpack/msgpack'
import { carriers, forwardFrames, type SentRecord } from './forward-frames.ts'
import { fixture } from './lines.ts'

type Random = (limit: number) => number

const encoder = new Encoder({ useBigInt64: true })
const encode = (value: unknown) => Buffer.from(encoder.encode(value))

/** What makes a difference to a reader of msgpack: each kind of item, with small and with endless lengths. */
const spices = [
  [0xc0], [0xc1], [0xc2], [0x80], [0x8f], [0x90], [0x9f], [0xa0], [0xbf], [0xff], [0x7f],
  [0xc4, 0], [0xc5, 0xff, 0xff], [0xc6, 0xff, 0xff, 0xff, 0xff], [0xc6, 0, 0, 0, 1],
  [0xd9, 0xff], [0xda, 0xff, 0xff], [0xdb, 0xff, 0xff, 0xff, 0xff], [0xdb, 0, 0, 0, 0],
  [0xdc, 0xff, 0xff], [0xdd, 0xff, 0xff, 0xff, 0xff], [0xdd, 0, 0, 0, 2], [0xde, 0xff, 0xff],
  [0xdf, 0xff, 0xff, 0xff, 0xff],
  [0xd4, 0, 0], [0xd7, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], [0xc7, 8, 0], [0xc9, 0xff, 0xff, 0xff, 0xff, 0],
  [0xca, 0x7f, 0xc0, 0, 0], [0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0],
  [0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], [0x1f, 0x8b, 8, 0], [0x28, 0xb5, 0x2f, 0xfd], [0x7b, 0x22], [0x0a], [0],
].map(bytes => Buffer.from(bytes))

const keys = ['chunk', 'compressed', 'size', 'fluent_signal', 'metadata', 'log', 'source', 'container_name', 'partial_message',
  'partial_id', 'partial_ordinal', 'partial_last', '__proto__', 'constructor', 'toString']

/** Whole frames, as real clients send them and as none does. */
function seeds (): Buffer[] {
  const record = (log: string, more: Readonly<Record<string, string>> = {}): SentRecord =>
    ({ timeMs: 1_795_462_683_000, fields: { source: 'stdout', log, container_name: '/web', ...more } })
  const piece = (ordinal: string, last: string) => record('x'.repeat(40),
    { partial_message: 'true', partial_id: 'a'.repeat(64), partial_ordinal: ordinal, partial_last: last })
  const records = [record('{"status":200,"request":"GET / HTTP/1.1"}'), record('日本語 \\xe3\\x81'), record(''), piece('1', 'false'),
    piece('2', 'true'), { ...record('PHP Fatal error:  Uncaught Error'), fields: { source: 'stderr', log: '#0 {main}' } }]
  const of = (carrier: typeof carriers[number], chunk?: string) => forwardFrames(carrier, 'web-firelens-1', records, chunk).bytes
  const odd = [
    ['t', [[new ExtData(0, Buffer.alloc(8, 1)), { a: 1n, b: [1.5, null, true, { c: Buffer.from('x') }] }]], { chunk: Buffer.from('id') }],
    ['t', [[[1_795_462_683, { m: 1 }], { log: 'with metadata' }]], { fluent_signal: 0, size: 1 }],
    ['t', 1_795_462_683, { log: ['not', 'text'], source: { odd: true } }, null],
    ['t', 0, {}],
    ['t', Buffer.alloc(0), {}],
    ['t', [], { chunk: '' }],
  ].map(encode)
  const captures = ['driver-s1-eventtime', 'docker-ack', 'fluent-bit-gzip', 'fluent-bit-intt'].map(name => fixture(`forward/${name}.bin`))
  return [...carriers.flatMap(carrier => [of(carrier), of(carrier, 'chunk 1')]), ...odd, ...captures.map(bytes => bytes.subarray(0, 4096))]
}

/** What a compressed frame is made of, to be changed before it is compressed. */
function packedSeeds (): Buffer[] {
  return [
    Buffer.concat(Array.from({ length: 5 }, (_, index) => encode([1_795_462_683, { log: `packed ${index}`, source: 'stderr' }]))),
    Buffer.concat([encode([[new ExtData(0, Buffer.alloc(8, 0xff)), {}], {}]), encode([1, { log: 'x'.repeat(3000) }])]),
  ]
}

/** Makes frames that are broken, or odd, or as they should be; the same for the same seed. */
export function frameMutator (random: Random): () => Buffer {
  const whole = seeds()
  const packed = packedSeeds()
  const pick = <Value>(values: readonly Value[]): Value => values[random(values.length)] as Value

  function change (bytes: Buffer): Buffer {
    const at = random(bytes.length + 1)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    switch (random(9)) {
      case 0: {
        const copy = Buffer.from(bytes)
        if (copy.length > 0) copy[Math.min(at, copy.length - 1)] = random(256)
        return copy
      }
      // Where it matters most: the head of the frame, and of its first entry.
      case 1: {
        const copy = Buffer.from(bytes)
        if (copy.length > 0) copy[random(Math.min(copy.length, 40))] = pick(spices)[0] ?? 0
        return copy
      }
      case 2: return Buffer.concat([before, pick(spices), after])
      case 3: return Buffer.concat([before, pick(spices), after.subarray(Math.min(after.length, 1 + random(5)))])
      case 4: return Buffer.concat([before, after.subarray(random(30))])
      case 5: return before
      case 6: return Buffer.concat([before, before.subarray(-random(200)), after])
      case 7: return Buffer.concat([before, encode(pick(keys)), after])
      default: return Buffer.concat([before, pick(whole).subarray(random(50))])
    }
  }

  function changed (bytes: Buffer): Buffer {
    for (let count = 1 + random(4); count > 0; count--) bytes = change(bytes)
    return bytes
  }

  return () => {
    switch (random(40)) {
      case 0: return Buffer.from(Array.from({ length: 1 + random(60) }, () => random(256)))
      case 1: {
        const compress = random(2) === 0 ? gzipSync : zstdCompressSync
        const payload = compress(changed(pick(packed)))
        return encode(['web', random(3) === 0 ? changed(payload) : payload, { compressed: pick(['gzip', 'zstd', 'text', '']) }])
      }
      default: return changed(pick(whole))
    }
  }
}
