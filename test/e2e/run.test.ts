import { connect } from 'node:net'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { deliveredLines } from '../support/delivered.ts'
import { fixture, latin1Lines, originalOf, readable } from '../support/lines.ts'
import { shortDirectory, startSluice } from '../support/sluice-process.ts'

async function send (socketPath: string, bytes: Buffer): Promise<void> {
  const socket = connect(socketPath)
  socket.resume()
  socket.end(bytes)
  await once(socket, 'close')
}

t.test('genuine frames in, the very lines out, every record in the ledger', async t => {
  const sluice = startSluice(t)
  await sluice.printed(/"started"/)
  for (const name of ['driver-s1-eventtime', 'driver-s2-inttime', 'driver-s3-ack']) {
    await send(sluice.socketPath, fixture(`forward/${name}.bin`))
  }
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())

  const lines = deliveredLines(sluice.dataDir)
  const expected = latin1Lines(fixture('forward/driver-input-lines.txt')).filter(line => line !== '')
    // What a terminal puts at the end is taken off.
    .map(line => readable(line).replace(/\r$/, ''))
  t.same(lines.app.map(line => originalOf(line, 'app')).sort(), [...expected, ...expected, ...expected].sort())
  t.same([lines.access, lines.error], [[], []])

  const report = sluice.report()
  t.match(report, { balanced: true, pending: 0, dropped: 0, received: 54, delivered: expected.length * 3, filtered: 3 })
  t.equal(report.received, report.delivered + report.filtered + report.joined)
  t.same(report.left, {})
})

t.test('a source that could not be opened is not said to have started', async t => {
  const directory = shortDirectory(t)
  writeFileSync(join(directory, 'fluent.sock'), '')
  const sluice = startSluice(t, { directory, env: { SLUICE_TCP: '127.0.0.1:0' } })
  const [line] = await sluice.printed(/.*"started".*/)
  t.match(JSON.parse(line), { sources: ['tcp'], notOpen: ['unix'] })
  const usual = startSluice(t)
  const [usualLine] = await usual.printed(/.*"started".*/)
  t.match(JSON.parse(usualLine), { sources: ['unix'], notOpen: undefined })
})

t.test('a start that nobody can send a line to says so', async t => {
  const off = { SLUICE_UNIX_SOCKET: 'off', SLUICE_TCP: 'off' }
  await startSluice(t, { env: off }).printed(/"no line can come: unixSocket and tcp are off/)
  const reading = startSluice(t, { env: off, args: ['--stdin'] })
  reading.stdin.end()
  t.equal(await reading.exited, 0)
  t.notMatch(reading.output(), 'no line can come')
})

t.test('each of several senders is read, whatever carrier it uses', async t => {
  const sluice = startSluice(t)
  await sluice.printed(/"started"/)
  const names = ['docker-plain', 'docker-subsec', 'docker-ack', 'fluent-bit-plain', 'fluent-bit-ack', 'fluent-bit-gzip',
    'fluent-bit-intt', 'fluent-bit-sendopts']
  await Promise.all(names.map(async name => await send(sluice.socketPath, fixture(`forward/${name}.bin`))))
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  const report = sluice.report()
  t.match(report, { balanced: true, pending: 0, dropped: 0 })
  const lines = deliveredLines(sluice.dataDir)
  t.equal(lines.error.filter(line => originalOf(line, 'error') === 'PHP Fatal error: boom').length, 3)
  t.equal(lines.access.filter(line => readable(line) === '{"status":200,"path":"/日本語"}').length, 3)
  t.equal(lines.app.filter(line => originalOf(line, 'app') === 'x'.repeat(40_000)).length, 3, 'joined again')
  t.equal(report.delivered, lines.error.length + lines.access.length + lines.app.length)
})

t.test('a broken sender costs the others nothing', async t => {
  const sluice = startSluice(t)
  await sluice.printed(/"started"/)
  const good = fixture('forward/docker-subsec.bin')
  await Promise.all([
    send(sluice.socketPath, Buffer.concat([good, Buffer.from('GET / HTTP/1.1\r\n\r\n')])),
    send(sluice.socketPath, good),
    send(sluice.socketPath, Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff])),
  ])
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  const lines = deliveredLines(sluice.dataDir)
  t.equal(lines.error.length, 2, 'what came before the broken bytes is kept')
  t.match(sluice.report(), { balanced: true, pending: 0 })
})

