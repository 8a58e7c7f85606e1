import t from 'tap'
import { createRecord, linePart, stream, type LogRecord } from '../../src/contracts/record.ts'
import { OpenLines } from '../../src/pipeline/open-lines.ts'

const { whole, first, middle, last } = linePart
const of = (record: Partial<LogRecord>) => ({ ...createRecord(), part: middle, ...record })

t.test('what is kept of a line is there until its last part, and not for the first of the next', async t => {
  const open = new OpenLines<string>()
  open.keep(of({ part: first }), 'a')
  t.equal(open.before(of({})), 'a')
  open.keep(of({}), 'b')
  t.equal(open.before(of({ part: first })), undefined)
  t.equal(open.before(of({ part: last })), 'b')
  open.keep(of({ part: last }), 'c')
  t.equal(open.before(of({})), undefined)
})

t.test('a line that is one record keeps nothing, is told nothing, and ends no other', async t => {
  const open = new OpenLines<string>()
  open.keep(of({ part: whole }), 'a')
  t.equal(open.before(of({})), undefined)
  open.keep(of({ part: first }), 'b')
  open.keep(of({ part: whole }), 'c')
  t.equal(open.before(of({ part: whole })), undefined)
  t.equal(open.before(of({})), 'b')
})

t.test('lines of other containers, streams and connections are other lines', async t => {
  const open = new OpenLines<number>()
  const lines = [{}, { container: 'api' }, { stream: stream.stderr }, { cutLine: 1 }]
  lines.forEach((line, index) => open.keep(of({ ...line, part: first }), index))
  t.same(lines.map(line => open.before(of(line))), [0, 1, 2, 3])
})

t.test('of more than 256 lines at once only the oldest is forgotten: the one that went on longest ago', async t => {
  const open = new OpenLines<number>()
  for (let cutLine = 0; cutLine < 256; cutLine++) open.keep(of({ part: first, cutLine }), cutLine)
  open.keep(of({ cutLine: 0 }), 0)
  t.equal(open.before(of({ cutLine: 1 })), 1, '256 are kept')
  open.keep(of({ part: first, cutLine: 256 }), 256)
  const lines = Array.from({ length: 257 }, (_, cutLine) => cutLine)
  t.same(lines.filter(cutLine => open.before(of({ cutLine })) === undefined), [1])
})
