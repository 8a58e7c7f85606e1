import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../contracts/clock.ts'
import type { Tail } from '../../contracts/tail.ts'
import type { HistoryReport } from '../../telemetry/history.ts'
import type { HealthReport } from '../health.ts'
import { recent } from '../recent.ts'
import { pageFile, pageFileNames } from './files.ts'
import type { Session } from './session.ts'
import { escaped, sentenceOf, staticStatus } from './static-status.ts'
import type { PageStatus } from './status.ts'
import { createTailAnswers } from './tail-answer.ts'

export interface PageOptions {
  /** Undefined where lines are not shown. */
  readonly tail: Tail | undefined
  readonly session: Session
  status (): Omit<PageStatus, 'tail' | 'at' | 'sentence'>
  /** What curves begin with: numbers alone, for everybody. */
  history (): HistoryReport
  health (): HealthReport
  /** The paths, for whoever cannot read HTML. */
  readonly index: string
  /** Has an answer that may be long wait for its turn; it refuses by itself. */
  readonly inTurn: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  readonly clock: Clock
}

const types = { html: 'text/html', css: 'text/css', js: 'text/javascript' } as const

/** Only what this process sends, nothing written into a page, and no page of others around it. */
const pagePolicy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self' data:",
  "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
].join('; ')

/** How long numbers are the same for everyone who asks, ms. */
const statusAgeMs = 500
const maxLoginBytes = 4_096

/** Adds the page: its files, its numbers, the live tail, and the way in. */
export function addPage (server: FastifyInstance, options: PageOptions): void {
  const { tail, session, inTurn, clock } = options
  const files = new Map(pageFileNames.map(name => [name, pageFile(name)]))
  const statusWith = (hasExamples: boolean) => recent(statusAgeMs, clock, () => {
    const { examples, ...now } = options.status()
    const shown = { ...now, examples: hasExamples ? examples : {}, sentence: sentenceOf(now.health) }
    return JSON.stringify(shown).slice(0, -1)
  })
  const status = { off: statusWith(false), login: statusWith(false), open: statusWith(true) }
  const answers = tail && createTailAnswers(tail)

  const tailFor = ({ headers }: FastifyRequest): PageStatus['tail'] =>
    tail === undefined ? 'off' : session.isKnown(headers) ? 'open' : 'login'

  const page = recent(statusAgeMs, clock, () => {
    const health = options.health()
    return (files.get('page.html') ?? '')
      .replace('<!--sentence-->', () => escaped(sentenceOf(health)))
      .replace('<!--status-->', () => staticStatus(health))
  })

  // Who asks with curl wants to read it there, and who checks whether something answers waits for nobody.
  const isBrowser = ({ headers }: FastifyRequest) => headers.accept?.includes('text/html') === true
  const browserInTurn: typeof inTurn = async (request, reply) =>
    isBrowser(request) ? await inTurn(request, reply) : undefined
  server.get('/', { onRequest: browserInTurn }, async (request, reply) => {
    if (!isBrowser(request)) return await reply.type('text/plain; charset=utf-8').send(options.index)
    return await withPolicy(reply).type('text/html; charset=utf-8').send(page())
  })
  for (const [name, text] of files) {
    if (name === 'page.html') continue
    const type = types[name.slice(name.lastIndexOf('.') + 1) as keyof typeof types]
    server.get(`/page/${name}`, async (_request, reply) => withPolicy(reply).type(`${type}; charset=utf-8`).send(text))
  }

  server.get('/page/status', { onRequest: inTurn }, async (request, reply) => {
    const now = new Date(Math.round(clock.wallMs())).toISOString()
    const tail = tailFor(request)
    return await reply.type('application/json').send(`${status[tail]().toString()},"at":"${now}","tail":"${tail}"}\n`)
  })

  const history = recent(statusAgeMs, clock, () => `${JSON.stringify(options.history())}\n`)
  server.get('/page/history', { onRequest: inTurn }, async (_request, reply) =>
    await reply.type('application/json').send(history()))

  server.get('/page/tail', { exposeHeadRoute: false }, async (request, reply) => {
    if (isOfAnotherSite(request)) return await reply.code(403).send({ error: 'expected a request of this page' })
    switch (tailFor(request)) {
      case 'off': return await reply.code(403).send({ error: tailIsOff })
      case 'login': return await reply.code(401).send({ error: 'expected the token of the setting httpToken (SLUICE_HTTP_TOKEN)' })
      case 'open':
    }
    if (answers === undefined || answers.isFull) return await reply.code(503).send({ error: 'too many read the tail; close another' })
    // Asked before the answer is ours alone: a client may leave out what it does not filter by.
    const wanted = request.query as Readonly<Record<string, unknown>>
    const word = (name: string) => typeof wanted[name] === 'string' && wanted[name] !== '' ? wanted[name] : undefined
    reply.hijack()
    answers.send(reply.raw, { class: word('class'), level: word('level'), text: word('text') })
  })

  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: maxLoginBytes },
    (_request, body, done) => done(null, body))
  server.post('/login', { bodyLimit: maxLoginBytes }, async (request, reply) => {
    if (isOfAnotherSite(request)) return await reply.code(403).send({ error: 'expected a request of this page' })
    const token = typeof request.body === 'string' ? new URLSearchParams(request.body).get('token') ?? '' : ''
    const cookie = tail === undefined ? undefined : session.cookieFor(token)
    if (cookie === undefined) return await reply.code(303).header('location', '/#not-the-token').send()
    return await reply.code(303).header('set-cookie', cookie).header('location', '/#tail').send()
  })
}

const tailIsOff = 'lines are shown where http is on an address of loopback, or with the setting httpToken ' +
  '(SLUICE_HTTP_TOKEN), and not with httpPage off or status'

function withPolicy (reply: FastifyReply): FastifyReply {
  // With `no-referrer`, as everywhere else, a browser would not say which site its form is of.
  return reply.header('content-security-policy', pagePolicy).header('referrer-policy', 'same-origin')
}

/** A browser says which site made a request; a program says nothing. */
function isOfAnotherSite ({ headers }: FastifyRequest): boolean {
  const { origin, host } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  return origin !== undefined && URL.parse(origin)?.host !== host
}