t.test('standard input is delivered, Apache\'s lines as JSON, then the process ends by itself', async t => {
  const input = fixture('apache-modphp/stdout.log')
  const sluice = startSluice(t, { args: ['--stdin'], env: { SLUICE_HEALTH_CHECKS_FILTER: 'off', SLUICE_REDACT_PRESET: 'none' } })
  sluice.stdin.end(input)
  t.equal(await sluice.exited, 0, sluice.output())
  const lines = deliveredLines(sluice.dataDir)
  const expected = latin1Lines(input).filter(line => line !== '').map(readable)
  const isJson = (line: string) => {
    try {
      return typeof JSON.parse(line) === 'object'
    } catch {
      return false
    }
  }
  const access = new Set(lines.access.map(readable))
  t.equal(lines.access.length, 830, 'the lines that Apache made')
  t.ok([...access].every(isJson), 'repaired where they were no JSON')
  t.equal(lines.app.length, 20, 'the lines that PHP made')
  const app = new Set(lines.app.map(line => originalOf(line, 'app')))
  t.same(expected.filter(line => isJson(line) && !access.has(line) && !app.has(line)), [], 'those that were are untouched')
  t.match(sluice.report(), { balanced: true, pending: 0, reason: 'end of input' })
})

t.test('lines of standard input may be of stderr', async t => {
  const sluice = startSluice(t, { args: ['--stdin', '--source', 'stderr'] })
  sluice.stdin.end('PHP Fatal error: boom')
  t.equal(await sluice.exited, 0, sluice.output())
  t.same(deliveredLines(sluice.dataDir).error.map(line => originalOf(line, 'error')), ['PHP Fatal error: boom'])
})

t.test('processes that share a data directory lose nothing to each other', async t => {
  const directory = shortDirectory(t)
  const count = 5_000
  const env = { SLUICE_EVENTS_MAX_AGE: '50ms', SLUICE_EVENTS_BATCH_MAX_RECORDS: '10' }
  const writers = ['first', 'second'].map(name => {
    const sluice = startSluice(t, { directory, args: ['--stdin', '--source', 'stderr'], env })
    return { name, sluice }
  })
  await Promise.all(writers.map(({ sluice }) => sluice.printed(/"started"/)))
  for (const { name, sluice } of writers) sluice.stdin.end(`PHP Warning: ${name}\n`.repeat(count))
  for (const { sluice } of writers) {
    t.equal(await sluice.exited, 0, sluice.output())
    t.match(sluice.report(), { balanced: true, received: count, delivered: count })
  }
  const { error } = deliveredLines(join(directory, 'data'))
  for (const { name } of writers) t.equal(error.filter(line => line.includes(`Warning: ${name}`)).length, count, name)
})

t.test('what a killed process had in its spool is delivered by the next one', async t => {
  const first = startSluice(t, { env: { SLUICE_OBJECTS_MAX_AGE: '1h' } })
  await first.printed(/"started"/)
  const socket = connect(first.socketPath)
  // The ack says that the records are in the spool.
  socket.write(fixture('forward/fluent-bit-ack.bin'))
  await once(socket, 'data')
  first.kill('SIGKILL')
  await first.exited
  socket.destroy()

  const second = startSluice(t, { directory: first.dataDir.replace(/\/data$/, '') })
  await second.printed(/"started"/)
  second.kill('SIGTERM')
  t.equal(await second.exited, 0, second.output())
  const report = second.report()
  t.match(report, { balanced: true, pending: 0, received: 0, dropped: 0 })
  t.ok(report.recovered >= 1, 'recovered')
  t.equal(report.delivered, report.recovered)
})

t.test('a second signal ends a stop at once, with the same report', async t => {
  const sluice = startSluice(t, { env: { SLUICE_STOP_DEADLINE: '5m', SLUICE_STOP_QUIET: '1m' } })
  await sluice.printed(/"started"/)
  const socket = connect(sluice.socketPath)
  await once(socket, 'connect')
  sluice.kill('SIGTERM')
  await sluice.printed(/"stopping"/)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
  t.match(sluice.report(), { balanced: true, reason: 'SIGTERM' })
  socket.destroy()
})

t.test('configuration that cannot be understood ends the start with every mistake and exit code 78', async t => {
  const directory = t.testdir({ 'sluice.yaml': 'spool:\n  sync: sometimes\nbuket: x\n' })
  const sluice = startSluice(t, { args: ['--config', `${directory}/sluice.yaml`], env: { SLUICE_HTTP: 'nowhere' } })
  t.equal(await sluice.exited, 78)
  t.match(sluice.output(), /sluice\.yaml:2:9.*spool\.sync/s)
  t.match(sluice.output(), /sluice\.yaml:3:1.*buket.*bucket/s)
  t.match(sluice.output(), /SLUICE_HTTP/)
})

t.test('the command line explains itself', async t => {
  const help = startSluice(t, { args: ['--help'] })
  t.equal(await help.exited, 0)
  t.match(help.output(), /Usage: sluice/)
  const unknown = startSluice(t, { args: ['dance'] })
  t.equal(await unknown.exited, 64)
  t.match(unknown.output(), /expected a command .*found 'dance'/)
  const flag = startSluice(t, { args: ['--stdn'] })
  t.equal(await flag.exited, 64)
  t.match(flag.output(), /--stdn/)
})
