import { join } from 'node:path'
import type { Logger } from 'pino'
import { every, systemClock, type Clock } from '../contracts/clock.ts'
import type { Source } from '../contracts/source.ts'
import { createClockDrift } from '../ecs/clock-drift.ts'
import { enrichmentOf } from '../ecs/enrichment.ts'
import type { TaskFacts } from '../ecs/task-facts.ts'
import { fieldsJson } from '../encode/enriched-encoder.ts'
import { showsNames, withoutNames } from '../http/detail.ts'
import { healthReport, readinessReport, type HealthFacts, type ProcessState } from '../http/health.ts'
import { createHealthInput } from '../http/health-input.ts'
import { systemDisk, type Disk } from '../spool/disk.ts'
import type { InputEnd } from '../sources/stdin.ts'
import { openSpool } from '../spool/host-spool.ts'
import { encodeComponent } from '../spool/segment-name.ts'
import type { RouteSpool } from '../spool/spool.ts'
import { createExposition } from '../telemetry/exposition.ts'
import { History } from '../telemetry/history.ts'
import { Ledger } from '../telemetry/ledger.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { createProcessMetrics } from '../telemetry/process-metrics.ts'
import { version } from '../version.ts'
import { createHttp } from './http.ts'
import { createInbound } from './inbound.ts'
import { createMemory, memoryLimitBytes, registerMemory } from './memory.ts'
import { openTcpWords } from './open-tcp.ts'
import { createOutbound } from './outbound.ts'
import type { Append } from './outlets.ts'
import { routesOf } from './routes.ts'
import { shutDown } from './shutdown.ts'
import { aboutOf } from './about.ts'
import { createDestinations } from './sinks.ts'
import { createPage } from './page.ts'
import { createSources, mayWait, type SourceOptions } from './sources.ts'
import { createTail } from './tail.ts'
import { taskDiskOf } from './task-disk.ts'
import { createWatch } from './watch.ts'

export interface PipelineOptions extends Pick<SourceOptions, 'config' | 'stdin' | 'replay'> {
  readonly log: Logger
  /** 32 hex digits, drawn at random by every process: part of every segment's name. */
  readonly boot: string
  /** Its directory in the data directory, and `{task}`; with a suffix where another living process has it. */
  readonly hostId: string
  /** Which task this is. An unknown fact is an empty text. */
  readonly facts: TaskFacts
  /** Files that it delivers to are on the disk of a task. */
  readonly isOnEcs?: boolean
  /** Of the task metadata endpoint, which says how far the clock may be off. */
  readonly metadataUri?: string | undefined
  readonly clock?: Clock
  /** The file operations of the spool; tests pass a disk that breaks. */
  readonly disk?: Disk
}

/** Errors that the health page lists. */
const shownErrors = 20

/** How often somebody looks whether a socket is still there, ms. */
const sourceLookMs = 5_000

export interface Pipeline {
  readonly sources: readonly Source[]
  /** Records of each route that are not delivered. */
  readonly left: Readonly<Record<string, number>>
  /** An earlier process may have left more, which the disk, or the stop, did not let us count. */
  readonly hasUnread: boolean
  readonly ledger: Ledger
  /** Records refused for good of which no copy is left: none could be kept, or it was removed for want of room. */
  readonly lostDeadLetters: number
  /** Records refused for good whose only copy is on this disk, although there is a bucket for them. */
  readonly localDeadLetters: number
  /** Resolves when nothing more is read from standard input, after a stop too; never without `stdin`. */
  readonly inputEnded: Promise<InputEnd>
  /** Where it answers to HTTP now; undefined: nowhere. */
  readonly httpAddress: { readonly host: string, readonly port: number } | undefined
  facts (): HealthFacts
  /** How far the work of standard input is. */
  progress (): Record<'readBytes' | 'records' | 'waiting', number> & { readonly phase: string }
  /**
   * Opens sources and the HTTP port, starts deliveries. Never rejects: what cannot open is tried again. Where a disk
   * hangs it does not resolve; `stop` may be called all the same.
   */
  start (): Promise<void>
  /**
   * Reads what the senders still send, delivers what it can within the deadline of the settings, leaves the rest in the
   * spool, and closes everything. Ends early when `now` aborts. Called once.
   *
   * Until `hurried` aborts, nobody waits for the end: every delivery restarts the deadline, and requests and pauses
   * take their usual time.
   *
   * @returns false when a part did not close in time, because a file operation hangs: it is left as it is
   */
  stop (now: AbortSignal, hurried?: AbortSignal): Promise<boolean>
}

