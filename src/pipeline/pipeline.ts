import type { Readable } from 'node:stream'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { systemClock, type Clock } from '../contracts/clock.ts'
import type { Config } from '../config/settings.ts'
import { createDestinations } from './sinks.ts'
import { createHealthInput } from '../http/health-input.ts'
import { createHttpListener } from '../http/listener.ts'
import { healthReport, readinessReport, type HealthFacts, type ProcessState } from '../http/health.ts'
import { buildServer } from '../http/server.ts'
import { createInbound, type Inbound } from './inbound.ts'
import type { Source } from '../contracts/source.ts'
import { enrichmentOf } from '../ecs/enrichment.ts'
import { fieldsJson } from '../encode/enriched-encoder.ts'
import type { Stream } from '../contracts/record.ts'
import type { TaskFacts } from '../ecs/task-facts.ts'
import { createOutbound } from './outbound.ts'
import { routesOf } from './routes.ts'
import { createForwardSource } from '../sources/forward/server.ts'
import { createStdinSource, type InputEnd } from '../sources/stdin.ts'
import { systemDisk, type Disk } from '../spool/disk.ts'
import { openSpool } from '../spool/host-spool.ts'
import { encodeComponent } from '../spool/segment-name.ts'
import type { RouteSpool } from '../spool/spool.ts'
import { createExposition } from '../telemetry/exposition.ts'
import { Ledger } from '../telemetry/ledger.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { createProcessMetrics } from '../telemetry/process-metrics.ts'
import { version } from '../version.ts'
import type { Append } from './outlets.ts'

export interface PipelineOptions {
  readonly config: Config
  readonly log: Logger
  /** 32 hex digits, drawn anew by every process: part of every segment's name. */
  readonly boot: string
  /** Its directory in the data directory, and `{task}`; with a suffix where another living process has it. */
  readonly hostId: string
  /** Which task this is. An unknown fact is an empty text. */
  readonly facts: TaskFacts
  /** Standard input instead of sockets; `isFile`: what is not read of it is still there afterwards. */
  readonly stdin?: { readonly input: Readable, readonly isFile: boolean, readonly stream: Stream }
  readonly clock?: Clock
  /** The file operations of the spool; tests pass a disk that breaks. */
  readonly disk?: Disk
}

/** How often overdue joins are looked for, ms. */
const joinTickMs = 500

/** How often a stop looks whether everything is delivered, ms. */
const drainPollMs = 10

/** Share of the deadline after which a stop reads no more: what is in must still get out. */
const readingShare = 0.4

/** How long parts may take to close once the deadline is over, ms: a file operation that hangs never ends. */
const closingGraceMs = 1000

export interface Pipeline {
  readonly sources: readonly Source[]
  /** Records of each route that are not delivered. */
  readonly left: Readonly<Record<string, number>>
  readonly ledger: Ledger
  /** Records refused for good of which no copy could be kept. */
  readonly lostDeadLetters: number
  /** Resolves when nothing more is read from standard input, after a stop too; never without `stdin`. */
  readonly inputEnded: Promise<InputEnd>
  facts (): HealthFacts
  /** Opens sources and the HTTP port, starts deliveries. Rejects never: what cannot open is tried again. */
  start (): Promise<void>
  /**
   * Reads what the senders still send, delivers what it can within the deadline of the settings, leaves the rest in the
   * spool, and closes everything. Ends early when `now` aborts. Called once.
   *
   * Until `hurried` aborts, nobody waits for the end: the deadline then begins anew with every delivery, and requests
   * and pauses take their usual time.
   *
   * @returns false when a part did not close in time, because a file operation hangs: it is left as it is
   */
  stop (now: AbortSignal, hurried?: AbortSignal): Promise<boolean>
}

