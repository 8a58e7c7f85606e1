import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { createAnswerSlots } from './answer-slots.ts'
import { createBoundedServer, refuseMalformed } from './connections.ts'
import type { HealthReport, ReadinessReport } from './health.ts'
import { addPage, type PageOptions } from './page/routes.ts'
import { recent } from './recent.ts'
import { isTrustedHost } from './trusted-host.ts'
import { prometheusText } from '../telemetry/exposition.ts'
import type { Instruments } from '../telemetry/instruments.ts'
import { duration } from '../telemetry/words.ts'

export interface HttpDependencies extends Pick<Instruments, 'clock' | 'log'> {
  isReady (): ReadinessReport
  health (): HealthReport
  metrics (): string
  /** Since the start. */
  uptimeMs (): number
  /** Names of this host that a request may give in `Host`, besides addresses and `localhost`. */
  readonly hosts: readonly string[]
  /** Undefined: `/` lists the paths. */
  readonly page?: Pick<PageOptions, 'tail' | 'session' | 'status' | 'history'> | undefined
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

const metricsPaths = ['/metrics', '/api/v1/metrics/prometheus', '/api/v2/metrics/prometheus']

/** How long a page is the same for everyone who asks, ms. */
const pageAgesMs = { metrics: 1_000, health: 250 } as const

/** Of the pages that grow with the number of routes. `/health/live` and `/health/ready` wait for none of them. */
const longAnswers = { count: 8, maxWaiting: 32, waitMs: 2_000, sendMs: 10_000 } as const

/** Builds the HTTP side: routes and limits, not listening. Tests ask it with `inject`. */
export function buildServer (dependencies: HttpDependencies): FastifyInstance {
  const { log, hosts, clock } = dependencies
  const takeSlot = createAnswerSlots({ ...longAnswers, clock })
  const metrics = recent(pageAgesMs.metrics, clock, dependencies.metrics)
  const health = recent(pageAgesMs.health, clock, () => page(dependencies.health()))
  const server: FastifyInstance = fastify({
    logger: false,
    // A stop does not wait for callers.
    forceCloseConnections: true,
    serverFactory: handle => createBoundedServer(handle, log),
    clientErrorHandler: refuseMalformed,
    // No route has a schema. Without these, two compilers of JSON Schema are loaded at every start.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  })

  server.addHook('onRequest', async (request, reply) => {
    if (!isTrustedHost(request.headers.host, hosts)) {
      return await reply.code(421).send({
        error: 'expected a Host that is an IP address, localhost, or a name in the setting httpHosts (SLUICE_HTTP_HOSTS)',
      })
    }
    if (request.method === 'GET' || request.method === 'HEAD') return undefined
    if (request.method === 'POST' && request.routeOptions.url === '/login') return undefined
    return await reply.code(405).header('allow', 'GET, HEAD').send({ error: 'expected GET or HEAD' })
  })

  const inTurn = async (_request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    if (await takeSlot(reply.raw)) return undefined
    return await reply.code(503).header('retry-after', '1').send({ error: 'too many answers are being sent; ask again' })
  }
  const { page: ofPage } = dependencies
  if (ofPage === undefined) {
    server.get('/', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(indexText()))
  } else addPage(server, { ...ofPage, health: dependencies.health, index: indexText(), inTurn, clock })
  server.get('/health/live', async (_request, reply) => reply.send({ status: 'live' }))
  server.get('/health/ready', async (_request, reply) => {
    const report = dependencies.isReady()
    return await reply.code(report.isReady ? 200 : 503).type('application/json').send(page(report))
  })

  server.get('/health', { onRequest: inTurn }, async (_request, reply) => reply.type('application/json').send(health()))
  for (const path of metricsPaths) {
    server.get(path, { onRequest: inTurn }, async (_request, reply) => reply.type(prometheusText).send(metrics()))
  }

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
function addAliases (server: FastifyInstance, { uptimeMs }: HttpDependencies): void {
  server.get('/api/v1/health', async (_request, reply) => reply.type('text/plain; charset=utf-8').send('ok\n'))
  server.get('/api/v1/uptime', async (_request, reply) => {
    const ms = uptimeMs()
    return await reply.send({ uptime_sec: Math.floor(ms / 1_000), uptime_hr: `Sluice has been running: ${duration(ms)}` })
  })
}

function indexText (): string {
  return ['Sluice', '', ...Object.entries({ ...index, ...aliases }).map(([path, help]) => `${path.padEnd(28)}${help}`), ''].join('\n')
}

function noSchemas (): never {
  throw new Error('expected no schema on any route')
}

/** JSON that can be read without tools. */
function page (report: object): string {
  return `${JSON.stringify(report, null, 2)}\n`
}
