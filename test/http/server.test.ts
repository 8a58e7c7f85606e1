import { once } from 'node:events'
import { METHODS } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { createSession } from '../../src/http/page/session.ts'
import { healthReport, readinessReport } from '../../src/http/health.ts'
import { buildServer, type HttpDependencies } from '../../src/http/server.ts'
import { dependencies, healthFacts } from '../support/http-dependencies.ts'
import { ManualClock, until } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

function build (t: Test, differs: Partial<HttpDependencies> = {}) {
  const server = buildServer(dependencies(differs))
  t.teardown(() => server.close())
  return server
}

t.test('/health/live is 200 whatever the rest of the process does', async t => {
  const fails = () => { throw new Error('broken') }
  const server = build(t, { isReady: fails, health: fails, metrics: fails })
  const answer = await server.inject('/health/live')
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), { status: 'live' })
})

t.test('/health/ready is 503 while a socket is not open, and names it', async t => {
  const sources = [{ name: 'unix', isOpen: true }, { name: 'tcp', isOpen: false }]
  const server = build(t, { isReady: () => readinessReport('running', sources) })
  const answer = await server.inject('/health/ready')
  t.equal(answer.statusCode, 503)
  t.same(answer.json(), { isReady: false, summary: 'not ready: not open: tcp', state: 'running', sources })
  sources.splice(1)
  t.equal((await server.inject('/health/ready')).statusCode, 200)
})

t.test('/health is 200 with the whole report, as JSON that can be read without tools', async t => {
  const answer = await build(t).inject('/health')
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], 'application/json')
  t.same(answer.json(), healthReport(healthFacts()))
  t.match(answer.body, '\n  "state": "running",\n')
})

t.test('/metrics has the content type that Prometheus asks for', async t => {
  const answer = await build(t, { metrics: () => '# TYPE up gauge\nup 1\n' }).inject('/metrics')
  t.equal(answer.statusCode, 200)
  t.equal(answer.body, '# TYPE up gauge\nup 1\n')
  t.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
})

t.test('/ lists every path, an unknown one is told which there are', async t => {
  const server = build(t)
  const index = await server.inject('/')
  t.match(index.headers['content-type'], 'text/plain')
  const unknown = await server.inject('/healthz')
  t.equal(unknown.statusCode, 404)
  const { paths } = unknown.json<{ paths: string[] }>()
  for (const path of paths) {
    t.match(index.body, path)
    t.ok((await server.inject(path)).statusCode < 500, path)
  }
  t.equal((await server.inject({ method: 'HEAD', url: '/health/live' })).statusCode, 200, 'and HEAD')
})

t.test('a page that cannot be made is 500, logged, and tells the caller nothing of the inside', async t => {
  const { log, lines } = recordingLog()
  const server = build(t, { log, health: () => { throw new Error('inside') } })
  const answer = await server.inject('/health?secret=1')
  t.equal(answer.statusCode, 500)
  t.notMatch(answer.body, 'inside')
  t.match(lines, [{ level: 'error', path: '/health', error: { message: 'inside' }, msg: 'http request failed' }])
})

t.test('GET and HEAD are served, every other method is 405 and told which', async t => {
  const { answerTo } = await listening(t)
  // CONNECT asks for a tunnel, not a page: Node closes the connection.
  for (const method of METHODS.filter(method => !['GET', 'HEAD', 'CONNECT'].includes(method))) {
    for (const path of ['/health', '/unknown']) {
      t.match(await answerTo(`${method} ${path} HTTP/1.1\r\nconnection: close\r\n\r\n`), /^HTTP\/1\.1 405 .*^allow: GET, HEAD\r$/ms, method)
    }
  }
  t.match(await answerTo('HEAD /health HTTP/1.1\r\nconnection: close\r\n\r\n'), /^HTTP\/1\.1 200 .*\r\n\r\n$/s)
})

t.test('a body is not read: the answer comes first, and the connection ends', async t => {
  const { answerTo } = await listening(t)
  for (const body of ['content-length: 1000000000', 'transfer-encoding: chunked', 'content-length: 9\r\nexpect: 100-continue']) {
    t.match(await answerTo(`POST /health HTTP/1.1\r\n${body}\r\n\r\n`), /^HTTP\/1\.1 405 /, body)
    t.match(await answerTo(`GET /health/live HTTP/1.1\r\n${body}\r\n\r\n`), /^HTTP\/1\.1 200 /, body)
  }
})

