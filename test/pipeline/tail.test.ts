import t from 'tap'
import { Outcome } from '../../src/contracts/outcome.ts'
import { createRecord } from '../../src/contracts/record.ts'
import type { TailLine, TailWanted } from '../../src/contracts/tail.ts'
import { createErrorReading } from '../../src/formats/error-reading.ts'
import type { Listener } from '../../src/pipeline/inbound-types.ts'
import { createTail, tailLimits } from '../../src/pipeline/tail.ts'
import { ManualClock } from '../support/manual-clock.ts'

function setUp () {
  const clock = new ManualClock()
  let listener: Listener | undefined
  const tail = createTail({ clock, listen: next => { listener = next; return () => { listener = undefined } } })
  const append = tail.watched(() => true)
  const pass = (text: string, differs: Partial<Outcome> = {}) => {
    append(0, '', Buffer.from(text), 0, Buffer.byteLength(text), false)
    passNowhere(text, differs)
  }
  const passNowhere = (text: string, differs: Partial<Outcome> = {}) => {
    const bytes = Buffer.from(text)
    const reading = createErrorReading()
    reading.begin(bytes, 0, bytes.length)
    const outcome = { ...new Outcome(), class: 'app', route: 'app', ...differs } as const
    listener?.({ ...createRecord(), bytes, end: bytes.length }, outcome, reading)
  }
  const open = (wanted: Partial<TailWanted> = {}, take: (line: TailLine) => boolean = () => true) =>
    tail.open({ class: undefined, level: undefined, text: undefined, ...wanted }, {
      take: json => take(JSON.parse(json) as TailLine),
    })
  return { clock, append, pass, passNowhere, open, isListening: () => listener !== undefined }
}

t.test('it listens while somebody reads, and not a moment longer', async t => {
  const { open, isListening } = setUp()
  t.equal(isListening(), false)
  const [first, second] = [open(), open()]
  t.equal(isListening(), true)
  first.close()
  t.equal(isListening(), true)
  second.close()
  second.close()
  t.equal(isListening(), false)
})

t.test('a line is told with what is delivered of it, cut, and its whole size', async t => {
  const { open, pass } = setUp()
  const told: TailLine[] = []
  open({}, line => told.push(line) > 0)
  pass('hello')
  pass('x'.repeat(1_048_576))
  t.match(told, [{ line: 'hello', bytes: 5, delivered: ['hello'], deliveredBytes: 5, class: 'app', route: 'app' }, { bytes: 1_048_576, deliveredBytes: 1_048_576 }])
  t.equal(told[1]?.line.length, 4_097)
})

t.test('what goes nowhere was not looked at for secrets, so its text is not told', async t => {
  const { open, pass, passNowhere } = setUp()
  const told: TailLine[] = []
  open({}, line => told.push(line) > 0)
  passNowhere('card 4111 1111 1111 1111', { class: undefined, route: undefined, filter: 'exclude-pattern' })
  pass('hello')
  t.match(told, [{ line: '', delivered: [], filter: 'exclude-pattern' }, { line: 'hello' }])
  t.notMatch(JSON.stringify(told), '4111')
})

t.test('a line that is copied to another route is told as one', async t => {
  const { append, open, passNowhere } = setUp()
  const told: TailLine[] = []
  open({}, line => told.push(line) > 0)
  append(0, '', Buffer.from('hello'), 0, 5, false)
  append(0, '', Buffer.from('hello'), 0, 5, false)
  passNowhere('hello')
  t.match(told, [{ line: 'hello', delivered: ['hello', 'hello'], deliveredBytes: 10 }])
})

t.test('each reader gets what it wants: class, level and worse, text', async t => {
  const { open, pass } = setUp()
  const got: string[] = []
  const collect = (name: string) => ({ line }: TailLine) => got.push(`${name} ${line}`) > 0
  open({ class: 'error' }, collect('class'))
  open({ level: 'error' }, collect('level'))
  open({ text: 'PAY' }, collect('text'))
  pass('PHP Warning:  about pay in /a.php on line 1', { class: 'error' })
  pass('PHP Fatal error:  gone in /a.php on line 1', { class: 'error' })
  pass('hello')
  t.same(got, ['class PHP Warning:  about pay in /a.php on line 1', 'text PHP Warning:  about pay in /a.php on line 1',
    'class PHP Fatal error:  gone in /a.php on line 1', 'level PHP Fatal error:  gone in /a.php on line 1'])
})

t.test('what is over the limit of a second, or a slow reader cannot take, is counted as missed', async t => {
  const { clock, open, pass } = setUp()
  let count = 0
  const [quick, slow] = [open({}, () => ++count > 0), open({}, () => false)]
  for (let index = 0; index < tailLimits.shown + 5; index++) pass('hello')
  t.equal(count, tailLimits.shown)
  t.equal(quick.missed, 5)
  t.equal(slow.missed, tailLimits.shown + 5)
  await clock.advance(1_000)
  pass('hello')
  t.equal(count, tailLimits.shown + 1)
})
