import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import t from 'tap'
import { createHttpListener } from '../../src/http/listener.ts'
import { buildServer } from '../../src/http/server.ts'
import { dependencies } from '../support/http-dependencies.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'
import { until } from '../support/until.ts'

const server = async () => buildServer(dependencies())

/** Resolves when the connection is gone, by whatever way, with what came over it. */
function closeOf (socket: Socket): Promise<string> {
  let text = ''
  socket.on('error', () => {}).setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
  return new Promise(resolve => socket.once('close', () => resolve(text)))
}

t.test('listens on a free port, answers over a real socket, and is closed after stop', async t => {
  const listener = createHttpListener({
    server, host: '127.0.0.1', port: 0, clock: new ManualClock(), log: recordingLog().log,
  })
  t.equal(listener.address, undefined)
  await listener.start()
  const url = `http://127.0.0.1:${listener.address?.port}/health/live`
  t.equal((await fetch(url)).status, 200)
  await listener.stop()
  await listener.stop()
  t.equal(listener.address, undefined)
  await t.rejects(fetch(url))
})

t.test('a port in use is told once and tried again, longer each time, until it is free', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const clock = new ManualClock()
  const { log, lines } = recordingLog()
  const listener = createHttpListener({ server, host: '127.0.0.1', port, clock, log })
  await listener.start()
  t.equal(listener.address, undefined, 'start resolves after the first try')
  const pausesMs = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
  for (const [index, pauseMs] of pausesMs.entries()) {
    await clock.advance(pauseMs)
    await until('it was tried again', () => clock.sleeps.length, count => count > index + 1)
  }
  t.same(clock.sleeps, [...pausesMs, 30_000])
  t.same(lines.map(line => line['msg']), ['http cannot listen, trying again'])
  t.match(lines[0], { level: 'warn', port, help: /free the address/, error: { code: 'EADDRINUSE' } })
  other.close()
  await once(other, 'close')
  await clock.advance(30_000)
  await until('it listens', () => listener.address, address => address !== undefined)
  t.same(listener.address, { host: '127.0.0.1', port })
  t.equal((await fetch(`http://127.0.0.1:${port}/health/live`)).status, 200)
  t.equal(lines.at(-1)?.['msg'], 'http listening')
  await listener.stop()
})

t.test('where there is a page, the log names its address, which a browser of this machine can open', async t => {
  const { log, lines } = recordingLog()
  const listener = createHttpListener({ server, host: '0.0.0.0', port: 0, hasPage: true, clock: new ManualClock(), log })
  await listener.start()
  t.match(lines, [{ msg: 'http listening', page: `http://127.0.0.1:${listener.address?.port}/` }])
  await listener.stop()
})

t.test('an address that this machine does not have is not fatal, and stop ends the tries', async t => {
  const clock = new ManualClock()
  const listener = createHttpListener({
    server, host: '192.0.2.1', port: 0, clock, log: recordingLog().log,
  })
  await listener.start()
  t.equal(listener.address, undefined)
  await listener.stop()
  t.same(clock.sleeps, [500])
})

t.test('stop does not wait for a caller who keeps his connection open', async t => {
  const listener = createHttpListener({
    server, host: '127.0.0.1', port: 0, clock: new ManualClock(), log: recordingLog().log,
  })
  await listener.start()
  const silent = connect(listener.address?.port ?? 0, '127.0.0.1')
  const halfway = connect(listener.address?.port ?? 0, '127.0.0.1')
  halfway.write('GET /health HTTP/1.1\r\nhost: a\r\n')
  await Promise.all([once(silent, 'connect'), once(halfway, 'connect')])
  const closed = Promise.all([closeOf(silent), closeOf(halfway)])
  await listener.stop()
  t.same(await closed, ['', ''], 'both were closed, with no answer to what was no whole request')
})
