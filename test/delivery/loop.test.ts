import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import type { DeadLetter } from '../../src/delivery/letter-text.ts'
import { Delivery } from '../../src/delivery/loop.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import type { Segment } from '../../src/contracts/segment.ts'
import type { Cutting, Send } from '../../src/contracts/sink.ts'
import type { Counter } from '../../src/telemetry/ledger.ts'
import { ManualClock, until } from '../support/manual-clock.ts'
import { MemoryQueue } from '../support/memory-queue.ts'
import { makeSegment } from '../support/segments.ts'

/** Two records a batch. */
const cutting: Cutting = {
  readBytes: 1024,
  cut: lines => {
    const first = lines.indexOf(10) + 1
    const second = first === 0 ? 0 : lines.indexOf(10, first) + 1
    return { endByte: second || first, records: second > 0 ? 2 : first > 0 ? 1 : 0, isFull: second > 0 }
  },
}

function setUp (t: Test, segments: readonly Segment[], send: Send, queue = new MemoryQueue(segments)) {
  const clock = new ManualClock()
  const delivered: Counter = { value: 0 }
  const rejected = new Map<string, Counter>()
  const letters: DeadLetter[] = []
  const events: string[] = []
  const delivery = new Delivery({
    route: 'error',
    queue,
    send,
    cutting,
    concurrency: 1,
    delivered,
    rejected: reason => {
      const counter = rejected.get(reason) ?? { value: 0 }
      rejected.set(reason, counter)
      return counter
    },
    keep: async each => { letters.push(...each) },
    onFailure: ({ reason }, failures) => events.push(`${reason} ${failures}`),
    onRecovery: failures => events.push(`recovery after ${failures}`),
    clock,
    log: pino({ enabled: false }),
  })
  t.teardown(async () => await delivery.stop())
  delivery.start()
  return { queue, clock, delivered, rejected, letters, events, delivery }
}

t.test('a segment is delivered batch by batch, each settled when it is confirmed', async t => {
  const lines: string[] = []
  const segment = makeSegment(t.testdir(), ['a', 'b', 'c'])
  const { queue, delivered } = setUp(t, [segment], async batch => {
    lines.push(batch.lines?.toString() ?? '')
    return []
  })
  await until(() => delivered.value === 3)
  t.same(lines, ['a\nb\n', 'c\n'])
  t.same(queue.settled, [[segment.id, 4, 2], [segment.id, 2, 1]])
  t.equal(delivered.value, 3)
})

t.test('a rejected record is counted by its reason and kept; the others of its batch are delivered', async t => {
  const segment = makeSegment(t.testdir(), ['a', 'b', 'c'])
  const { queue, delivered, rejected, letters } = setUp(t, [segment], async batch =>
    batch.records === 2 ? [{ index: 1, reason: 'too_old' }] : [])
  await until(() => queue.settled.length === 2)
  t.equal(delivered.value, 2)
  t.equal(rejected.get('too_old')?.value, 1)
  t.same(letters, [{ line: 'b', reason: 'too_old' }])
  t.equal(queue.settled.reduce((sum, [, , records]) => sum + records, 0), 3)
})

t.test('a segment that cannot be delivered is given back and taken again after a pause', async t => {
  const segment = makeSegment(t.testdir(), ['a'])
  let attempts = 0
  const { queue, clock, delivered } = setUp(t, [segment], async () => {
    if (++attempts === 1) throw new SluiceError('ERR_SINK_UNAVAILABLE', 'the whole segment')
    return []
  })
  await until(() => queue.released.length === 1)
  t.same(queue.released, [segment.id])
  t.equal(delivered.value, 0)
  await clock.advance(60_000)
  await until(() => delivered.value === 1)
  t.equal(queue.settled.length, 1)
})

