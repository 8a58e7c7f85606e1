import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import type { Config } from './config/settings.ts'
import type { Route } from './routes.ts'
import type { Sink } from './send.ts'
import type { AwsSettings } from './sinks/aws/client.ts'
import { createCloudWatchSink } from './sinks/cloudwatch/sink.ts'
import { createFileEventsSink } from './sinks/file/events.ts'
import { createFileObjectsSink } from './sinks/file/objects.ts'
import { Gate } from './sinks/gate.ts'
import { createS3Sink } from './sinks/s3/sink.ts'
import type { Metrics } from './telemetry/metrics.ts'

/** Where a route's records go, and how an operator would find them. */
export interface Destination {
  readonly sink: Sink
  /** A directory, `s3://bucket/prefix`, a log group: for the start message and the health page. */
  readonly words: string
  /** Longest time of one request; undefined where one that was given up on could still write. */
  readonly timeoutMs: number | undefined
  /** Segments sent at once, never two of one stream. */
  readonly concurrency: number
  /** Where records that it refuses for good are kept. */
  readonly deadLetterDirectory: string
}

export interface DestinationContext {
  readonly config: Config
  /** `{task}` in keys and stream names. */
  readonly task: string
  /** This instance's directory in the data directory. */
  readonly directory: string
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: Logger
}

/** Requests in flight to CloudWatch Logs, for each route: over so many streams, in order within each. */
const eventRequests = 4

/** Chooses the sink of each route: `logGroup` sends events to CloudWatch Logs, `bucket` objects to S3; else files. */
export function createDestinations (context: DestinationContext): (route: Route) => Destination {
  const { config, task, directory, clock, metrics, log } = context
  const { objects, events, s3, cloudwatch } = config
  const root = config.file.directory === '' ? join(directory, 'delivered') : config.file.directory
  const gate = new Gate()
  // What the task metadata would say; empty parts of a stream name are left out.
  const values = { task, prefix: config.prefix, cluster: '', family: '' }
  const shared = { clock, metrics, log, values, aws: awsSettings(config, task) }
  const common = { deadLetterDirectory: join(directory, 'dead-letter') }
  const limits = { maxBytes: events.batchMaxBytes, maxRecords: events.batchMaxRecords }
  const files = { directory: root, values, minFreeBytes: config.file.minFreeBytes }
  const remote = { ...common, timeoutMs: config.delivery.requestTimeout, concurrency: 1 }
  const local = { ...common, timeoutMs: undefined, concurrency: 1, words: root }

  return route => {
    if (route.kind === 'events') {
      const streamTemplate = route.template
      if (config.logGroup === '') {
        return { ...local, sink: createFileEventsSink({ ...files, group: 'logs', streamTemplate, limits }) }
      }
      const sink = createCloudWatchSink({ ...shared, ...cloudwatch, group: config.logGroup, streamTemplate, limits })
      return { ...remote, sink, words: config.logGroup, concurrency: eventRequests }
    }
    const object = { keyTemplate: route.template, compression: objects.compression, level: objects.level, gate }
    if (config.bucket === '') return { ...local, sink: createFileObjectsSink({ ...files, ...object }) }
    const sink = createS3Sink({
      ...shared,
      ...object,
      ...s3,
      bucket: config.bucket,
      prefix: config.prefix,
    })
    return { ...remote, sink, words: `s3://${config.bucket}/${config.prefix}` }
  }
}

function awsSettings (config: Config, task: string): AwsSettings {
  return {
    region: '',
    endpoint: '',
    roleArn: config.aws.roleArn,
    externalId: config.aws.externalId,
    sessionName: config.aws.sessionName === '' ? `sluice-${task}` : config.aws.sessionName,
    connectionTimeoutMs: config.aws.connectionTimeout,
    requestTimeoutMs: config.delivery.requestTimeout,
  }
}
