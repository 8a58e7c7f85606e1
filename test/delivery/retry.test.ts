import t from 'tap'
import { withRetry } from '../../src/delivery/retry.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import type { Batch, Send } from '../../src/contracts/sink.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'

const batch = {} as Batch
const unavailable = (retryAfterMs = 0) => new SluiceError('ERR_SINK_UNAVAILABLE', 'down', { retryAfterMs })

function setUp (send: Send) {
  const clock = new ManualClock()
  const draining = new AbortController()
  const stop = new AbortController()
  const events: string[] = []
  const retrying = withRetry({
    policy: { baseMs: 100, capMs: 1000 },
    clock,
    random: () => 1,
    draining: draining.signal,
    onFailure: (_error, failures, pauseMs) => events.push(`failure ${failures}, ${pauseMs} ms`),
    onRecovery: failures => events.push(`recovery after ${failures}`),
    onSuccess: () => events.push('success'),
  })(send)
  return { clock, draining, stop, events, result: retrying(batch, stop.signal) }
}

t.test('a retryable failure is sent again, with longer pauses, until it succeeds', async t => {
  let attempts = 0
  const { clock, events, result } = setUp(async () => {
    if (++attempts < 7) throw unavailable()
    return []
  })
  await clock.advance(10_000)
  t.same(await result, [])
  t.same(clock.sleeps, [100, 200, 400, 800, 1000, 1000])
  t.same(events.slice(-2), ['recovery after 6', 'success'])
})

t.test('a segment that cannot be read is not sent again from here', async t => {
  const { events, result } = setUp(async () => { throw new SluiceError('ERR_SPOOL_READ', 'gone') })
  await t.rejects(result, { code: 'ERR_SPOOL_READ' })
  t.same(events, [])
})

t.test('the pause is never shorter than the destination asked for', async t => {
  let attempts = 0
  const { clock, result } = setUp(async () => {
    if (++attempts === 1) throw unavailable(5000)
    return []
  })
  await clock.advance(5000)
  await result
  t.same(clock.sleeps, [5000])
})

t.test('throttling is remembered over batches, and forgotten when it is over', async t => {
  const clock = new ManualClock()
  const never = new AbortController().signal
  let isThrottling = true
  let attempts = 0
  const send = withRetry({
    policy: { baseMs: 100, capMs: 1000 },
    clock,
    random: () => 1,
    draining: never,
    onFailure: () => undefined,
    onRecovery: () => undefined,
    onSuccess: () => undefined,
  })(async () => {
    // Two of three requests are refused while it throttles.
    if (isThrottling && ++attempts % 3 !== 0) throw new SluiceError('ERR_SINK_UNAVAILABLE', 'slow', { reason: 'throttled' })
    return []
  })
  for (let count = 0; count < 4; count++) {
    const result = send(batch, never)
    await clock.advance(10_000)
    t.same(await result, [])
  }
  t.same(clock.sleeps, [100, 200, 200, 400, 200, 400, 200, 400])
  isThrottling = false
  for (let count = 0; count < 4; count++) await send(batch, never)
  isThrottling = true
  attempts = 1
  const result = send(batch, never)
  await clock.advance(1000)
  await result
  t.equal(clock.sleeps.at(-1), 100)
})

t.test('a rejection is not sent again', async t => {
  const { result, clock } = setUp(async () => { throw new SluiceError('ERR_SINK_REJECTED', 'no') })
  await t.rejects(result, { code: 'ERR_SINK_REJECTED' })
  t.same(clock.sleeps, [])
})

t.test('a batch that is refused for good after failures is answered all the same', async t => {
  let attempts = 0
  const { result, clock, events } = setUp(async () => {
    throw ++attempts === 1 ? unavailable() : new SluiceError('ERR_SINK_REJECTED', 'no')
  })
  const rejected = t.rejects(result, { code: 'ERR_SINK_REJECTED' })
  await clock.advance(100)
  await rejected
  t.same(events, ['failure 1, 100 ms', 'recovery after 1'])
})

t.test('a pause ends when the process begins to stop, and later ones are short', async t => {
  let attempts = 0
  const { clock, draining, result } = setUp(async () => {
    if (++attempts < 4) throw unavailable(60_000)
    return []
  })
  await turns()
  t.equal(attempts, 1)
  draining.abort()
  await turns()
  t.equal(attempts, 2, 'the long pause ended at once')
  await clock.advance(400)
  t.same(await result, [])
  t.same(clock.sleeps.slice(1), [200, 200])
})

t.test('an abort ends the retrying with the last failure: nothing more is sent', async t => {
  let attempts = 0
  const { stop, result } = setUp(async () => {
    attempts++
    throw unavailable()
  })
  await turns()
  stop.abort()
  await t.rejects(result, { code: 'ERR_SINK_UNAVAILABLE' })
  t.equal(attempts, 1)
})

t.test('a request that an abort ends has not failed', async t => {
  const request = Promise.withResolvers<[]>()
  const { stop, result, events, clock } = setUp(() => request.promise)
  stop.abort()
  request.reject(unavailable())
  await t.rejects(result, { code: 'ERR_SINK_UNAVAILABLE' })
  t.same([events, clock.sleeps], [[], []])
})

t.test('wall time that steps makes no pause shorter or longer', async t => {
  for (const stepMs of [90_000, -90_000, 86_400_000, -86_400_000]) {
    let attempts = 0
    const { clock, result } = setUp(async () => {
      if (++attempts === 1) throw unavailable(60_000)
      return []
    })
    await turns()
    clock.stepWall(stepMs)
    await clock.advance(59_999)
    t.equal(attempts, 1, `${stepMs} ms: not sooner`)
    await clock.advance(1)
    t.same(await result, [], `${stepMs} ms: not later`)
  }
})
