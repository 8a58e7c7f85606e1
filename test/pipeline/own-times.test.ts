import t from 'tap'
import { createRecord, type LogRecord } from '../../src/contracts/record.ts'
import { oldestEventMs, withOwnTimes } from '../../src/pipeline/own-times.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

/** Lines that are numbers say that they were written then. */
function timesOf (lines: readonly string[], options: { readonly firstMs?: number, readonly tellsOld?: boolean } = {}) {
  const clock = new ManualClock()
  const { log, lines: told } = recordingLog()
  const taken: number[] = []
  const acceptor = withOwnTimes({
    accept: ({ timeMs }: LogRecord) => { taken.push(timeMs); return timeMs !== 7 },
    isFull: true,
    whenWritable: async () => undefined,
    stored: async () => false,
  }, {
    lineTime: (bytes, start, end) => {
      const text = bytes.toString('latin1', start, end)
      return /^\d+$/.test(text) ? Number(text) : undefined
    },
    firstMs: undefined,
    tellsOld: false,
    ...options,
    clock,
    log,
  })
  const answers = lines.map(line => {
    const bytes = Buffer.from(line)
    return acceptor.accept({ ...createRecord(), bytes, end: bytes.length, timeMs: 1 })
  })
  return { taken, answers, acceptor, nowMs: clock.wallMs(), messages: told.map(({ msg }) => msg) }
}

t.test('a line has the time that it says, else that of the line before it', async t => {
  t.same(timesOf(['100', '#0 {main}', '50', 'x', '200']).taken, [100, 100, 50, 50, 200])
})

t.test('lines before the first time have that one where it is known; else they are of now, which is told once', async t => {
  const known = timesOf(['x', '100'], { firstMs: 100 })
  t.same([known.taken, known.messages], [[100, 100], []])
  const { taken, nowMs, messages } = timesOf(['x', 'y', '100', 'z'])
  t.same(taken, [nowMs, nowMs, 100, 100])
  t.match(messages, [/without a time of their own/])
})

t.test('the first line that CloudWatch Logs would refuse is told where its events go there', async t => {
  const edge = new ManualClock().wallMs() - oldestEventMs
  t.same(timesOf([String(edge)], { tellsOld: true }).messages, [])
  t.match(timesOf([String(edge - 1), '5', '6'], { tellsOld: true }).messages, ['a line is older than 14 days'])
  t.same(timesOf([String(edge - 1)]).messages, [])
})

t.test('everything else is as the acceptor says', async t => {
  const { answers, acceptor } = timesOf(['7', '8'])
  t.same(answers, [false, true])
  t.equal(acceptor.isFull, true)
  t.equal(await acceptor.stored(), false)
  await acceptor.whenWritable()
})
