import { Encoder } from '@msgpack/msgpack'
import { createRecord, type LogRecord } from '../src/contracts/record.ts'
import { found } from '../src/sources/forward/found.ts'
import type { FrameAssembler } from '../src/sources/forward/frame-assembler.ts'
import type { FrameReader } from '../src/sources/forward/frame-reader.ts'
import { readArguments } from './arguments.ts'
import { createDecoder } from './decoder.ts'

const { seconds: secondsPerCase } = readArguments(`How many records the Forward decoder takes in a second of CPU, by carrier:
assembler, scanner, reader, counting.

  npm run bench -- decode --seconds 3

  --seconds N    for each carrier (1)
For quiet figures: taskset -c 1 node bench/decode.ts
`, { seconds: 1 })

const limits = {
  maxFrameBytes: 8 * 1024 * 1024,
  maxDecompressedBytes: 64 * 1024 * 1024,
  maxNesting: 32,
  maxItems: 1 << 20,
  maxEntries: 500_000,
  maxLineBytes: 1 << 20,
  maxConnections: 1024,
}
const lineBytes = 456
const recordsPerPass = 20_000
/** As much as a socket gives at once. */
const pieceBytes = 65_536
const encoder = new Encoder()

const tag = 'app-firelens-1234567890abcdef1234567890abcdef'
const line = `{"time":"2026-11-23T10:30:00+0000","status":200,"method":"GET","path":"/${'x'.repeat(lineBytes)}`.slice(0, lineBytes - 2) + '"}'
/** Docker's four keys, in the two orders that lie furthest apart. */
const fields = [['container_id', '4f'.repeat(32)], ['container_name', '/ecs-web-7-app-c0ffee'], ['source', 'stdout'], ['log', line]]
const records = [fields, fields.toReversed()].map(pairs => encode(Object.fromEntries(pairs)))
const eventTime = Buffer.from([0xd7, 0, 0x6b, 4, 0x97, 0xaa, 0x1f, 0xcc, 0xee, 0x44])

function encode (value: unknown): Buffer {
  return Buffer.from(encoder.encode(value))
}

function recordAt (index: number): Buffer {
  return records[index % records.length] ?? Buffer.alloc(0)
}

function message (option: object): Buffer {
  const parts = Array.from({ length: recordsPerPass }, (_, index) =>
    [Buffer.of(0x94), encode(tag), eventTime, recordAt(index), encode(option)])
  return Buffer.concat(parts.flat())
}

function entries (head: readonly Buffer[], from: number, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => [...head, eventTime, recordAt(from + index)]).flat())
}

function packed (recordsPerFrame: number): Buffer {
  const frames = Array.from({ length: recordsPerPass / recordsPerFrame }, (_, frame) => {
    const payload = entries([Buffer.of(0x92)], frame * recordsPerFrame, recordsPerFrame)
    return Buffer.concat([Buffer.of(0x93), encode(tag), encode(payload), encode({ size: recordsPerFrame })])
  })
  return Buffer.concat(frames)
}

function forward (recordsPerFrame: number): Buffer {
  const header = Buffer.from([0xdc, recordsPerFrame >> 8, recordsPerFrame & 0xff])
  const frames = Array.from({ length: recordsPerPass / recordsPerFrame }, (_, frame) => Buffer.concat([
    Buffer.of(0x92), encode(tag), header, entries([Buffer.of(0x92)], frame * recordsPerFrame, recordsPerFrame),
  ]))
  return Buffer.concat(frames)
}

const clock = { wallMs: () => 0, monotonicMs: () => 0, sleep: async () => undefined }

interface Sum { records: number, lineBytes: number }

/** One turn of reading: as much as a connection does with what a socket gives at once. */
function turn (assembler: FrameAssembler, reader: FrameReader, record: LogRecord, sum: Sum): void {
  while (assembler.next()) {
    reader.begin(assembler.bytes, assembler.start)
    for (let what = reader.next(record); what !== found.end; what = reader.next(record)) {
      sum.records++
      sum.lineBytes += record.end - record.start
    }
  }
}

/** Decodes the bytes once, in pieces. */
function pass (bytes: Buffer): Sum {
  const { assembler, reader } = createDecoder(limits, clock)
  const record = createRecord()
  const sum = { records: 0, lineBytes: 0 }
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    assembler.feed(bytes.subarray(at, at + pieceBytes))
    turn(assembler, reader, record, sum)
  }
  return sum
}

const cases = {
  message: message({}),
  'message with chunk': message({ chunk: 'rZcEawAAAABS/fwHIYJlTQ==' }),
  'forward, 500 a frame': forward(500),
  'packed, 500 a frame': packed(500),
}

for (const [name, bytes] of Object.entries(cases)) {
  const once = pass(bytes)
  if (once.records !== recordsPerPass || once.lineBytes !== recordsPerPass * lineBytes) throw new Error(`${name}: wrong count`)
  for (let warm = 0; warm < 20; warm++) pass(bytes)
  let decoded = 0
  const start = process.cpuUsage()
  const endMs = performance.now() + secondsPerCase * 1000
  while (performance.now() < endMs) decoded += pass(bytes).records
  const { user, system } = process.cpuUsage(start)
  const perSecond = decoded / (user + system) * 1e6
  console.log(`${name.padEnd(22)} ${(perSecond / 1e6).toFixed(2)} M records per CPU second   ${(1e9 / perSecond).toFixed(0)} ns a record`)
}
