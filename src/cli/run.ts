import { randomBytes } from 'node:crypto'
import { fstatSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { configExitCode, loadConfig, type LoadedConfig } from '../config/load.ts'
import type { Config } from '../config/settings.ts'
import { systemClock } from '../contracts/clock.ts'
import { mergeFacts, type TaskFacts } from '../ecs/task-facts.ts'
import { readTaskMetadata } from '../ecs/task-metadata.ts'
import { SluiceError } from '../contracts/errors.ts'
import { createPipeline, type Pipeline } from '../pipeline/pipeline.ts'
import { stream } from '../contracts/record.ts'
import { createLogger, prettyFor } from '../telemetry/logger.ts'
import { version } from '../version.ts'
import type { Io } from './io.ts'

export interface RunValues {
  readonly config: string | undefined
  readonly stdin: boolean
  readonly source: 'stdout' | 'stderr'
}

/** As if ended by SIGKILL: nothing else ends a process of which a thread waits for a file for ever. */
const hungExitCode = 137

/**
 * `sluice run`: takes lines and delivers them until a signal, or until standard input has ended.
 *
 * Nothing else ends it: what goes wrong is logged, counted, and tried again.
 */
export async function run (io: Io, values: RunValues): Promise<number> {
  const loaded = tryLoad(io, values.config)
  if (loaded === undefined) return configExitCode
  const { config, warnings } = loaded

  // As the other SDKs of AWS have it; the one for JavaScript knows only the first.
  const { AWS_DEFAULT_REGION: region } = process.env
  if (region !== undefined) process.env['AWS_REGION'] ??= region

  // Before anything that takes time: process 1 of a container is not ended by a signal that nobody handles.
  const signals = stopSignals()
  const pretty = await prettyFor(io.stdout)
  const log = createLogger({ level: config.log.level, stream: io.stdout, pretty, hasColors: !io.env['NO_COLOR'] })
  for (const warning of warnings) log.warn({ warning }, 'configuration')
  keepRunning(log)
  log.info({ version }, 'starting')
  const { facts: found, problem } = await readTaskMetadata({ uri: io.env['ECS_CONTAINER_METADATA_URI_V4'], clock: systemClock })
  if (problem !== undefined) log.warn({ problem }, 'task metadata')
  const facts = mergeFacts(config.ecs, found)
  const pipeline = await createPipeline({
    config,
    log,
    boot: randomBytes(16).toString('hex'),
    hostId: hostIdOf(config.hostId, facts),
    facts,
    ...(values.stdin && { stdin: { input: process.stdin, isFile: fstatSync(0).isFile(), stream: stream[values.source] } }),
  })
  await pipeline.start()
  log.info({ sources: pipeline.sources.map(({ name }) => name), routes: destinationsOf(pipeline) }, 'started')

  tellHalfSet(config, log)

  // Input that has ended is no signal: the first one after it still begins a stop that takes its time.
  const why = await Promise.race([signals.first, pipeline.inputEnded])
  const stoppingMs = systemClock.monotonicMs()
  log.info({ reason: why }, 'stopping')
  const isClosed = await pipeline.stop(signals.second)
  if (!isClosed) log.error('file operations hang: ending without them')
  await writeReport(io, pipeline, why, Math.round(systemClock.monotonicMs() - stoppingMs))
  return isClosed ? 0 : hungExitCode
}

function tryLoad (io: Io, configFile: string | undefined): LoadedConfig | undefined {
  try {
    return loadConfig({ configFile, env: io.env, readFile: io.readFile })
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    io.stderr.write(`${error.message}\n`)
    return undefined
  }
}

/** A bug is told and costs what it costs; ending the process would cost every record in memory, and the container. */
function keepRunning (log: Logger): void {
  process.on('uncaughtException', error => log.error({ error }, 'unexpected error, going on: please report it'))
  process.on('unhandledRejection', error => log.error({ error }, 'unexpected rejection, going on: please report it'))
}

/** What the operator says; the task, which stays the same when the container starts again; or the host. */
function hostIdOf (given: string, { task }: TaskFacts): string {
  if (given !== '') return given
  return /^[\w-]{1,128}$/.test(task) ? task : hostname()
}

/** One of the two variables without the other is fine, and may be an oversight. */
function tellHalfSet ({ bucket, logGroup }: Config, log: Logger): void {
  if (bucket !== '' && logGroup === '') log.warn('SLUICE_LOG_GROUP is not set: errors go to files, not to CloudWatch Logs')
  if (bucket === '' && logGroup !== '') log.warn('SLUICE_BUCKET is not set: access lines go to files, not to S3')
}

interface StopSignals {
  /** Resolves with the name of the first SIGTERM or SIGINT. */
  readonly first: Promise<string>
  /** Aborts at the second. */
  readonly second: AbortSignal
}

function stopSignals (): StopSignals {
  const { promise, resolve } = Promise.withResolvers<string>()
  const second = new AbortController()
  let isStopping = false
  const onSignal = (name: string) => {
    if (isStopping) second.abort()
    isStopping = true
    resolve(name)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return { first: promise, second: second.signal }
}

function destinationsOf (pipeline: Pipeline): Readonly<Record<string, string>> {
  return Object.fromEntries(pipeline.facts().routes.map(({ route, sink, destination }) => [route, `${sink}: ${destination}`]))
}

/** The exit report: one JSON line with the whole equation, on a terminal too, so that it can be read by a program. */
async function writeReport (io: Io, pipeline: Pipeline, reason: string, stopMs: number): Promise<void> {
  const { isBalanced, ...terms } = pipeline.ledger.snapshot()
  const left = Object.fromEntries(Object.entries(pipeline.left).filter(([, records]) => records > 0))
  const totals = Object.fromEntries(Object.entries(terms).map(([term, { total }]) => [term, total]))
  const by = Object.fromEntries(Object.entries(terms).map(([term, each]) => [term, each.by]))
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const line = JSON.stringify({
    level: 'info',
    time: new Date().toISOString(),
    msg: 'exit report',
    reason,
    stopMs,
    ...totals,
    balanced: isBalanced,
    by,
    left,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    maxRssBytes: maxRSS * 1024,
  })
  await new Promise<void>(resolve => io.stdout.write(`${line}\n`, () => resolve()))
}