t.test('a request for a name that is not ours is 421, one without a name is answered', async t => {
  const { answerTo } = await listening(t, { hosts: ['shop.internal'] })
  const statusFor = async (headers: string) =>
    (await answerTo(`GET /health HTTP/1.1\r\n${headers}connection: close\r\n\r\n`)).slice(9, 12)
  for (const host of ['10.0.1.7:2020', '[::1]:2020', 'localhost', 'LocalHost:2020', 'shop.internal:2020', 'Shop.Internal.', '']) {
    t.equal(await statusFor(`host: ${host}\r\n`), '200', host)
  }
  t.equal(await statusFor(''), '200', 'HTTP/1.1 without a host')
  t.match(await answerTo('GET /health HTTP/1.0\r\n\r\n'), /^HTTP\/1\.1 200 /)
  for (const host of ['evil.example', 'evil.example:2020', 'localhost.evil.example', 'shop.internal.evil', '127.0.0.1.evil', '[evil]', 'a@localhost', '127.1', '1']) {
    t.equal(await statusFor(`host: ${host}\r\n`), '421', host)
  }
})

t.test('every answer has strict headers, and none allows another site', async t => {
  const { answerTo } = await listening(t, { health: () => { throw new Error('inside') } })
  const requests = {
    200: 'GET /metrics HTTP/1.1\r\norigin: http://evil.example\r\n',
    400: 'GET / HTTP/9.9\r\n',
    404: 'GET /nothing HTTP/1.1\r\n',
    405: 'OPTIONS /health HTTP/1.1\r\norigin: http://evil.example\r\naccess-control-request-method: POST\r\n',
    421: 'GET / HTTP/1.1\r\nhost: evil.example\r\n',
    431: `GET / HTTP/1.1\r\nx: ${'x'.repeat(10_000)}\r\n`,
    500: 'GET /health HTTP/1.1\r\nexpect: miracles\r\n',
  }
  for (const [status, request] of [...Object.entries(requests), ['400', 'GET /%zz HTTP/1.1\r\n']] as const) {
    const answer = await answerTo(`${request}connection: close\r\n\r\n`)
    t.equal(answer.slice(9, 12), status, request.slice(0, 40))
    for (const header of [
      'x-content-type-options: nosniff', 'cache-control: no-store', 'referrer-policy: no-referrer',
      "content-security-policy: default-src 'none'", 'x-frame-options: DENY',
    ]) t.match(answer, `\r\n${header}\r\n`, status)
    t.notMatch(answer, /access-control|inside|\n +at /i, status)
  }
})

