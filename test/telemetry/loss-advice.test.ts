import t from 'tap'
import { lossAdvice } from '../../src/telemetry/loss-advice.ts'

t.test('advice names the setting of the route, which is that of its class for one of a container\'s own', async t => {
  t.match(lossAdvice('dropped', 'error', 'quota'), 'raise routes.error.maxBytes')
  t.match(lossAdvice('dropped', 'access.web', 'quota'), 'raise routes.access.maxBytes')
})

t.test('a reason without advice of its own leads to the page that has it, and a refusal to what was kept', async t => {
  t.match(lossAdvice('dropped', 'error', 'constructor'), 'docs/operations.md')
  t.match(lossAdvice('rejected', 'error', 'too_old'), 'dead-letter/')
})

t.test('advice leads to who floods, and to why the spool was not written, which need not be the disk', async t => {
  t.match(lossAdvice('dropped', 'access', 'quota'), /one container floods.*key or stream of its own \(containers\)/)
  t.match(lossAdvice('dropped', 'access', 'memory'), '`spool paused`')
})

t.test('who refuses a record for its time is not to be asked again as if that could be mended', async t => {
  const advice = (reason: string) => lossAdvice('rejected', 'error', reason)
  for (const reason of ['too_old', 'expired', 'too_new']) t.match(advice(reason), /^look into dead-letter\/, in the data directory and in the bucket: /)
  t.match(advice('too_old'), /over 14 days old, now or later/)
  t.notMatch(advice('too_old'), /replay/)
  t.match(advice('expired'), /retention of the group.* raise that, then sluice replay sends them again$/)
  t.match(advice('too_new'), /over 2 hours ahead.* clock.* sluice replay sends them again when their time has come$/)
  t.match(advice('invalid'), /once that is mended, sluice replay sends them again$/)
})