/** Makes all parts and connects them. Only this folder knows all of them. */
export async function createPipeline (options: PipelineOptions): Promise<Pipeline> {
  const { config, log, boot, hostId, facts: task, clock = systemClock, disk = systemDisk } = options
  const startedMs = clock.monotonicMs()
  const ledger = new Ledger()
  const metrics = new Metrics()
  const draining = new AbortController()
  let state: ProcessState = 'starting'

  const waitsForRoom = mayWait(options)
  const routes = routesOf(config)
  const memory = createMemory({ config, routes, maxBytes: memoryLimitBytes(config) })
  const spool = await openSpool({
    directory: config.dataDir,
    hostId,
    boot,
    about: aboutOf(config, routes, task),
    // A replay sends what it was asked for, and nothing else.
    adopts: options.replay === undefined,
    routes: routes.map(route => ({
      ...route,
      isOrdered: route.kind === 'events',
      segmentMaxBytes: memory.segmentBytesOf(route),
      hasEveryHour: options.stdin?.ownTimes !== undefined,
    })),
    ...config.spool.maxBytes === 'off' ? {} : { maxBytes: config.spool.maxBytes },
    writeBufferBytes: memory.writeBufferBytes,
    maxStallMs: waitsForRoom ? Infinity : config.spool.maxStall,
    flushIntervalMs: config.spool.flushInterval,
    sync: config.spool.sync,
    syncIntervalMs: config.spool.syncInterval,
    maxOpenSegments: config.spool.maxOpenSegments,
    ledger,
    metrics,
    clock,
    disk,
    log,
  })

  // Two processes on one data directory must not write one file: what each appends would go over the other's.
  const { instance } = spool
  let known = join(config.dataDir, encodeComponent(hostId))
  const directory = () => {
    known = spool.directory ?? known
    return known
  }
  const destinationOf = createDestinations(
    { config, task: instance, facts: task, directory, memory, clock, metrics, log })
  const common = { config, clock, ledger, metrics, log, draining: draining.signal }
  const outbounds = routes.map(route =>
    createOutbound({ ...common, route, spool: spool.route(route.name), destination: destinationOf(route) }))

  const tail = createTail({ clock, listen: listener => inbound.listen(listener) })
  const inbound = createInbound({
    config,
    routes,
    enrichment: fieldsJson(enrichmentOf(config.enrich, task)),
    appendTo: ({ name }) => tail.watched(appendOf(spool.route(name))),
    blocksOf: ({ name }) => spool.route(name),
    spool,
    joinsHaveRoom: () => spool.overdrawnBytes < memory.overdraftBytes,
    joinsBytes: { partials: memory.partialsBytes, traces: memory.tracesBytes },
    clock,
    ledger,
    metrics,
    log,
  })
  const { sources, inputEnded, framesBytes } = createSources(
    { ...options, clock, metrics, waitsForRoom, memory }, inbound, spool)
  const shares = () => memory.shares({ frames: framesBytes(), joins: inbound.joinedBytes, buffers: spool.bufferBytes })
  registerMemory(metrics, shares)
  if (memory.isReduced) {
    const sharesBytes = Object.fromEntries(shares().map(({ name, maxBytes }) => [name, maxBytes]))
    log.info({ maxBytes: memory.maxBytes, sharesBytes }, 'buffers get less memory than their settings say')
  }

  const spools = routes.map(({ name }) => spool.route(name))
  const taskDisk = options.isOnEcs === true ? taskDiskOf(routes) : undefined
  const openTcp = options.stdin === undefined ? openTcpWords(config) : undefined
  const { heartbeat: heartbeatMs, emf: hasEmf } = config.telemetry
  const emf = hasEmf ? { family: task.family } : undefined
  const history = config.http === 'off' || config.httpPage === 'off' ? undefined : new History({ ledger, metrics })
  const { signals, frequent } = inbound
  const watch = createWatch({
    clock, ledger, metrics, routes: spools, waitsForRoom, taskDisk, heartbeatMs, emf, signals, history, log,
  })
  const clockDrift = createClockDrift({ uri: options.metadataUri, clock, metrics, log })
  const errors = () => frequent.top(shownErrors)
  const facts = (): HealthFacts => ({
    nowMs: clock.monotonicMs(),
    wallMs: clock.wallMs(),
    startedMs,
    version,
    state,
    sources: sources.map(({ name, isOpen, closed, lastReceivedMs }) => ({ name, isOpen, closed, lastReceivedMs })),
    routes: outbounds.map(outbound => outbound.facts()),
    ledger: ledger.snapshot(),
    lostDeadLetters: metrics.sum('sluice_dead_letters_lost_total'),
    watched: watch.watched,
    memory: { maxBytes: memory.maxBytes, shares: shares() },
    signals: signals.current,
    errors: errors(),
    warnings: [taskDisk?.words, openTcp, clockDrift.words].filter(words => words !== undefined),
  })
  const processMetrics = createProcessMetrics({ version })
  const isDetailed = config.http !== 'off' && showsNames(config.httpDetail, config.http.host)
  const quotaBytesOf = (name: string) => spool.route(name).quotaBytes
  const health = () => healthReport(isDetailed ? facts() : withoutNames(facts()))
  const page = createPage({
    config, routes, facts: task, instance, isDetailed, tail, quotaBytesOf, metrics, history, health, errors, clock,
  })
  const sourcesOpen = Promise.withResolvers<unknown>()
  const http = createHttp({
    config,
    sourcesOpen: sourcesOpen.promise,
    isReady: () => readinessReport(state, facts().sources),
    health,
    page,
    metrics: createExposition({ ledger, metrics, process: processMetrics, log }),
    uptimeMs: () => clock.monotonicMs() - startedMs,
    clock,
    log,
  })
  const { healthInput: healthAddress } = config.firelens
  const healthInput = healthAddress === 'off' ? undefined : createHealthInput({ ...healthAddress, clock, log })
  let opening: Promise<unknown> | undefined
  let stopTicking = () => {}
  let stopLooking = () => {}

  return {
    sources,
    ledger,
    inputEnded,
    get lostDeadLetters () { return metrics.sum('sluice_dead_letters_lost_total') },
    get localDeadLetters () { return outbounds.reduce((sum, { localLetters }) => sum + localLetters, 0) },
    get httpAddress () { return http?.address },
    facts,
    progress () {
      const { received, pending } = ledger.snapshot()
      const readBytes = metrics.counter('sluice_received_bytes_total', 'stdin').value
      return { phase: state === 'draining' ? 'delivers' : 'reads', readBytes, records: received.total, waiting: pending.total }
    },
    get hasUnread () { return !spool.isRecovered },
    get left () { return Object.fromEntries(routes.map(({ name }) => [name, spool.route(name).pendingRecords])) },

    async start () {
      for (const outbound of outbounds) outbound.start()
      stopTicking = every(clock, () => inbound.tickMs, inbound.tick)
      watch.start()
      clockDrift.start()
      if (openTcp !== undefined) log.warn({ tcp: config.tcp }, openTcp)
      opening = Promise.all(sources.map(source => source.start())).then(sourcesOpen.resolve)
      await Promise.all([http?.start(), healthInput?.start(), opening])
      // A stop may have begun meanwhile.
      if (state !== 'starting') return
      stopLooking = every(clock, sourceLookMs, () => { for (const source of sources) void source.look?.() })
      state = 'running'
    },

    async stop (now, hurried = AbortSignal.abort()) {
      state = 'draining'
      stopLooking()
      const parts = { sources, opening, routes, spool, inbound, outbounds, draining, clock, log }
      const isClosed = await shutDown({
        ...parts,
        deadlineMs: config.stop.deadline,
        now,
        hurried,
        // What was a dead letter before must not become one for want of time.
        hasLastChance: options.replay === undefined,
        onRead: () => stopTicking(),
      })
      // The disk holds up the rest: what is in memory only ends with the process.
      if (!isClosed) spool.abandon()
      watch.stop()
      await Promise.all([http?.stop(), healthInput?.stop(), clockDrift.stop()])
      processMetrics.close()
      return isClosed
    },
  }
}

function appendOf (route: RouteSpool): Append {
  return (timeMs, container, bytes, start, end, isHeld) => route.append(timeMs, container, bytes, start, end, isHeld)
}
