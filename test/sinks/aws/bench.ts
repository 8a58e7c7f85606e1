import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { systemClock } from '../../../src/contracts/clock.ts'
import type { SluiceError } from '../../../src/contracts/errors.ts'
import { batchesOf } from '../../../src/delivery/batcher.ts'
import type { Segment } from '../../../src/contracts/segment.ts'
import type { Rejection, Sink } from '../../../src/contracts/sink.ts'
import type { AwsSettings } from '../../../src/sinks/aws/client.ts'
import { createCloudWatchSink, type CloudWatchOptions } from '../../../src/sinks/cloudwatch/sink.ts'
import { CompressionMutex } from '../../../src/sinks/s3/compression-mutex.ts'
import { BodyMemory } from '../../../src/sinks/body-memory.ts'
import { createS3Sink, type S3Options } from '../../../src/sinks/s3/sink.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import { RequestMetrics } from '../../../src/telemetry/requests.ts'
import { type Aws, type AwsOptions, defaultAccount, startAws } from '../../support/aws/server.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { makeSegment } from '../../support/segments.ts'
import type { Owner } from '../../support/sluice-process.ts'
import { plainEvents, plainObjects } from './plain-options.ts'

export const never = new AbortController().signal

export function awsSettings ({ endpoint, region }: Pick<Aws, 'endpoint' | 'region'>, over: Partial<AwsSettings> = {}): AwsSettings {
  return {
    region,
    endpoint,
    roleArn: '',
    externalId: '',
    sessionName: 'test',
    connectionTimeoutMs: 2_000,
    requestTimeoutMs: 20_000,
    credentials: defaultAccount,
    ...over,
  }
}

/** A stand-in with bucket `box` and group `/app` that ends with the test, and is asked for its violations there. */
export async function startStandIn (t: Test, options: AwsOptions = {}): Promise<Aws> {
  const aws = await startAws({ buckets: ['box'], groups: ['/app'], ...options })
  t.teardown(() => aws.close())
  return aws
}

export function startLogsSink (t: Owner, aws: Pick<Aws, 'endpoint' | 'region'>, over: Partial<CloudWatchOptions> = {}) {
  const metrics = new Metrics()
  const recorded = recordingLog()
  const sink = createCloudWatchSink({
    aws: awsSettings(aws),
    group: '/app',
    streamTemplate: '{container}/{task}/{class}',
    values: { task: 'task1' },
    limits: { maxBytes: 1_048_576, maxRecords: 10_000 },
    ...plainEvents,
    memory: new BodyMemory(),
    clock: systemClock,
    metrics,
    requests: new RequestMetrics({ metrics, clock: systemClock, route: 'error', sink: 'cloudwatch' }),
    log: recorded.log,
    ...over,
  })
  t.teardown(() => sink.close())
  return { sink, metrics, logLines: recorded.lines }
}

export function startObjectSink (t: Owner, aws: Pick<Aws, 'endpoint' | 'region'>, over: Partial<S3Options> = {}) {
  const metrics = new Metrics()
  const sink = createS3Sink({
    aws: awsSettings(aws),
    bucket: 'box',
    prefix: 'production/',
    keyTemplate: 'production/{class}/dt=%Y-%m-%d/hour=%H/{task}-{segment}.ndjson.{ext}',
    values: { task: 'task1' },
    compression: 'gzip',
    level: 1,
    ...plainObjects,
    mutex: new CompressionMutex(),
    memory: new BodyMemory(),
    clock: systemClock,
    metrics,
    requests: new RequestMetrics({ metrics, clock: systemClock, route: 'access', sink: 's3' }),
    ...over,
  })
  t.teardown(() => sink.close())
  return { sink, metrics }
}

/** Where a test keeps its segments. */
export function segmentOf (t: Test, lines: readonly string[], over: Partial<Segment> = {}): Segment {
  const directory = join(t.testdirName, 'segments')
  mkdirSync(directory, { recursive: true })
  return makeSegment(directory, lines, { route: 'error', ...over })
}

/** Sends a whole segment; the rejections of each batch. */
export async function sendAll (sink: Sink, segment: Segment, signal = never): Promise<(readonly Rejection[])[]> {
  const rejections: (readonly Rejection[])[] = []
  for await (const batch of batchesOf(segment, sink.cutting)) rejections.push(await sink.send(batch, signal))
  return rejections
}

export function eventLine (message: string, timeMs = Date.now()): string {
  return JSON.stringify({ t: timeMs, c: 'web', m: message })
}

/** The counts of `sluice_sink_requests_total`, by `operation/outcome`. */
export function requestCounts (metrics: Metrics): Record<string, number> {
  return Object.fromEntries([...metrics.series('sluice_sink_requests_total')]
    .map(series => [series.labels.slice(1).join('/'), 'value' in series ? series.value : 0]))
}

/** What a try failed with. */
export async function errorOf (attempt: Promise<unknown>): Promise<SluiceError> {
  try {
    await attempt
  } catch (error) {
    return error as SluiceError
  }
  throw new Error('expected a failure')
}
