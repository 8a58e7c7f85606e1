import { readFileSync } from 'node:fs'
import t from 'tap'
import { stream } from '../../../src/contracts/record.ts'
import { cutAt, decode, encode, type Kept, latin1 } from '../support.ts'

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/forward/${name}`, import.meta.url))

/** What each driver capture was made of: 13 lines, the last of them cut off by the end of input. */
const inputLines = fixture('driver-input-lines.txt').toString('latin1').split('\n')

/** Puts pieces back together in the order in which they came: simple, because one stream brings them in turn. */
function join (records: readonly Kept[]): string[] {
  const lines = new Map<string, string>()
  for (const [index, { partial, line }] of records.entries()) {
    const key = partial?.id ?? String(index)
    lines.set(key, (lines.get(key) ?? '') + line)
  }
  return [...lines.values()]
}

for (const [name, hasFraction, chunks] of [
  ['driver-s1-eventtime.bin', true, 0], ['driver-s2-inttime.bin', false, 0], ['driver-s3-ack.bin', true, 18],
] as const) {
  t.test(`${name}: every line that went into Docker's client comes out, byte for byte`, async t => {
    const { records, refusal, isWithinFrame, ...rest } = await decode([fixture(name)])
    t.same([refusal, isWithinFrame, records.length, rest.chunks.length], [undefined, false, 18, chunks])
    t.same(join(records), inputLines)
    t.ok(records.every(record => record.container === 'app' && record.stream === stream.stdout && !record.isStructured))
    t.equal(records.some(({ timeMs }) => timeMs % 1000 !== 0), hasFraction)
    t.ok(records.every(({ timeMs }) => new Date(timeMs).toISOString().startsWith('2026-11-23T')))
  })

  t.test(`${name}: pieces of long lines say what Docker says of them`, async t => {
    const { records } = await decode([fixture(name)])
    const byId = Map.groupBy(records.filter(({ partial }) => partial !== undefined), ({ partial }) => partial?.id ?? '')
    for (const [id, pieces] of byId) {
      t.match(id, /^[0-9a-f]{64}$/)
      t.same(pieces.map(({ partial }) => partial?.ordinal), pieces.map((_, index) => index + 1))
      t.ok(pieces.slice(0, -1).every(({ partial, line }) => partial?.isLast === false && line.length === 16_384))
      t.equal(new Set(pieces.map(({ timeMs }) => timeMs)).size, 1, 'they share the time of the first')
    }
    t.same([...byId.values()].map(pieces => pieces.length).sort(), [1, 2, 2, 2, 3])
    t.equal([...byId.values()].filter(pieces => pieces.at(-1)?.partial?.isLast === false).length, 1, 'one was cut off')
  })
}

t.test('bytes of genuine captures may be split anywhere', async t => {
  for (const name of ['driver-s3-ack.bin', 'docker-subsec.bin', 'fluent-bit-ack.bin', 'fluent-bit-gzip.bin']) {
    const bytes = fixture(name)
    const whole = await decode([bytes])
    for (const step of [1, 7, 1000, 16_384]) {
      const offsets = Array.from({ length: Math.floor(bytes.length / step) }, (_, index) => (index + 1) * step)
      t.same(await decode(cutAt(bytes, offsets)), whole, `${name} in pieces of ${step}`)
    }
  }
})

t.test('a capture cut anywhere gives the records before the cut, and waits', async t => {
  const bytes = fixture('docker-ack.bin')
  const { records } = await decode([bytes])
  for (let length = 0; length < bytes.length; length += 37) {
    const cut = await decode([bytes.subarray(0, length)])
    t.same(cut.records, records.slice(0, cut.records.length))
    t.equal(cut.refusal, undefined)
  }
})

for (const [name, chunks] of [['docker-plain.bin', 0], ['docker-subsec.bin', 0], ['docker-ack.bin', 8]] as const) {
  t.test(`${name}: what a real daemon sent`, async t => {
    const { records, refusal, ...rest } = await decode([fixture(name)])
    t.same([refusal, records.length, rest.chunks.length], [undefined, 8, chunks])
    t.ok(records.every(({ container }) => container === 'web'))
    const lines = join(records)
    t.same(records.filter(each => each.stream === stream.stderr).map(({ line }) => line), ['PHP Fatal error: boom'])
    t.ok(lines.includes(latin1('{"status":200,"path":"/日本語"}')))
    t.ok(lines.includes(''))
    t.same(lines.filter(line => line.length === 40_000).length, 1)
    const pieces = records.flatMap(({ partial, line }) =>
      partial === undefined ? [] : [[partial.ordinal, partial.isLast, line.length]])
    t.same(pieces, [[1, false, 16_384], [2, false, 16_384], [3, true, 7_232]])
  })
}

for (const [name, hasAck] of [
  ['fluent-bit-plain.bin', false], ['fluent-bit-ack.bin', true], ['fluent-bit-gzip.bin', true],
  ['fluent-bit-intt.bin', false], ['fluent-bit-sendopts.bin', false],
] as const) {
  t.test(`${name}: the six records that Fluent Bit sent`, async t => {
    const { records, chunks, refusal } = await decode([fixture(name)])
    t.equal(refusal, undefined)
    t.same(records.map(({ line }) => line), [1, 2, 3, 4, 5, 6].map(number => latin1(`line ${number} 日本語`)))
    t.ok(records.every(record => record.container === 'web' && record.stream === stream.stdout))
    t.equal(records.every(({ timeMs }) => timeMs % 1000 === 0), name === 'fluent-bit-intt.bin')
    t.equal(chunks.length, hasAck ? 1 : 0)
  })
}

t.test('the ids of chunks are those that the client waits for', async t => {
  const { chunks } = await decode([fixture('driver-s3-ack.bin')])
  t.same(chunks[0], encode('rZcEawAAAABS/fwHIYJlTQ=='))
  t.equal(new Set(chunks.map(String)).size, 18)
})
