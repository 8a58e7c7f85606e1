import { randomBytes } from 'node:crypto'
import { fstatSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { Config } from '../config/settings.ts'
import { systemClock } from '../contracts/clock.ts'
import { regionFor } from '../ecs/region.ts'
import { mergeFacts, type TaskFacts } from '../ecs/task-facts.ts'
import { readTaskMetadata } from '../ecs/task-metadata.ts'
import { createPipeline, type Pipeline } from '../pipeline/pipeline.ts'
import { stream as streams } from '../contracts/record.ts'
import { createLogger, keepConsole, prettyFor } from '../telemetry/logger.ts'
import { version } from '../version.ts'
import { exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { loadOrTell } from './load.ts'
import { createProgress } from './progress.ts'
import { ownTimesOf, placeIn } from './own-times.ts'
import { runToEnd } from './run-to-end.ts'
import { startWords } from './start-words.ts'
import { stopSignals } from './stop-signals.ts'
import { ended, widthOf } from './wrap.ts'

const repeatedSignalMs = 1000

export interface RunValues {
  readonly config: string | undefined
  readonly stdin: boolean
  readonly source: 'stdout' | 'stderr'
  /** When a line was written: `line`, as it says itself. */
  readonly time: 'now' | 'line'
}

/**
 * `sluice run`: takes lines and delivers them until a signal, or until standard input has ended.
 *
 * Nothing else ends it: failures are logged, counted, and tried again. The exit code says what became of the lines.
 */
export async function run (io: Io, values: RunValues): Promise<number> {
  const loaded = loadOrTell(io, values.config)
  if (loaded === undefined) return exitCodes.config
  const { config, warnings } = loaded
  const input = values.stdin ? fstatSync(process.stdin.fd) : undefined
  if (input?.isDirectory() === true) {
    return ended(io.stderr, exitCodes.noInput, 'sluice: expected lines on standard input, found a directory')
  }
  const own = values.time === 'line'
    ? '--time line: a sender says itself when its lines were written'
    : values.source === 'stderr' ? '--source stderr: a sender says itself which stream its lines are of' : undefined
  if (own !== undefined && input === undefined) return ended(io.stderr, exitCodes.usage, `sluice: expected --stdin with ${own}`)
  const isFile = input?.isFile() === true

  // Before anything that takes time: process 1 of a container is not ended by a signal that nobody handles.
  const signals = stopSignals(values.stdin ? repeatedSignalMs : 0)
  const pretty = await prettyFor(io.stdout)
  const startBytes = isFile ? placeIn(process.stdin.fd, io.readFile) : 0
  const totalBytes = isFile ? (input?.size ?? 0) - startBytes : undefined
  const progress = createProgress({ output: values.stdin ? io.stderr : undefined, totalBytes, clock: systemClock })
  const stream = progress?.below(io.stdout) ?? io.stdout
  const log = createLogger({ level: config.log.level, stream, pretty, hasColors: !io.env['NO_COLOR'] })
  for (const warning of warnings) log.warn({ warning }, 'configuration')
  keepRunning(log)
  keepConsole(log)
  log.info({ version }, 'starting')
  const uri = io.env['ECS_CONTAINER_METADATA_URI_V4']
  const isOnEcs = uri !== undefined && uri !== ''
  const { facts: found, problem } = await readTaskMetadata({ uri, clock: systemClock })
  if (problem !== undefined) log.warn({ problem }, 'task metadata')
  const facts = mergeFacts(config.ecs, found)
  const region = regionFor(process.env, facts)
  if (region !== undefined) process.env['AWS_REGION'] = region
  const file = isFile ? { fd: process.stdin.fd, startBytes } : undefined
  const ownTimes = values.time === 'now'
    ? undefined
    : await ownTimesOf({ file, stream: streams[values.source], config, log, progress, signal: signals.first })
  const pipeline = await createPipeline({
    config,
    log,
    boot: randomBytes(16).toString('hex'),
    hostId: hostIdOf(config.hostId, facts),
    facts,
    isOnEcs,
    metadataUri: uri,
    ...(values.stdin && { stdin: { input: io.stdin, isFile, stream: streams[values.source], ownTimes } }),
  })
  progress?.show(() => pipeline.progress())
  return await runToEnd(pipeline, {
    io,
    signals,
    isFile,
    onStarted: () => {
      if (io.stdout.isTTY === true) {
        stream.write(startWords(config, pipeline.facts().routes, pipeline, widthOf(io.stdout)))
        log.info('started')
      } else log.info({ ...sourcesOf(pipeline), routes: destinationsOf(pipeline) }, 'started')
      if (pipeline.sources.length === 0) log.warn('no line can come: unixSocket and tcp are off, and standard input is not read (--stdin)')
      // There it is no oversight to leave alone: the pipeline tells it again and again.
      if (!isOnEcs) tellHalfSet(config, log)
    },
    onStopping: reason => log.info({ reason }, 'stopping'),
    onStopped: isClosed => {
      if (!isClosed) log.error('file operations hang: ending without them')
      progress?.end()
    },
  })
}

/** A bug is logged, and the process goes on: its end would cost every record in memory, and the container. */
function keepRunning (log: Logger): void {
  process.on('uncaughtException', error => log.error({ error }, 'unexpected error, going on: please report it'))
  process.on('unhandledRejection', error => log.error({ error }, 'unexpected rejection, going on: please report it'))
}

/** The operator's setting; else the task, which stays the same when the container restarts; else the host. */
function hostIdOf (given: string, { task }: TaskFacts): string {
  if (given !== '') return given
  return /^[\w-]{1,128}$/.test(task) ? task : hostname()
}

/** One of the two variables without the other is fine, and may be an oversight. */
function tellHalfSet ({ bucket, logGroup }: Config, log: Logger): void {
  if (bucket !== '' && logGroup === '') log.warn('SLUICE_LOG_GROUP is not set: errors go to files, not to CloudWatch Logs')
  if (bucket === '' && logGroup !== '') log.warn('SLUICE_BUCKET is not set: access lines go to files, not to S3')
}

/** Those that could not be opened, which the log has told with the reason, are not listed as if they were. */
function sourcesOf ({ sources }: Pipeline): Readonly<Record<string, readonly string[]>> {
  const { open = [], notOpen } = Object.groupBy(sources, ({ closed }) => closed === undefined ? 'open' : 'notOpen')
  const names = (those: typeof sources) => those.map(({ name }) => name)
  return { sources: names(open), ...(notOpen !== undefined && { notOpen: names(notOpen) }) }
}

function destinationsOf (pipeline: Pipeline): Readonly<Record<string, string>> {
  return Object.fromEntries(pipeline.facts().routes.map(({ route, sink, destination }) => [route, `${sink}: ${destination}`]))
}

// Tested in test/e2e/run.test.ts
