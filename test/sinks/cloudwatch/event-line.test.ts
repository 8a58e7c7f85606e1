import fc from 'fast-check'
import t from 'tap'
import { EventView, putLogEventsLimits, readEvent } from '../../../src/sinks/cloudwatch/event-line.ts'
import { lineText, readSlowly } from './oracle.ts'

const view = new EventView()

function read (line: string | Buffer) {
  const bytes = Buffer.concat([Buffer.from(line), Buffer.from('\n')])
  const isWhole = readEvent(bytes, 0, view)
  return { ...view, isWhole, message: bytes.toString('utf8', view.messageStart, view.messageEnd) }
}

t.test('time, message and length of an event are those that JSON says', async t => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u0007', 'é', 'あ', '😀', '\ud83d', '\udc00', '/') })
  await fc.assert(fc.asyncProperty(
    fc.nat(Number.MAX_SAFE_INTEGER), text, text, fc.boolean(), fc.boolean(),
    async (timeMs, container, message, isEscaped, hasMore) => {
      const line = lineText({ timeMs, container, message, isEscaped, hasMore })
      const found = read(line)
      const expected = readSlowly(line)
      t.ok(found.isWhole)
      t.equal(found.fault, expected.fault, line)
      t.equal(found.timeMs, timeMs)
      t.equal(JSON.parse(`"${found.message}"`), message)
      t.equal(found.messageBytes, Buffer.byteLength(message), line)
      t.equal(found.lineEnd, Buffer.byteLength(line) + 1)
    }), { numRuns: 300 })
})

t.test('a line cut at any byte is not whole, or no event, and never throws', async t => {
  const message = 'x\u0007é\\"😀'
  const line = Buffer.from(lineText({ timeMs: 1700000000000, container: 'w"b', message, isEscaped: true, hasMore: false }))
  for (let length = 0; length < line.length; length++) {
    t.notOk(readEvent(line.subarray(0, length), 0, view), `${length} bytes without a newline`)
    const cut = read(line.subarray(0, length))
    t.ok(cut.isWhole)
    t.equal(cut.fault, 'malformed', `${length} bytes`)
  }
})

t.test('what of an event goes into a request is valid JSON, whatever the bytes', async t => {
  const message = 'a\\"b\u0007c'
  const line = Buffer.from(lineText({ timeMs: 1700000000000, container: 'web', message, isEscaped: true, hasMore: false }))
  await fc.assert(fc.asyncProperty(
    fc.array(fc.tuple(fc.nat(line.length - 1), fc.constantFrom(...Buffer.from('"\\u0{}:,x\n\u0001-9'))), { maxLength: 3 }),
    async changes => {
      const bytes = Buffer.from(line)
      for (const [at, byte] of changes) bytes[at] = byte
      const found = read(bytes)
      if (found.fault !== undefined) return
      t.equal(JSON.parse(bytes.toString('utf8', found.timeStart, found.timeEnd)), found.timeMs)
      t.equal(Buffer.byteLength(JSON.parse(`"${found.message}"`) as string), found.messageBytes)
    }), { numRuns: 500 })
})

t.test('lines that no request could carry say why', async t => {
  const cases = {
    '{"t":1,"c":"web","m":""}': 'empty',
    '{"t":-1,"c":"web","m":"x"}': 'too_old',
    '{"t":01,"c":"web","m":"x"}': 'malformed',
    '{"t":1.5,"c":"web","m":"x"}': 'malformed',
    '{"t":9007199254740992,"c":"web","m":"x"}': 'malformed',
    '{"t":,"c":"web","m":"x"}': 'malformed',
    '{"t":1,"c":"web","m":"\\x"}': 'malformed',
    '{"t":1,"c":"web","m":"\\u12g4"}': 'malformed',
    '{"t":1,"c":"web","m":"x"': 'malformed',
    '{"t":1,"c":"web","m":"x"}trailing': 'malformed',
    '': 'malformed',
  }
  for (const [line, fault] of Object.entries(cases)) t.equal(read(line).fault, fault, line)
  t.equal(read('{"t":9007199254740991,"c":"","m":"x"}').fault, undefined)
})

t.test('the largest message that any batch can hold is an event, one byte more is none', async t => {
  const most = putLogEventsLimits.batchBytes - putLogEventsLimits.overheadBytes
  const line = (bytes: number) => `{"t":1,"c":"web","m":"${'x'.repeat(bytes)}"}`
  t.equal(read(line(most)).fault, undefined)
  t.equal(read(line(most + 1)).fault, 'too_large')
})
