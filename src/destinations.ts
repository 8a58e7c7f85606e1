import { join } from 'node:path'
import type { Config } from './config/settings.ts'
import type { Route } from './routes.ts'
import type { Sink } from './send.ts'
import { createFileEventsSink } from './sinks/file/events.ts'
import { createFileObjectsSink } from './sinks/file/objects.ts'
import { Gate } from './sinks/gate.ts'

/** Where a route's records go, and how an operator would find them. */
export interface Destination {
  readonly sink: Sink
  /** A directory, `s3://bucket/prefix`, a log group: for the start message and the health page. */
  readonly words: string
  /** Longest time of one request; undefined where one that was given up on could still write. */
  readonly timeoutMs: number | undefined
  /** Where records that it refuses for good are kept. */
  readonly deadLetterDirectory: string
}

export interface DestinationContext {
  readonly config: Config
  /** `{task}` in keys and stream names. */
  readonly task: string
  /** This instance's directory in the data directory. */
  readonly directory: string
}

/** Chooses the sink of each route. */
export function createDestinations ({ config, task, directory }: DestinationContext): (route: Route) => Destination {
  const root = config.file.directory === '' ? join(directory, 'delivered') : config.file.directory
  const deadLetterDirectory = join(directory, 'dead-letter')
  const gate = new Gate()
  const shared = { directory: root, values: { task }, minFreeBytes: config.file.minFreeBytes }
  return route => {
    const sink = route.kind === 'objects'
      ? createFileObjectsSink({
        ...shared,
        keyTemplate: `${config.prefix}${route.template}`,
        compression: config.objects.compression,
        level: config.objects.level,
        gate,
      })
      : createFileEventsSink({
        ...shared,
        group: config.logGroup === '' ? 'logs' : config.logGroup,
        streamTemplate: route.template,
        limits: { maxBytes: config.events.batchMaxBytes, maxRecords: config.events.batchMaxRecords },
      })
    return { sink, words: root, timeoutMs: undefined, deadLetterDirectory }
  }
}
