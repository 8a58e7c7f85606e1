import t from 'tap'
import { errorTable, isRetryable, SluiceError, type ErrorCode } from '../../src/contracts/errors.ts'

t.test('the code says what an error means for the work, and what it is counted as', async t => {
  for (const [code, { disposition }] of Object.entries(errorTable)) {
    const error = new SluiceError(code as ErrorCode, 'expected this, found that')
    t.equal(error.disposition, disposition, code)
    t.equal(isRetryable(error), disposition === 'retry', code)
    t.match(error, { name: 'SluiceError', reason: /^[a-z_]+$/, retryAfterMs: 0 })
  }
  t.notOk(isRetryable(new Error('of somebody else')))
})

t.test('what caused it is kept, and a reason or a pause that was given wins', async t => {
  const cause = new Error('ECONNRESET')
  const error = new SluiceError('ERR_SINK_UNAVAILABLE', 'no connection', { reason: 'network', retryAfterMs: 500, cause })
  t.match(error, { reason: 'network', retryAfterMs: 500, cause })
  t.equal(new SluiceError('ERR_SINK_UNAVAILABLE', '').reason, 'sink_unavailable')
})
