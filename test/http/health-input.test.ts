import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { systemClock, type Clock } from '../../src/contracts/clock.ts'
import { createHealthInput } from '../../src/http/health-input.ts'
import { recordingLog } from '../support/recording-log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { until } from '../support/until.ts'

async function listening (t: Test, clock: Clock = systemClock) {
  const input = createHealthInput({ host: '127.0.0.1', port: 0, clock, log: recordingLog().log })
  await input.start()
  t.teardown(() => input.stop())
  return input
}

/** Resolves when the other end has closed. */
async function say (port: number, text: string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => undefined).resume()
  socket.write(text)
  await Promise.race([once(socket, 'end'), once(socket, 'close')])
  socket.destroy()
}

t.test('a check that says its line is answered by the end of the connection', async t => {
  const { port } = await listening(t)
  await say(port, '{"health":"check"}\n')
  await say(port, `${'x'.repeat(5000)}`)
  const silent = connect(port, '127.0.0.1').resume()
  await once(silent, 'connect')
  silent.end()
  await once(silent, 'close')
  t.ok(silent.destroyed, 'one that says nothing and goes is let go')
})

t.test('a caller that says no whole line is let go five seconds after it came, whatever it says meanwhile', async t => {
  const clock = new ManualClock()
  const { port } = await listening(t, clock)
  const callers = ['silent', 'slow'].map(() => connect(port, '127.0.0.1').on('error', () => undefined).resume())
  const areGone = () => callers.map(caller => caller.readableEnded || caller.destroyed)
  await Promise.all(callers.map(caller => once(caller, 'connect')))
  // Callers are taken in order, so those before have been when this one is answered.
  await say(port, '{"health":"check"}\n')
  await clock.advance(4_900)
  callers[1]?.write('{"health"')
  await say(port, '{"health":"check"}\n')
  t.same(areGone(), [false, false])
  await clock.advance(200)
  // Time for their ends to come, and no real seconds.
  for (let round = 0; round < 5; round++) await say(port, '{"health":"check"}\n')
  t.same(areGone(), [true, true])
})

t.test('a caller that went leaves no timer behind', async t => {
  const clock = new ManualClock()
  const { port } = await listening(t, clock)
  await say(port, '{"health":"check"}\n')
  await until('its connection is closed', () => clock.sleeping, sleeping => sleeping === 0)
  t.equal(clock.sleeping, 0)
})

t.test('a stop closes the port and whoever is connected', async t => {
  const input = await listening(t)
  const socket = connect(input.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  await Promise.all([once(socket.resume(), 'close'), input.stop()])
  await input.stop()
  t.equal(input.port, 0)
})

t.test('a port in use is tried again, and told once', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { log, lines } = recordingLog()
  const clock = new ManualClock()
  const input = createHealthInput({ host: '127.0.0.1', port, clock, log })
  await input.start()
  t.teardown(() => input.stop())
  t.equal(input.port, 0)
  other.close()
  await once(other, 'close')
  await until('it listens', async () => {
    await clock.advance(30_000)
    return input.port
  }, found => found === port)
  const told = lines.filter(({ msg }) => msg === 'health input cannot listen, trying again')
  t.match(told, [{ help: /firelens\.healthInput/ }])
})
