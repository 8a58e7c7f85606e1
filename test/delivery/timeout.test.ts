import t from 'tap'
import { withTimeout } from '../../src/delivery/timeout.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import type { Batch } from '../../src/contracts/sink.ts'

const batch = {} as Batch
const never = new AbortController().signal
const timedOut = { code: 'ERR_SINK_UNAVAILABLE', reason: 'timeout' }
const calm = { draining: never, drainingTimeoutMs: 0 }

t.test('a request that hangs ends with a retryable timeout, even if it ignores its signal', async t => {
  let given: AbortSignal | undefined
  const send = withTimeout({ ...calm, timeoutMs: 5 })(async (_batch, signal) => {
    given = signal
    return await new Promise(() => undefined)
  })
  await t.rejects(send(batch, never), { code: 'ERR_SINK_UNAVAILABLE', reason: 'timeout', disposition: 'retry' })
  t.equal(given?.aborted, true)
})

t.test('the late failure of a request that timed out reaches nobody', async t => {
  let fail: (error: Error) => void = () => undefined
  const send = withTimeout({ ...calm, timeoutMs: 5 })(
    async () => await new Promise((_resolve, reject) => { fail = reject }))
  await t.rejects(send(batch, never), SluiceError)
  fail(new Error('late'))
})

t.test('an answer in time passes through, whatever it is', async t => {
  const rejections = [{ index: 1, reason: 'too_old' }]
  t.equal(await withTimeout({ ...calm, timeoutMs: 1000 })(async () => rejections)(batch, never), rejections)
  await t.rejects(withTimeout({ ...calm, timeoutMs: 1000 })(async () => { throw new SluiceError('ERR_SINK_REJECTED', 'no') })(batch, never),
    { code: 'ERR_SINK_REJECTED' })
})

t.test('a stop aborts the request', async t => {
  const stop = new AbortController()
  const send = withTimeout({ ...calm, timeoutMs: 60_000 })(
    async (_batch, signal) => await new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')))
    }))
  const result = send(batch, stop.signal)
  stop.abort()
  await t.rejects(result, { message: 'aborted' })
})

t.test('when the process begins to stop, what hangs is given up sooner, and so is what begins then', async t => {
  const draining = new AbortController()
  const send = withTimeout({ timeoutMs: 60_000, draining: draining.signal, drainingTimeoutMs: 5 })(
    async () => await new Promise(() => undefined))
  const underWay = send(batch, never)
  draining.abort()
  await t.rejects(underWay, timedOut)
  await t.rejects(send(batch, never), timedOut)
})

t.test('a stop never makes the timeout longer, and an answer that comes is still taken', async t => {
  const draining = new AbortController()
  const options = { timeoutMs: 5, draining: draining.signal, drainingTimeoutMs: 60_000 }
  const hanging = withTimeout(options)(async () => await new Promise(() => undefined))(batch, never)
  let answer: (rejections: []) => void = () => undefined
  const answered = withTimeout({ ...options, timeoutMs: 60_000 })(
    async () => await new Promise(resolve => { answer = resolve }))(batch, never)
  draining.abort()
  await t.rejects(hanging, timedOut)
  answer([])
  t.same(await answered, [])
})