t.test('a segment whose file is gone is told, and does not stop the loop', async t => {
  const segment = makeSegment(t.testdir(), ['a'], { id: 'gone' })
  const text = readFileSync(segment.path)
  rmSync(segment.path)
  const { queue, clock, delivered, events } = setUp(t, [segment], async () => [])
  await until(() => clock.sleeping === 1)
  await clock.advance(5_000)
  await until(() => clock.sleeping === 1)
  t.same(queue.released, ['gone', 'gone'], 'tried again')
  writeFileSync(segment.path, text)
  await clock.advance(5_000)
  await until(() => delivered.value === 1 && events.length > 2)
  t.same(events, ['spool_read 1', 'spool_read 2', 'recovery after 2'])
})

/** Loses a segment that is given back, as the spool does with one whose file is gone. */
class LosingQueue extends MemoryQueue {
  override release (segment: Segment): void {
    this.released.push(segment.id)
  }
}

t.test('a segment that failed and is then lost is no failure any more, whether another waits or none', async t => {
  const directory = t.testdir()
  const [first, second, third] = ['1', '2', '3'].map(id => makeSegment(directory, ['a'], { id })) as [Segment, Segment, Segment]
  for (const { path } of [first, third]) rmSync(path)
  const { clock, delivered, events } = setUp(t, [], async () => {
    events.push('sent')
    return []
  }, new LosingQueue([first, second, third]))
  await until(() => clock.sleeping === 1)
  await clock.advance(5_000)
  await until(() => delivered.value === 1 && clock.sleeping === 1)
  t.same(events, ['spool_read 1', 'recovery after 1', 'sent', 'spool_read 1'], 'before the next is sent')
  await clock.advance(5_000)
  await until(() => events.length === 5)
  t.equal(events.at(-1), 'recovery after 1', 'though nothing is left to deliver')
})

/** Has every bug a queue can have, once each. */
class FailingQueue extends MemoryQueue {
  #takeCount = 0

  override async take (signal: AbortSignal, onWait?: () => void): Promise<Segment | undefined> {
    if (++this.#takeCount === 1) throw new TypeError('a bug')
    return await super.take(signal, onWait)
  }

  override release (segment: Segment): void {
    super.release(segment)
    throw new TypeError('another bug')
  }
}

t.test('a bug in the queue costs a pause, not the route', async t => {
  const segment = makeSegment(t.testdir(), ['a'])
  let attempts = 0
  const { clock, delivered } = setUp(t, [], async () => {
    if (++attempts === 1) throw new SluiceError('ERR_SINK_UNAVAILABLE', 'the whole segment')
    return []
  }, new FailingQueue([segment]))
  await until(() => clock.sleeping === 1)
  await clock.advance(5_000)
  await until(() => clock.sleeping === 1)
  await clock.advance(5_000)
  await until(() => delivered.value === 1)
})

t.test('stopping aborts what is in flight, settles nothing of it, and is safe twice', async t => {
  const segment = makeSegment(t.testdir(), ['a'])
  let isSending = false
  const { queue, delivery } = setUp(t, [segment], async (_batch, signal) => await new Promise((_resolve, reject) => {
    isSending = true
    signal.addEventListener('abort', () => reject(new SluiceError('ERR_SINK_UNAVAILABLE', 'aborted')))
  }))
  await until(() => isSending)
  await Promise.all([delivery.stop(), delivery.stop()])
  t.same(queue.settled, [])
  t.same(queue.released, [segment.id])
})

t.test('what was stored of a batch that is halved is settled, although the stop ends the rest of it', async t => {
  const segment = makeSegment(t.testdir(), ['good', 'bad'])
  const stored: string[] = []
  let isSending = false
  const { queue, delivery, delivered } = setUp(t, [segment], async (batch, signal) => {
    const lines = batch.lines?.toString() ?? ''
    if (batch.records === 2) throw new SluiceError('ERR_SINK_REJECTED', 'one of them', { reason: 'invalid' })
    if (!lines.includes('bad')) {
      stored.push(lines)
      return []
    }
    isSending = true
    return await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new SluiceError('ERR_SINK_UNAVAILABLE', 'aborted')))
    })
  })
  await until(() => isSending)
  await delivery.stop()
  t.same(stored, ['good\n'])
  t.same(queue.settled, [[segment.id, 5, 1]], 'the next start does not send it again')
  t.equal(delivered.value, 1)
  t.same(queue.released, [segment.id])
})
