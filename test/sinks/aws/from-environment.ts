/**
 * Run as a process of its own, as the SDK reads the environment and the modules that are loaded can be counted. Sends
 * one segment to each AWS sink with no settings but those of the command line, and prints what became of it as JSON.
 */
import { createRequire } from 'node:module'
import { systemClock } from '../../../src/contracts/clock.ts'
import { batchesOf } from '../../../src/delivery/batcher.ts'
import { SluiceError } from '../../../src/contracts/errors.ts'
import type { Segment } from '../../../src/contracts/segment.ts'
import type { Sink } from '../../../src/contracts/sink.ts'
import type { AwsSettings } from '../../../src/sinks/aws/client.ts'
import { createCloudWatchSink } from '../../../src/sinks/cloudwatch/sink.ts'
import { CompressionMutex } from '../../../src/sinks/s3/compression-mutex.ts'
import { BodyMemory } from '../../../src/sinks/body-memory.ts'
import { createS3Sink } from '../../../src/sinks/s3/sink.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import { RequestMetrics } from '../../../src/telemetry/requests.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { makeSegment } from '../../support/segments.ts'
import { plainEvents, plainObjects } from './plain-options.ts'

async function outcomeOf (sink: Sink, segment: Segment): Promise<object> {
  try {
    for await (const batch of batchesOf(segment, sink.cutting)) await sink.send(batch, AbortSignal.timeout(20_000))
    return { reason: 'ok' }
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    return { code: error.code, reason: error.reason, message: error.message, retryAfterMs: error.retryAfterMs }
  } finally {
    await sink.close()
  }
}

function sdkModules (): string[] {
  return Object.keys(createRequire(import.meta.url).cache).filter(path => /@aws-sdk|@smithy/.test(path))
}

const [directory = '', roleArn = '', externalId = ''] = process.argv.slice(2)
const before = sdkModules().length
const aws: AwsSettings = {
  region: '',
  endpoint: '',
  roleArn,
  externalId,
  sessionName: 'sluice-task/1',
  connectionTimeoutMs: 2_000,
  requestTimeoutMs: 5_000,
}
const metrics = new Metrics()
const requestsOf = (sink: string) => new RequestMetrics({ metrics, clock: systemClock, route: 'test', sink })
const shared = { aws, values: {}, clock: systemClock, metrics, log: recordingLog().log }
const segment = makeSegment(directory, [JSON.stringify({ t: Date.now(), c: 'web', m: 'x' })])
const logs = await outcomeOf(createCloudWatchSink({
  ...shared,
  requests: requestsOf('cloudwatch'),
  group: '/app',
  streamTemplate: '{class}',
  limits: { maxBytes: 1000, maxRecords: 10 },
  ...plainEvents,
  memory: new BodyMemory(),
}), segment)
const s3 = await outcomeOf(createS3Sink({
  ...shared,
  requests: requestsOf('s3'),
  bucket: 'box',
  prefix: '',
  keyTemplate: '{segment}.{ext}',
  compression: 'gzip',
  level: 1,
  ...plainObjects,
  mutex: new CompressionMutex(),
  memory: new BodyMemory(),
}), segment)
await new Promise(setImmediate)
const expirySeconds = [...metrics.series('sluice_credentials_expiry_seconds')]
  .map(series => 'value' in series ? series.value : 0)
console.log(JSON.stringify({ before, after: sdkModules().length, logs, s3, expirySeconds }))
