import t, { type Test } from 'tap'
import { systemClock } from '../../../src/contracts/clock.ts'
import { createLetterObjects } from '../../../src/sinks/s3/letter-objects.ts'
import { createS3Objects } from '../../../src/sinks/s3/objects.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import { RequestMetrics } from '../../../src/telemetry/requests.ts'
import type { Aws } from '../../support/aws/server.ts'
import { awsSettings, never, startStandIn } from '../aws/bench.ts'
import { plainObjects } from '../aws/plain-options.ts'

const text = Buffer.from('{"time":"2026-11-23T19:05:00.000Z","reason":"invalid","record":{}}\n')

function startLetters (t: Test, aws: Aws) {
  const metrics = new Metrics()
  const requests = new RequestMetrics({ metrics, clock: systemClock, route: 'error', sink: 's3' })
  const prefix = 'production/'
  const objects = createS3Objects({
    aws: awsSettings(aws), bucket: 'box', prefix, ...plainObjects, clock: systemClock, metrics, requests,
  })
  t.teardown(() => objects.close())
  const store = createLetterObjects({ objects, prefix, route: 'error', task: 'task1', level: 1 })
  return () => store(text, never, () => undefined)
}

t.test('letters lie below the prefix, under the hour of the first', async t => {
  const aws = await startStandIn(t)
  await startLetters(t, aws)()
  t.match(aws.state.objects('box').map(({ key }) => key), [
    /^production\/dead-letter\/error\/dt=2026-11-23\/hour=19\/task1-[0-9a-f]{32}\.ndjson\.gz$/,
  ])
})

t.test('letters that S3 claims to have are sent once more before that is believed', async t => {
  const aws = await startStandIn(t)
  const store = startLetters(t, aws)
  aws.faults.set('s3', { mode: 'untrue', count: 1 })
  await t.rejects(store(), { code: 'ERR_SINK_UNAVAILABLE' })
  await store()
  t.equal(aws.state.objects('box').length, 1)
})

t.test('letters that an earlier process has stored are stored once', async t => {
  const aws = await startStandIn(t)
  await startLetters(t, aws)()
  const store = startLetters(t, aws)
  await t.rejects(store(), { code: 'ERR_SINK_UNAVAILABLE' })
  await store()
  t.equal(aws.state.objects('box').length, 1)
})
