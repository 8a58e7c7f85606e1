import t from 'tap'
import { withRetry } from '../../src/delivery/retry.ts'
import { SluiceError } from '../../src/errors.ts'
import type { Batch, Send } from '../../src/send.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'

const batch = {} as Batch
const unavailable = (retryAfterMs = 0) => new SluiceError('ERR_SINK_UNAVAILABLE', 'down', { retryAfterMs })

function setUp (send: Send) {
  const clock = new ManualClock()
  const hurry = new AbortController()
  const stop = new AbortController()
  const events: string[] = []
  const retrying = withRetry({
    policy: { baseMs: 100, capMs: 1000 },
    clock,
    random: () => 1,
    hurry: hurry.signal,
    onFailure: (_error, failures, pauseMs) => events.push(`failure ${failures}, ${pauseMs} ms`),
    onSuccess: () => events.push('success'),
  })(send)
  return { clock, hurry, stop, events, result: retrying(batch, stop.signal) }
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
  t.equal(events.at(-1), 'success')
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

t.test('a rejection is not sent again', async t => {
  const { result, clock } = setUp(async () => { throw new SluiceError('ERR_SINK_REJECTED', 'no') })
  await t.rejects(result, { code: 'ERR_SINK_REJECTED' })
  t.same(clock.sleeps, [])
})

t.test('a pause ends when the process begins to stop, and later ones are short', async t => {
  let attempts = 0
  const { clock, hurry, result } = setUp(async () => {
    if (++attempts < 4) throw unavailable(60_000)
    return []
  })
  await turns()
  t.equal(attempts, 1)
  hurry.abort()
  await turns()
  t.equal(attempts, 2, 'the long pause ended at once')
  await clock.advance(400)
  t.same(await result, [])
  t.same(clock.sleeps.slice(1), [200, 200])
})

t.test('an abort ends the retrying with the last failure', async t => {
  const { stop, result } = setUp(async () => { throw unavailable() })
  await turns()
  stop.abort()
  await t.rejects(result, { code: 'ERR_SINK_UNAVAILABLE' })
})
