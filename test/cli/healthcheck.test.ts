import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { firelensConfig } from '../support/firelens-config.ts'
import { readerOf } from '../support/read-file.ts'
import { type HealthcheckIo, type HealthcheckValues, runHealthcheck } from '../../src/cli/healthcheck.ts'

async function service (t: Test, answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close(); server.closeAllConnections() })
  return (server.address() as AddressInfo).port
}

async function check ({ url, config, ...io }: Partial<HealthcheckIo & HealthcheckValues>) {
  const lines = { stdout: '', stderr: '' }
  const code = await runHealthcheck({
    env: {},
    timeoutMs: 300_000,
    readFile: readerOf({}),
    stdout: { write: text => { lines.stdout += text } },
    stderr: { write: text => { lines.stderr += text } },
    ...io,
  }, { url, config })
  return { code, ...lines }
}

const live: RequestListener = (request, response) => { response.writeHead(request.url === '/health/live' ? 200 : 404).end() }

t.test('a live service is 0, with one line that says who answered', async t => {
  const port = await service(t, live)
  const { code, stdout, stderr } = await check({ env: { SLUICE_HTTP: `0.0.0.0:${port}` } })
  t.equal(code, 0)
  t.match(stdout, new RegExp(`^healthy: http://127\\.0\\.0\\.1:${port}/health/live answered 200 in \\d+ ms\\n$`))
  t.equal(stderr, '')
})

t.test('a password in the address is not said', async t => {
  const port = await service(t, live)
  const { stdout, stderr } = await check({ url: `http://u:hunter2@127.0.0.1:${port}` })
  t.match(`${stdout}${stderr}`, /:\/\/u:\*\*\*@127\.0\.0\.1:\d+\/health\/live answered 200/)
})

t.test('any other answer is 1', async t => {
  const port = await service(t, (_request, response) => { response.writeHead(500).end() })
  const { code, stdout, stderr } = await check({ env: { SLUICE_HTTP: `127.0.0.1:${port}` } })
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, /^unhealthy: .* answered 500 in \d+ ms: another process has this address\n$/)
})

t.test('nobody listening is 1', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const { code, stderr } = await check({ env: { SLUICE_HTTP: `127.0.0.1:${port}` } })
  t.equal(code, 1)
  t.equal(stderr, `unhealthy: nothing listens at 127.0.0.1:${port}: Sluice does not run, or its address is another (--url)\n`)
})

t.test('a service that does not answer in time is 1', async t => {
  const port = await service(t, () => {})
  const { code, stderr } = await check({ env: { SLUICE_HTTP: `127.0.0.1:${port}` }, timeoutMs: 20 })
  t.equal(code, 1)
  t.match(stderr, /did not answer within 20 ms\n$/)
})

t.test('--url wins over the variable, and may name another path', async t => {
  const port = await service(t, live)
  const env = { SLUICE_HTTP: '127.0.0.1:1' }
  t.equal((await check({ url: `http://127.0.0.1:${port}`, env })).code, 0)
  t.equal((await check({ url: `http://127.0.0.1:${port}/health/ready`, env })).code, 1, 'asked, found 404')
  t.match(await check({ url: 'localhost', env }), { code: 1, stderr: /expected http:\/\/host:port/ })
})

t.test('the file is read only when neither --url nor SLUICE_HTTP tells the address', async t => {
  const port = await service(t, live)
  let readCount = 0
  const read = readerOf({ 'sluice.yaml': `http: 127.0.0.1:${port}\n` })
  const readFile = (path: string) => {
    if (path === 'sluice.yaml') readCount++
    return read(path)
  }
  t.equal((await check({ config: 'sluice.yaml', readFile, env: { SLUICE_HTTP: `127.0.0.1:${port}` } })).code, 0)
  t.equal(readCount, 0)
  t.equal((await check({ config: 'sluice.yaml', readFile })).code, 0)
  t.equal((await check({ env: { SLUICE_CONFIG: 'sluice.yaml', SLUICE_HTTP: '' }, readFile })).code, 0)
  t.equal(readCount, 2)
  t.equal((await check({ env: { SLUICE_CONFIG_YAML: `http: 127.0.0.1:${port}` }, readFile })).code, 0)
})

t.test('an address that cannot be asked is 1 and says so', async t => {
  t.match(await check({ env: { SLUICE_HTTP: 'off' } }), { code: 1, stderr: 'unhealthy: http is off, so there is nothing' })
  t.match(await check({ env: { SLUICE_HTTP: 'constructor:1' }, timeoutMs: 1 }), { code: 1, stderr: 'http://constructor:1/health/live' })
  t.match(await check({ env: { SLUICE_HTTP: 'nonsense' } }), { code: 1, stderr: "expected host:port, found 'nonsense'" })
  t.match(await check({ env: { SLUICE_HTTP: 'constructor:1' } }), { code: 1, stderr: /unhealthy: .*constructor/ }, 'the name of a host')
  t.match(await check({ config: 'a.yaml', readFile: () => 'http: [' }), { code: 1, stderr: /unhealthy: .*a\.yaml/s })
})

t.test('loads no package', async t => {
  const [commandLine = '', module = ''] = ['command-line.ts', 'healthcheck.ts']
    .map(file => fileURLToPath(new URL(`../../src/cli/${file}`, import.meta.url)))
  const loadedBy = async (...modules: string[]) => {
    const program = `for (const name of ${JSON.stringify(modules)}) await import(name)
      const { createRequire } = await import('node:module')
      console.log(Object.keys(createRequire(${JSON.stringify(module)}).cache).join())`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    return [...new Set([...stdout.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map(([, name]) => name))]
  }
  // A test runner has Node load packages of its own.
  const ofTheRunner = new Set(await loadedBy())
  const own = (names: readonly (string | undefined)[]) => names.filter(name => !ofTheRunner.has(name))
  t.same(own(await loadedBy(commandLine, module)), [])
  t.same(own(await loadedBy(module, 'yaml')), ['yaml'], 'one that is loaded would be found')
})

t.test('a port that a configuration of Fluent Bit gives is asked, and one without a port costs no more than a look', async t => {
  const port = await service(t, live)
  const file = '/fluent-bit/etc/fluent-bit.conf'
  const included = `[SERVICE]\n  HTTP_Server On\n  HTTP_Listen 127.0.0.1\n  HTTP_Port ${port}\n`
  t.equal((await check({ readFile: readerOf({ [file]: '@INCLUDE /own.conf\n', '/own.conf': included }) })).code, 0)
  t.equal((await check({ env: { SLUICE_FIRELENS_CONFIG: '/f' }, readFile: readerOf({ '/f': included }) })).code, 0)
  // Whether or not something listens there now.
  const asksDefault = ({ stdout, stderr }: Awaited<ReturnType<typeof check>>) => t.match(stdout + stderr, /127\.0\.0\.1:2020/)
  asksDefault(await check({ env: { SLUICE_FIRELENS_CONFIG: 'off' }, readFile: readerOf({ [file]: included }) }))
  asksDefault(await check({ readFile: readerOf({ [file]: firelensConfig({ network: 'awsvpc', containers: {} }) }) }))
})
