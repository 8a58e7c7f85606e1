import t from 'tap'
import { createInbound } from '../../src/pipeline/inbound.ts'
import { createRecord, stream, type Stream } from '../../src/contracts/record.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'

function setUp () {
  const joined: string[] = []
  const finished: string[] = []
  const state = { isOpen: false }
  const textOf = ({ bytes, start, end }: { bytes: Buffer, start: number, end: number }) => bytes.toString('utf8', start, end)
  const inbound = createInbound({
    ledger: new Ledger(),
    joinPieces: () => {},
    joinLines: line => { joined.push(textOf(line)) },
    hasOpenLines: of => state.isOpen && of === stream.stdout,
    finish: record => {
      finished.push(textOf(record))
      return true
    },
    spool: { isFull: false, whenWritable: async () => {}, stored: async () => true },
  })
  const acceptor = inbound.acceptor('test')
  return {
    joined,
    finished,
    state,
    accept (of: Stream, ...lines: readonly string[]) {
      for (const line of lines) {
        const bytes = Buffer.from(line)
        acceptor.accept({ ...createRecord(), bytes, start: 0, end: bytes.length, stream: of })
      }
    },
  }
}

t.test('every line of standard error may be a part of a record', async t => {
  const { accept, joined, finished } = setUp()
  accept(stream.stderr, '', '{"a":1}', 'text')
  t.same([joined, finished], [['', '{"a":1}', 'text'], []])
})

t.test('of standard output a logger\'s record may have more lines; access lines never wait for them', async t => {
  const access = ['{"status":200,"path":"/"}', '127.0.0.1 - - [23/Nov/2026:19:34:38 +0000] "GET / HTTP/1.1" 200 1']
  const { accept, joined, finished, state } = setUp()
  accept(stream.stdout, ...access, '', 'text', '[2026-11-23 10:00:00] local.ERROR: x {"exception":"[object] (E')
  t.same(joined.splice(0), ['[2026-11-23 10:00:00] local.ERROR: x {"exception":"[object] (E'])
  t.same(finished.splice(0), [...access, '', 'text'])
  state.isOpen = true
  accept(stream.stdout, '#0 {main}', '', '"} []', ...access)
  t.same(joined, ['#0 {main}', '', '"} []', access[1]], 'what may be a part is for the join to tell')
  t.same(finished, [access[0]])
})

t.test('a line whose stream is not known is taken as it is', async t => {
  const { accept, joined, finished } = setUp()
  accept(stream.none, '[2026-11-23 10:00:00] local.ERROR: x')
  t.same([joined.length, finished.length], [0, 1])
})
