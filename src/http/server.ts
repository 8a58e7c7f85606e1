import type { Socket } from 'node:net'
import { fastify, type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { HealthReport, ReadinessReport } from './health.ts'
import { prometheusText } from '../telemetry/exposition.ts'
import { duration } from '../telemetry/words.ts'

export interface HttpDependencies {
  isReady (): ReadinessReport
  health (): HealthReport
  metrics (): string
  /** Since the start. */
  uptimeMs (): number
  readonly log: Logger
}

/** Every path that is served, with what it tells. */
const index = {
  '/health': 'what goes where, what waits and why, in JSON',
  '/health/live': '200 while the event loop turns',
  '/health/ready': '200 while every source takes records, else 503',
  '/metrics': 'numbers for Prometheus',
} as const

/** Where health checks and scrapers that were made for Fluent Bit look, and what they find there. */
const aliases = {
  '/api/v1/health': '200 and ok while the event loop turns',
  '/api/v1/uptime': 'seconds since the start, in JSON',
  '/api/v1/metrics/prometheus': 'as /metrics',
  '/api/v2/metrics/prometheus': 'as /metrics',
} as const

/**
 * Limits for callers. Nothing here depends on what the sidecar does with records, and nothing that a caller does may
 * delay that.
 */
const limits = {
  /** Connections at once. One more closes the oldest, so that a health check always gets in. */
  connections: 64,
  /** Nothing that is served takes a body. */
  bodyBytes: 1_024,
  headerBytes: 8_192,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  /** Without a byte in either direction: also a reader that takes no answer. */
  silenceMs: 30_000,
  keepAliveMs: 20_000,
} as const

/** Builds the HTTP side: routes and limits, not listening. Tests ask it with `inject`. */
export function buildServer (dependencies: HttpDependencies): FastifyInstance {
  const { log } = dependencies
  const server = fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    connectionTimeout: limits.silenceMs,
    keepAliveTimeout: limits.keepAliveMs,
    // A stop does not wait for callers.
    forceCloseConnections: true,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: 1_000,
    },
  })
  boundConnections(server, limits.connections)
  surviveFailedAccepts(server, log)

  server.get('/', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(indexText()))
  server.get('/health/live', async (_request, reply) => reply.send({ status: 'live' }))
  server.get('/health/ready', async (_request, reply) => {
    const report = dependencies.isReady()
    return await reply.code(report.isReady ? 200 : 503).type('application/json').send(page(report))
  })
  server.get('/health', async (_request, reply) => reply.type('application/json').send(page(dependencies.health())))
  server.get('/metrics', async (_request, reply) => reply.type(prometheusText).send(dependencies.metrics()))

  addAliases(server, dependencies)

  server.setNotFoundHandler(async (_request, reply) => reply.code(404).send({
    error: 'expected GET and one of these paths', paths: ['/', ...Object.keys({ ...index, ...aliases })],
  }))
  server.setErrorHandler(async (error: Error & { statusCode?: number }, request, reply) => {
    const statusCode = error.statusCode ?? 500
    if (statusCode < 500) return await reply.code(statusCode).send({ error: error.message })
    log.error({ path: request.routeOptions.url, error }, 'http request failed')
    return await reply.code(statusCode).send({ error: 'the answer could not be made; the log says why' })
  })
  return server
}

/**
 * The shapes are Fluent Bit's; no destination can make one of them fail.
 *
 * Source: https://docs.fluentbit.io/manual/administration/monitoring (REST API)
 */
function addAliases (server: FastifyInstance, { metrics, uptimeMs }: HttpDependencies): void {
  server.get('/api/v1/health', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'))
  server.get('/api/v1/uptime', async (_request, reply) => {
    const ms = uptimeMs()
    return await reply.send({ uptime_sec: Math.floor(ms / 1_000), uptime_hr: `Sluice has been running: ${duration(ms)}` })
  })
  for (const version of ['v1', 'v2']) {
    server.get(`/api/${version}/metrics/prometheus`, async (_request, reply) => reply.type(prometheusText).send(metrics()))
  }
}

/** The newest connection wins: whoever holds all of them cannot keep a health check out. */
function boundConnections (server: FastifyInstance, maxCount: number): void {
  const open = new Set<Socket>()
  server.server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    const [oldest] = open
    if (open.size > maxCount) oldest?.destroy()
  })
}

/** A failed accept (no descriptor left) is an 'error' of the socket, which would end the process. Logged once a row. */
function surviveFailedAccepts (server: FastifyInstance, log: Logger): void {
  let isRefusing = false
  server.server.on('connection', () => { isRefusing = false })
  server.server.on('error', error => {
    // The listener logs a failed `listen`.
    if (!isRefusing && server.server.listening) log.warn({ error }, 'http connections refused')
    isRefusing = server.server.listening
  })
}

function indexText (): string {
  return ['Sluice', '', ...Object.entries({ ...index, ...aliases }).map(([path, help]) => `${path.padEnd(28)}${help}`), ''].join('\n')
}

/** JSON that can be read without tools. */
function page (report: object): string {
  return `${JSON.stringify(report, null, 2)}\n`
}