/** Makes all parts and joins them. The only place, with `outbound.ts` and `destinations.ts`, that knows them. */
export async function createPipeline (options: PipelineOptions): Promise<Pipeline> {
  const { config, log, boot, hostId, facts: task, clock = systemClock, disk = systemDisk } = options
  const startedMs = clock.monotonicMs()
  const ledger = new Ledger()
  const metrics = new Metrics()
  const draining = new AbortController()
  let state: ProcessState = 'starting'

  const waitsForRoom = mayWait(options)
  const routes = routesOf(config)
  const spool = await openSpool({
    directory: config.dataDir,
    hostId,
    boot,
    routes: routes.map(route => ({ ...route, isOrdered: route.kind === 'events' })),
    ...config.spool.maxBytes === 'off' ? {} : { maxBytes: config.spool.maxBytes },
    writeBufferBytes: config.spool.writeBufferBytes,
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
  const { instance, directory = join(config.dataDir, encodeComponent(hostId)) } = spool
  const destinationOf = createDestinations({ config, task: instance, facts: task, directory, clock, metrics, log })
  const outbounds = routes.map(route => createOutbound({
    route,
    spool: spool.route(route.name),
    destination: destinationOf(route),
    config,
    clock,
    ledger,
    metrics,
    log,
    draining: draining.signal,
  }))

  const inbound = createInbound({
    config,
    routes,
    enrichment: fieldsJson(enrichmentOf(config.enrich, task)),
    appendTo: ({ name }) => appendOf(spool.route(name)),
    spool,
    clock,
    ledger,
    metrics,
    log,
  })
  const { sources, inputEnded } = createSources({ ...options, clock, waitsForRoom }, inbound, metrics)

  const facts = (): HealthFacts => ({
    nowMs: clock.monotonicMs(),
    wallMs: clock.wallMs(),
    startedMs,
    version,
    state,
    sources: sources.map(({ name, isOpen }) => ({ name, isOpen })),
    routes: outbounds.map(outbound => outbound.facts()),
    ledger: ledger.snapshot(),
  })
  const processMetrics = createProcessMetrics({ version })
  const exposition = createExposition({ ledger, metrics, process: processMetrics, log })
  const http = config.http === 'off'
    ? undefined
    : createHttpListener({
      server: buildServer({
        isReady: () => readinessReport(state, facts().sources),
        health: () => healthReport(facts()),
        metrics: () => exposition.text(),
        uptimeMs: () => clock.monotonicMs() - startedMs,
        log,
      }),
      ...config.http,
      clock,
      log,
    })
  const { healthInput: healthAddress } = config.firelens
  const healthInput = healthAddress === 'off' ? undefined : createHealthInput({ ...healthAddress, clock, log })
  let joinTimer: NodeJS.Timeout | undefined
  const pendingRecords = () => routes.reduce((sum, { name }) => sum + spool.route(name).pendingRecords, 0)

  return {
    sources,
    ledger,
    inputEnded,
    get lostDeadLetters () {
      return routes.reduce((sum, { name }) => sum + metrics.counter('sluice_dead_letters_lost_total', name).value, 0)
    },
    facts,
    get left () { return Object.fromEntries(routes.map(({ name }) => [name, spool.route(name).pendingRecords])) },

    async start () {
      for (const outbound of outbounds) outbound.start()
      joinTimer = setInterval(inbound.tick, joinTickMs)
      await Promise.all([http?.start(), healthInput?.start(), ...sources.map(source => source.start())])
      state = 'running'
    },

    async stop (now, hurried = AbortSignal.abort()) {
      state = 'draining'
      const { deadline: deadlineMs } = config.stop
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(), deadlineMs)
      const deadline = AbortSignal.any([now, late.signal])
      void aborted(hurried).then(() => {
        // From here a failed request is tried again at once: there is no later to wait for.
        draining.abort()
        timer.refresh()
      })
      // Errors wait neither for their age nor for the end of reading.
      for (const { name, kind } of routes) if (kind === 'events') void spool.route(name).seal()
      const endOfReading = AbortSignal.any([now, AbortSignal.timeout(deadlineMs * readingShare)])
      await Promise.all(sources.map(source => source.drain(endOfReading)))
      clearInterval(joinTimer)
      inbound.flush()
      await Promise.race([spool.sealAll(), aborted(deadline)])
      for (let left = pendingRecords(); left > 0 && !deadline.aborted;) {
        await clock.sleep(drainPollMs, deadline)
        const leftBefore = left
        left = pendingRecords()
        if (left < leftBefore && !hurried.aborted) timer.refresh()
      }
      const isClosed = await Promise.race([closeAll(), overdue(deadline)])
      await Promise.all([http?.stop(), healthInput?.stop()])
      processMetrics.close()
      clearTimeout(timer)
      return isClosed
    },
  }

  async function closeAll (): Promise<true> {
    await Promise.all(outbounds.map(outbound => outbound.stop()))
    await spool.close()
    return true
  }

  async function overdue (deadline: AbortSignal): Promise<false> {
    await aborted(deadline)
    await clock.sleep(closingGraceMs)
    return false
  }
}

/** Whether reading waits for as long as the spool is full. Of a file it may; a writer to a pipe would wait too. */
function mayWait ({ config, stdin }: PipelineOptions): boolean {
  if (stdin === undefined) return false
  const { wait } = config.stdin
  return wait === 'auto' ? stdin.isFile : wait === 'always'
}

interface Sources { readonly sources: readonly Source[], readonly inputEnded: Promise<InputEnd> }

function createSources (
  options: PipelineOptions & { readonly clock: Clock, readonly waitsForRoom: boolean },
  inbound: Inbound,
  metrics: Metrics
): Sources {
  const { config, log, stdin, clock, waitsForRoom } = options
  if (stdin !== undefined) {
    const source = createStdinSource({
      ...stdin,
      maxLineBytes: config.stdin.maxLineBytes,
      quietMs: config.stop.quiet,
      waitsForRoom,
      acceptor: inbound.acceptor('stdin'),
      clock,
      metrics,
      log,
    })
    return { sources: [source], inputEnded: source.ended }
  }
  const shared = {
    limits: config.forward,
    pauseMs: config.forward.readPause,
    quietMs: config.stop.quiet,
    clock,
    metrics,
    log,
  }
  const sources: Source[] = []
  if (config.unixSocket !== 'off') {
    sources.push(createForwardSource({
      ...shared,
      listen: { kind: 'unix', path: config.unixSocket, mode: config.unixSocketMode },
      acceptor: inbound.acceptor('unix'),
    }))
  }
  if (config.tcp !== 'off') {
    sources.push(createForwardSource({ ...shared, listen: { kind: 'tcp', ...config.tcp }, acceptor: inbound.acceptor('tcp') }))
  }
  return { sources, inputEnded: new Promise(() => undefined) }
}

async function aborted (signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
}

function appendOf (route: RouteSpool): Append {
  return (timeMs, container, bytes, start, end) => route.append(timeMs, container, bytes, start, end)
}
