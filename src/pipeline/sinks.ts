import { join } from 'node:path'
import { levelOf } from '../config/reconcile.ts'
import type { Config } from '../config/settings.ts'
import type { TaskFacts } from '../ecs/task-facts.ts'
import { createLetterStore, type LetterStore } from './letter-store.ts'
import { copiesOfBatch, copiesOfObject, type MemoryBudget } from './memory.ts'
import { deadLetterBucketOf, destinationWords, filesDirectory, type Route } from './routes.ts'
import type { MemoryTurns } from '../contracts/memory.ts'
import type { Batch, Sink } from '../contracts/sink.ts'
import type { AwsSettings } from '../sinks/aws/client.ts'
import { createCloudWatchSink } from '../sinks/cloudwatch/sink.ts'
import { pathParts } from '../sinks/names.ts'
import { createFileEventsSink } from '../sinks/file/events.ts'
import { createFileObjectsSink } from '../sinks/file/objects.ts'
import { KeyedMutex, Mutex } from '../contracts/mutex.ts'
import { BodyMemory } from '../sinks/body-memory.ts'
import { CompressionMutex } from '../sinks/s3/compression-mutex.ts'
import { createS3Sink } from '../sinks/s3/sink.ts'
import type { Instruments } from '../telemetry/instruments.ts'
import { RequestMetrics } from '../telemetry/requests.ts'

/** Where a route's records go, and how an operator would find them. */
export interface Destination {
  readonly sink: Sink
  /** Counts and times requests to the sink: the layer around its `send`. */
  readonly requests: RequestMetrics
  /** A directory, `s3://bucket/prefix`, a log group: for the start message and the health page. */
  readonly words: () => string
  /** Longest time of one request; undefined where an abandoned request could still write. */
  readonly timeoutMs: number | undefined
  /** Segments sent at once, never two of one stream. */
  readonly concurrency: number
  /** What sending takes of a share of the memory; undefined where it is next to nothing. */
  readonly memory?: { readonly turns: MemoryTurns, readonly bytesOf: (batch: Batch) => number }
  /** Where records that it refuses for good are kept. */
  readonly deadLetterDirectory: () => string
  /** Where copies of them outlive the disk; undefined where it refuses nothing, and without a bucket. */
  readonly letterStore?: LetterStore | undefined
}

export interface DestinationContext extends Pick<Instruments, 'clock' | 'metrics' | 'log'> {
  readonly config: Config
  /** `{task}` in keys and stream names. */
  readonly task: string
  /** The other values there that say which task this is. */
  readonly facts: Pick<TaskFacts, 'cluster' | 'family' | 'revision' | 'az'>
  /** This instance's directory in the data directory: another one, where a process that was paused lost the first. */
  readonly directory: () => string
  readonly memory: Pick<MemoryBudget, 'batches' | 'objects' | 'eventRequests'>
}

/** Makes the sink of each route. */
export function createDestinations (context: DestinationContext): (route: Route) => Destination {
  const { config, task, facts, directory, memory, clock, metrics, log } = context
  const { objects, events, s3, cloudwatch } = config
  const root = () => filesDirectory(config, directory())
  // Compression takes much memory and turns of the thread pool, so objects are compressed one at a time. Files and S3
  // have a mutex each, since a file's compression waits for its disk, which may hang.
  const compression = { file: new Mutex(), s3: new CompressionMutex() }
  const bodies = { objects: new BodyMemory(), events: new BodyMemory() }
  const streams = new KeyedMutex<string>()
  const { cluster, family, revision, az } = facts
  const names = { task, cluster, family, revision, az }
  // An unknown value is left out of a stream's name; in a key a part of the path must not be empty.
  const parts = pathParts(names)
  const limits = { maxBytes: events.batchMaxBytes, maxRecords: events.batchMaxRecords }

  return route => {
    const { destination, template } = route
    // A route's older letters are in `{route}.old.ndjson`, and a container may be called so.
    const ofOld = route.name.endsWith('.old') ? ['container-old'] : []
    const deadLetterDirectory = () => join(directory(), 'dead-letter', ...ofOld)
    const requests = new RequestMetrics({ metrics, clock, route: route.name, sink: destination.sink })
    const words = () => destinationWords(route, root())
    const values = { ...(route.kind === 'events' ? names : parts), prefix: route.prefix, class: route.classWord }
    const object = { keyTemplate: template, compression: route.compression, level: levelOf(route.compression, objects) }
    if (destination.sink === 'file') {
      const files = { directory: root, values, minFreeBytes: config.file.minFreeBytes }
      const sink = route.kind === 'events'
        ? createFileEventsSink({ ...files, group: 'logs', streamTemplate: template, limits, streams })
        : createFileObjectsSink({ ...files, ...object, mutex: compression.file })
      return { sink, requests, words, deadLetterDirectory, timeoutMs: undefined, concurrency: 1 }
    }
    const shared = { clock, metrics, requests, log, values, aws: awsSettings(config, task, destination) }
    const remote = { requests, words, deadLetterDirectory, timeoutMs: config.delivery.requestTimeout }
    if (destination.sink === 'cloudwatch') {
      const sink = createCloudWatchSink({
        ...shared, ...cloudwatch, ...destination, streamTemplate: template, limits, memory: bodies.events,
      })
      const bytesOf = ({ startByte, endByte }: Batch) => (endByte - startByte) * copiesOfBatch
      const letterStore = letterStoreOf(context, route)
      const share = { turns: memory.batches, bytesOf }
      return { ...remote, sink, concurrency: memory.eventRequests, memory: share, letterStore }
    }
    const sink = createS3Sink({
      ...shared,
      ...object,
      ...s3,
      ...destination,
      mutex: compression.s3,
      memory: bodies.objects,
      prefix: route.prefix,
    })
    const bytesOf = ({ segment }: Batch) => segment.bytes * copiesOfObject
    return { ...remote, sink, concurrency: 1, memory: { turns: memory.objects, bytesOf } }
  }
}

function letterStoreOf (context: DestinationContext, route: Route): LetterStore | undefined {
  const { config, task, clock, metrics } = context
  const { prefix, s3, objects } = config
  const bucket = deadLetterBucketOf(config, route)
  if (bucket === undefined) return undefined
  const requests = new RequestMetrics({ metrics, clock, route: route.name, sink: bucket.sink })
  const aws = awsSettings(config, task, bucket)
  return createLetterStore({ ...s3, ...bucket, aws, prefix, route: route.name, task, level: levelOf('gzip', objects), clock, metrics, requests })
}

export function awsSettings (
  config: Config, task: string, { region, roleArn }: { readonly region: string, readonly roleArn: string }
): AwsSettings {
  return {
    region,
    endpoint: '',
    roleArn,
    externalId: config.aws.externalId,
    sessionName: config.aws.sessionName === '' ? `sluice-${task}` : config.aws.sessionName,
    connectionTimeoutMs: config.aws.connectionTimeout,
    requestTimeoutMs: config.delivery.requestTimeout,
  }
}
