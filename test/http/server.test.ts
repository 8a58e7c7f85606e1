import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { healthReport, readinessReport } from '../../src/http/health.ts'
import { buildServer, type HttpDependencies } from '../../src/http/server.ts'
import { dependencies, healthFacts } from '../support/http-dependencies.ts'
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
  t.equal((await server.inject({ method: 'POST', url: '/health' })).statusCode, 404, 'only GET is served')
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

t.test('a body is refused beyond 1 KiB', async t => {
  const server = build(t)
  const answer = await server.inject({ method: 'POST', url: '/', payload: { long: 'x'.repeat(2_000) } })
  t.equal(answer.statusCode, 413)
})

async function listening (t: Test) {
  const server = build(t)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const open = async () => {
    const socket = connect(port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }
  return { server, port, open }
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
