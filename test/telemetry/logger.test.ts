import { Writable } from 'node:stream'
import t from 'tap'
import { SluiceError } from '../../src/contracts/errors.ts'
import { createLogger, prettyFor, serializeError } from '../../src/telemetry/logger.ts'
import { recordingLog } from '../support/recording-log.ts'

/** A terminal, or a pipe whose reader takes nothing until `read` is called. */
function sink (isTTY: boolean) {
  const chunks: string[] = []
  const waiting: (() => void)[] = []
  let isStuck = false
  const stream = Object.assign(new Writable({
    decodeStrings: false,
    write (chunk: string, _encoding, done) {
      chunks.push(chunk)
      if (isStuck) waiting.push(done)
      else done()
    },
  }), { isTTY })
  return {
    stream,
    chunks,
    stick: () => { isStuck = true },
    read: () => {
      isStuck = false
      for (const done of waiting.splice(0)) done()
    },
  }
}

t.test('a line is JSON with level, ISO time and message, and is written before the call returns', async t => {
  const { log, lines } = recordingLog()
  log.info({ route: 'error' }, 'delivery resumed')
  t.equal(lines.length, 1)
  t.match(lines[0], { level: 'info', time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, route: 'error', msg: 'delivery resumed' })
  t.same(Object.keys(lines[0] ?? {}), ['level', 'time', 'route', 'msg'])
})

t.test('{ error } tells message, code and cause, and no stack of an error that was expected', async t => {
  const { log, lines } = recordingLog()
  const cause = Object.assign(new Error('write failed'), { code: 'ENOSPC', syscall: 'write', body: 'a log line' })
  log.warn({ error: new SluiceError('ERR_SINK_UNAVAILABLE', 'disk full', { reason: 'enospc', cause }) }, 'delivery paused')
  t.same(lines[0]?.['error'], {
    type: 'SluiceError',
    message: 'disk full',
    code: 'ERR_SINK_UNAVAILABLE',
    reason: 'enospc',
    cause: { type: 'Error', message: 'write failed', code: 'ENOSPC', syscall: 'write' },
  })
})

t.test('an error that nobody expected brings its stack and that of its cause', async t => {
  const { log, lines } = recordingLog()
  log.error({ error: new TypeError('bug', { cause: new Error('deeper') }) }, 'x')
  const cause = { message: 'deeper', stack: /logger\.test/ }
  t.match(lines[0]?.['error'], { type: 'TypeError', message: 'bug', stack: /logger\.test/, cause })
})

t.test('what an expected error comes from has no stack: a client of AWS has long ones', async t => {
  const { log, lines } = recordingLog()
  const cause = Object.assign(new Error('no policy allows it'), { name: 'AccessDenied' })
  log.warn({ error: new SluiceError('ERR_SINK_UNAVAILABLE', 'denied', { reason: 'denied', cause }) }, 'delivery paused')
  t.match(lines[0]?.['error'], { reason: 'denied', cause: { type: 'AccessDenied', stack: undefined } })
})

t.test('causes in a circle end', async t => {
  const error = new Error('a')
  error.cause = new Error('b', { cause: error })
  t.doesNotThrow(() => JSON.stringify(serializeError(error)))
  t.equal(serializeError('not an error'), 'not an error')
})

t.test('lines below the level are not written', async t => {
  const { stream, chunks } = sink(false)
  createLogger({ level: 'warn', stream }).info('no')
  t.same(chunks, [])
})

t.test('on a terminal a line is for people, with colours only where wanted', async t => {
  t.equal(await prettyFor({}), undefined)
  const pretty = await prettyFor({ isTTY: true })
  const plain = sink(true)
  createLogger({ level: 'info', stream: plain.stream, pretty, hasColors: false })
    .info({ route: 'error', listen: { kind: 'tcp', port: 1 }, sources: ['unix', 'tcp'] }, 'delivery paused')
  t.match(plain.chunks.join(''), new RegExp('^\\[\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\] INFO: ' +
    'delivery paused · route error · listen kind tcp, port 1 · sources unix, tcp\\n$'))
  const hostile = sink(true)
  const log = createLogger({ level: 'info', stream: hostile.stream, pretty, hasColors: false })
  log.warn({ peer: '\u001b[2J\u009b\u202e', error: new SluiceError('ERR_SINK_UNAVAILABLE', 'denied\u0007', { cause: 'a' }) }, 'refused')
  t.match(hostile.chunks.join(''), /WARN: refused · peer \\u001b\[2J\\u009b\\u202e\n {4}denied\\u0007\n {4}a\n$/)
  log.error({ error: new Error('unexpected') }, 'going on')
  t.match(hostile.chunks.at(-1), /ERROR: going on\n {4}Error: unexpected\n {4} +at .*logger\.test\.ts/)
  log.warn({ port: 2020, help: 'free the address', error: 'in use' }, 'http cannot listen')
  t.match(hostile.chunks.at(-1), /WARN: http cannot listen · port 2020\n {4}in use\n {4}free the address\n$/, 'what to do comes last')
  log.warn({ lookAt: 'the file.', signal: 'full', means: 'It is full.' }, 'trouble')
  t.match(hostile.chunks.at(-1), /trouble · signal full\n {4}It is full\.\n {4}the file\.\n$/)
  const coloured = sink(true)
  createLogger({ level: 'info', stream: coloured.stream, pretty }).info('delivery paused')
  t.match(coloured.chunks.join(''), '\u001b[32mINFO')
})

t.test('a reader that stops costs lines, never memory or a wait, and is told how many', async t => {
  const { stream, chunks, stick, read } = sink(false)
  const log = createLogger({ level: 'info', stream })
  stick()
  const padding = 'x'.repeat(10_000)
  for (let index = 0; index < 500; index++) log.info({ padding }, 'state changed')
  t.ok(stream.writableLength < 1.1 * 1024 * 1024, `${stream.writableLength} bytes wait`)
  read()
  await new Promise(resolve => setImmediate(resolve))
  log.info('after')
  const kept = chunks.map(chunk => JSON.parse(chunk) as { msg: string, lines?: number })
  const told = kept.at(-1)
  t.match(told, { level: 'warn', msg: 'lines of this log were lost: its reader had stopped' })
  t.equal(kept.filter(({ msg }) => msg === 'state changed').length + (told?.lines ?? 0), 500)
})

t.test('a reader that is gone does not end the process', async t => {
  const stream = new Writable({
    write (_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  const log = createLogger({ level: 'info', stream })
  log.info('one')
  await new Promise(resolve => setImmediate(resolve))
  t.doesNotThrow(() => log.info('two'))
})
