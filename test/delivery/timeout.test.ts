import t from 'tap'
import { withTimeout, type TimeoutOptions } from '../../src/delivery/timeout.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import type { Batch, Send } from '../../src/contracts/sink.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'

const batch = {} as Batch
const never = new AbortController().signal
const timedOut = { code: 'ERR_SINK_UNAVAILABLE', reason: 'timeout', disposition: 'retry' }
const hang: Send = async () => await new Promise(() => undefined)

function setUp (send: Send, options: Partial<TimeoutOptions> = {}) {
  const clock = new ManualClock()
  const timed = withTimeout({ timeoutMs: 30_000, draining: never, drainingTimeoutMs: 5_000, clock, ...options })
  return { clock, send: timed(send) }
}

/** How the promise has ended so far. */
function ending (result: Promise<unknown>) {
  const seen: { error?: unknown } = {}
  result.catch((error: unknown) => { seen.error = error })
  return seen
}

t.test('a request that hangs ends with a retryable timeout, even if it ignores its signal', async t => {
  let given: AbortSignal | undefined
  const { clock, send } = setUp(async (_batch, signal) => {
    given = signal
    return await new Promise(() => undefined)
  })
  const result = ending(send(batch, never))
  await clock.advance(29_999)
  t.same(result, {})
  await clock.advance(1)
  t.match(result.error, { ...timedOut, message: /^no answer within 30000 ms: .* raise delivery.requestTimeout/ })
  t.equal(given?.aborted, true)
})

t.test('the late failure of a request that timed out reaches nobody', async t => {
  let fail: (error: Error) => void = () => undefined
  const { clock, send } = setUp(async () => await new Promise((_resolve, reject) => { fail = reject }))
  const result = ending(send(batch, never))
  await clock.advance(30_000)
  t.match(result.error, timedOut)
  fail(new Error('late'))
  await turns()
})

t.test('an answer in time passes through, whatever it is, and leaves no timer behind', async t => {
  const rejections = [{ index: 1, reason: 'too_old' }]
  const taken = setUp(async () => rejections)
  t.equal(await taken.send(batch, never), rejections)
  t.equal(taken.clock.sleeping, 0)
  const refused = setUp(async () => { throw new SluiceError('ERR_SINK_REJECTED', 'no') })
  await t.rejects(refused.send(batch, never), { code: 'ERR_SINK_REJECTED' })
  t.equal(refused.clock.sleeping, 0)
})

t.test('a stop aborts the request, and waits for no client that ignores its signal', async t => {
  const stop = new AbortController()
  let given: AbortSignal | undefined
  const { clock, send } = setUp(async (_batch, signal) => {
    given = signal
    return await new Promise(() => undefined)
  })
  const results = [ending(send(batch, stop.signal))]
  await turns()
  stop.abort()
  results.push(ending(send(batch, stop.signal)))
  await turns()
  for (const { error } of results) t.match(error, { code: 'ERR_SINK_UNAVAILABLE', reason: 'aborted' })
  t.equal(given?.aborted, true)
  t.equal(clock.sleeping, 0)
})

t.test('when the process begins to stop, what hangs is given up sooner, and so is what begins then', async t => {
  const draining = new AbortController()
  const { clock, send } = setUp(hang, { draining: draining.signal })
  const underWay = ending(send(batch, never))
  await clock.advance(10_000)
  draining.abort()
  const later = ending(send(batch, never))
  await clock.advance(4_999)
  t.same([underWay, later], [{}, {}])
  await clock.advance(1)
  t.match(underWay.error, { ...timedOut, message: 'no answer within 15000 ms' })
  t.match(later.error, { ...timedOut, message: 'no answer within 5000 ms' })
})

t.test('a stop never makes the timeout longer, and an answer that comes is still taken', async t => {
  const draining = new AbortController()
  let answer: (rejections: []) => void = () => undefined
  const { clock, send } = setUp(async () => await new Promise(resolve => { answer = resolve }),
    { draining: draining.signal, drainingTimeoutMs: 60_000 })
  const hanging = ending(send(batch, never))
  await clock.advance(29_000)
  draining.abort()
  const answered = send(batch, never)
  await clock.advance(1_000)
  t.match(hanging.error, { ...timedOut, message: 'no answer within 30000 ms' })
  answer([])
  t.same(await answered, [])
})

t.test('wall time that steps makes no request time out sooner or later', async t => {
  for (const stepMs of [90_000, -90_000, 86_400_000, -86_400_000]) {
    const { clock, send } = setUp(hang)
    const result = ending(send(batch, never))
    clock.stepWall(stepMs)
    await clock.advance(29_999)
    t.same(result, {}, `${stepMs} ms: not sooner`)
    await clock.advance(1)
    t.match(result.error, { message: 'no answer within 30000 ms' }, `${stepMs} ms: not later`)
  }
})

t.test('each request of a batch has the whole time, also when the process stops, and one of them that hangs ends', async t => {
  for (const [isDraining, timeMs] of [[false, 30_000], [true, 5_000]] as const) {
    const draining = new AbortController()
    if (isDraining) draining.abort()
    let begin: () => void = () => undefined
    const { clock, send } = setUp(async (_batch, _signal, onRequest) => {
      begin = () => onRequest?.()
      return await new Promise(() => undefined)
    }, { draining: draining.signal })
    const result = ending(send(batch, never))
    for (let request = 0; request < 3; request++) {
      await clock.advance(timeMs - 1)
      t.same(result, {}, 'answered in time')
      begin()
    }
    await clock.advance(timeMs - 1)
    t.same(result, {})
    await clock.advance(1)
    t.match(result.error, { ...timedOut, message: `no answer within ${timeMs} ms` })
    t.equal(clock.sleeping, 0)
  }
})