async function listening (t: Test, differs: Partial<HttpDependencies> = {}) {
  const server = build(t, differs)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const open = async () => {
    const socket = connect(port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  /** Everything that is answered until the server closes. */
  const answerTo = async (request: string) => {
    const socket = await open()
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => { answer += text })
    socket.write(request)
    await new Promise<void>(resolve => socket.once('close', () => resolve()))
    return answer
  }
  return { server, port, open, answerTo }
}

t.test('headers over 8 KiB are refused', async t => {
  const { open } = await listening(t)
  const socket = await open()
  socket.write(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(10_000)}\r\n\r\n`)
  const [answer] = await once(socket, 'data') as [Buffer]
  t.match(answer.toString('latin1'), /^HTTP\/1\.1 431 /)
})

t.test('whoever opens connections without end loses his oldest, and a health check still gets in', async t => {
  const { server, port, open } = await listening(t)
  const sockets: Socket[] = []
  for (let index = 0; index < 64; index++) sockets.push(await open())
  const closed = new Promise<void>(resolve => sockets[0]?.once('close', () => resolve()))
  t.equal((await fetch(`http://127.0.0.1:${port}/health/live`)).status, 200)
  await closed
  const count = await new Promise<number>((resolve, reject) => {
    server.server.getConnections((error, count) => error === null ? resolve(count) : reject(error))
  })
  t.ok(count <= 64, `${count} connections`)
})

t.test('failed accepts do not end the process, and are told once in a row', async t => {
  const { log, lines } = recordingLog()
  const server = build(t, { log })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const fail = () => server.server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
  fail()
  fail()
  t.match(lines, [{ level: 'warn', error: { code: 'EMFILE' }, msg: 'http connections refused' }])
  t.equal(lines.length, 1)
  t.equal((await fetch(`http://127.0.0.1:${port}/health/live`)).status, 200)
  fail()
  t.equal(lines.length, 2)
})

t.test('checks and scrapers that were made for Fluent Bit find what they look for', async t => {
  const fails = () => { throw new Error('broken') }
  const server = build(t, { isReady: fails, health: fails })
  const health = await server.inject('/api/v1/health')
  t.same([health.statusCode, health.body], [200, 'ok\n'])
  t.same((await server.inject('/api/v1/uptime')).json(), { uptime_sec: 3725, uptime_hr: 'Sluice has been running: 1 h 2 min' })
  const metrics = await server.inject('/metrics')
  for (const version of ['v1', 'v2']) {
    const alias = await server.inject(`/api/${version}/metrics/prometheus`)
    t.same([alias.statusCode, alias.body, alias.headers['content-type']], [200, metrics.body, metrics.headers['content-type']])
  }
  t.match((await server.inject('/')).body, '/api/v1/uptime')
})

t.test('callers who read no answer keep others from long ones for two seconds, and from a health check never', async t => {
  const clock = new ManualClock()
  let madeCount = 0
  const metrics = () => `# page ${++madeCount}\n`.padEnd(30_000_000, 'x')
  const { port, open } = await listening(t, { clock, metrics })
  for (let index = 0; index < 8; index++) (await open()).pause().write('GET /metrics HTTP/1.1\r\n\r\n')
  await until(() => clock.sleeping === 8)
  const late = fetch(`http://127.0.0.1:${port}/metrics`)
  await until(() => clock.sleeping === 9)
  t.equal((await fetch(`http://127.0.0.1:${port}/health/live`)).status, 200)
  for (let index = 0; index < 31; index++) (await open()).pause().write('GET /metrics HTTP/1.1\r\n\r\n')
  await until(() => clock.sleeping === 40)
  const tooMany = await fetch(`http://127.0.0.1:${port}/metrics`)
  t.same([tooMany.status, tooMany.headers.get('retry-after')], [503, '1'])
  t.equal(madeCount, 1, 'they share one page')
  await clock.advance(2_000)
  const answer = await late
  t.equal(answer.status, 200, 'one of them has given way')
  t.match(await answer.text(), /^# page 2/)
  await clock.advance(10_000)
  await until(() => clock.sleeping === 0)
  const next = await fetch(`http://127.0.0.1:${port}/metrics`)
  t.equal(next.status, 200)
  t.match(await next.text(), /^# page 3/)
})

t.test('the numbers of the page wait for their turn as well, and a check of `/` does not', async t => {
  const clock = new ManualClock()
  let madeCount = 0
  const status = () => {
    madeCount++
    return {
      health: healthReport(healthFacts()),
      routes: [],
      metrics: {},
      task: { words: '', links: [] },
      examples: {},
      // Longer than what the system takes of an answer that nobody reads.
      noLines: 'x'.repeat(30_000_000),
    }
  }
  const page = { tail: undefined, session: createSession('off', () => 0), history: () => ({ names: [], samples: [] }), status }
  const { port, open } = await listening(t, { clock, page })
  for (let index = 0; index < 8; index++) (await open()).pause().write('GET /page/status HTTP/1.1\r\n\r\n')
  await until(() => clock.sleeping === 8)
  const html = { accept: 'text/html' }
  const late = [fetch(`http://127.0.0.1:${port}/page/status`), fetch(`http://127.0.0.1:${port}/`, { headers: html })]
  await until(() => clock.sleeping === 10)
  t.match(await (await fetch(`http://127.0.0.1:${port}/`)).text(), '/health/live')
  t.equal(madeCount, 1, 'they share one page')
  await clock.advance(2_000)
  for (const each of late) {
    t.equal((await each).status, 200, 'two have given way')
    await (await each).text()
  }
  await clock.advance(8_000)
  await until(() => clock.sleeping === 0)
  for (const path of ['/page/status', '/']) t.equal((await fetch(`http://127.0.0.1:${port}${path}`, { headers: html })).status, 200)
})
