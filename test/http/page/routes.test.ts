import t, { type Test } from 'tap'
import type { Tail } from '../../../src/contracts/tail.ts'
import { healthReport } from '../../../src/http/health.ts'
import { pageFile, pageFileNames } from '../../../src/http/page/files.ts'
import { createSession } from '../../../src/http/page/session.ts'
import { sentenceOf, staticStatus } from '../../../src/http/page/static-status.ts'
import { drawnMetrics } from '../../../src/http/page/status.ts'
import { buildServer } from '../../../src/http/server.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import { dependencies, healthFacts, routeFacts } from '../../support/http-dependencies.ts'

const token = 'a-token-of-this-test'
const silent: Tail = { open: () => ({ missed: 0, close () {} }) }
const html = { accept: 'text/html,*/*' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

const noHistory = () => ({ names: [], samples: [] })
const nothing = { routes: [], metrics: {}, task: { words: '', links: [] }, examples: {}, noLines: '' }

function build (t: Test, tail: Tail | undefined = silent) {
  const server = buildServer(dependencies({
    page: {
      tail,
      session: createSession(token, () => 1_000),
      history: () => ({ names: ['received'], samples: [{ ageMs: 9_000, counts: [7] }] }),
      status: () => ({ health: healthReport(healthFacts()), ...nothing, examples: { aaaa: 'Undefined variable $basket' } }),
    },
  }))
  t.teardown(() => server.close())
  return server
}

/** What the type checker and people read; the bundle leaves it out. */
const comments = /^ *(?:\/\*\*[^]*?\*\/|\/\/.*)\n/gm

t.test('the files of the page are under 60 KB in all without comments, and take nothing from elsewhere', async t => {
  const texts = pageFileNames.map(pageFile)
  t.ok(texts.reduce((sum, text) => sum + Buffer.byteLength(text.replace(comments, '')), 0) < 60_000)
  for (const [index, text] of texts.entries()) {
    t.notMatch(text.replaceAll('http://www.w3.org/2000/svg', ''), /https?:\/\/|innerHTML|eval\(|style="/, pageFileNames[index] ?? '')
  }
})

t.test('each file is served with its type, and the page runs nothing that was written into it', async t => {
  const server = build(t)
  for (const name of pageFileNames) {
    const answer = await server.inject({ url: name === 'page.html' ? '/' : `/page/${name}`, headers: html })
    t.equal(answer.statusCode, 200, name)
    t.match(answer.headers['content-security-policy'], "default-src 'none'; script-src 'self'")
    t.notMatch(answer.headers['content-security-policy'], 'unsafe')
  }
  t.match((await server.inject('/')).body, '/health/live', 'a list for who cannot read HTML')
})

t.test('lines are refused without the token, to other sites, and where they are not shown', async t => {
  const statusOf = async (headers: Record<string, string>, tail: Tail | undefined = silent) =>
    (await build(t, tail).inject({ url: '/page/tail', headers })).statusCode
  t.equal(await statusOf({}), 401)
  t.equal(await statusOf({ authorization: `Bearer ${token}x` }), 401)
  t.equal(await statusOf({ authorization: `Bearer ${token}`, 'sec-fetch-site': 'cross-site' }), 403)
  t.equal(await statusOf({ authorization: `Bearer ${token}`, origin: 'https://evil.example', host: '127.0.0.1:1' }), 403)
  const closed = buildServer(dependencies({
    page: { tail: undefined, session: createSession('off', () => 0), history: noHistory, status: () => ({ health: healthReport(healthFacts()), ...nothing }) },
  }))
  t.teardown(() => closed.close())
  t.equal((await closed.inject('/page/tail')).statusCode, 403)
})

t.test('POST /login gives a cookie for the token, and nothing else is posted', async t => {
  const server = build(t)
  const login = async (body: string) => await server.inject({ method: 'POST', url: '/login', headers: form, payload: body })
  const good = await login(`token=${token}`)
  t.equal(good.statusCode, 303)
  t.match(good.headers['set-cookie'], /^sluice=.*HttpOnly; SameSite=Strict$/)
  for (const body of ['token=another-token-than-it', '', 'token=']) t.equal((await login(body)).headers['set-cookie'], undefined)
  t.equal((await login(`token=${'x'.repeat(10_000)}`)).statusCode, 413)
  t.equal((await server.inject({ method: 'POST', url: '/page/status' })).statusCode, 405)
  t.match((await server.inject('/page/status')).json(), { tail: 'login', examples: {} })
  t.notMatch((await server.inject('/page/status')).body, 'basket', 'an example of an error is of a line')
  t.same((await server.inject('/page/history')).json(), { names: ['received'], samples: [{ ageMs: 9_000, counts: [7] }] }, 'curves are for everybody')
  const cookie = String(good.headers['set-cookie']).split(';')[0] ?? ''
  t.match((await server.inject({ url: '/page/status', headers: { cookie } })).json(), { tail: 'open', examples: { aaaa: 'Undefined variable $basket' } })
})

t.test('the sentence says what is wrong first, and what is static has no HTML of others', async t => {
  t.equal(sentenceOf(healthReport(healthFacts())), 'Nothing received yet.')
  t.equal(sentenceOf(healthReport(healthFacts({ state: 'starting' }))), 'Sluice is starting.')
  const blocked = healthReport(healthFacts({ routes: [routeFacts({ spoolProblem: { atMs: 0, message: 'no <b>room</b>', reason: 'ENOSPC' } })] }))
  t.match(sentenceOf(blocked), /^The spool of route error cannot be written or read/)
  t.notMatch(staticStatus(blocked), '<b>')
  const message = 'CloudWatch Logs in eu-west-1 denies access (AccessDeniedException): allow logs:PutLogEvents on arn:aws:logs:eu-west-1:*:log-group:shop:*'
  const paused = routeFacts({
    pendingRecords: 1_200, lastError: { atMs: 0, message, reason: 'denied' }, delivery: { kind: 'paused', sinceMs: -60_000, failures: 3, nextTryMs: 61_000 },
  })
  t.equal(sentenceOf(healthReport(healthFacts({ routes: [paused] }))),
    'Route error is paused for 2 min: CloudWatch Logs in eu-west-1 denies access (AccessDeniedException). 1,200 records wait.')
})

t.test('the sentence does not say that all is well while lines wait for a destination, nor after some were lost', async t => {
  const paused = routeFacts({
    pendingRecords: 22,
    lastError: { atMs: 0, message: 'no', reason: 'access_denied' },
    delivery: { kind: 'paused', sinceMs: 59_000, failures: 1, nextTryMs: 61_000 },
  })
  const report = healthReport(healthFacts({ routes: [paused] }))
  t.same(report.reasons, [], 'not for long enough')
  t.equal(sentenceOf(report), '22 records wait: error (access denied) is tried again.')
  const quiet = healthReport(healthFacts())
  const after = (lost: Partial<Record<'dropped' | 'rejected', number>>) => sentenceOf({
    ...quiet,
    ledger: {
      ...quiet.ledger, dropped: { total: lost.dropped ?? 0, by: {} }, rejected: { total: lost.rejected ?? 0, by: {} },
    },
  })
  t.equal(after({ dropped: 5_850 }), 'Nothing is wrong now. Since the start: 5,850 records dropped; the log says why.')
  t.equal(after({ dropped: 1, rejected: 2 }),
    'Nothing is wrong now. Since the start: 1 record dropped, 2 records refused; the log says why.')
})

t.test('of the metrics, the page gets those that have counted something', async t => {
  const metrics = new Metrics()
  metrics.counter('sluice_classified_total', 'access', 'access').value = 3
  metrics.counter('sluice_repaired_total', 'escapes')
  t.same(drawnMetrics(metrics), { sluice_classified_total: [{ labels: { class: 'access', rule: 'access' }, value: 3 }] })
})
