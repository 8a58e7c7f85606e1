import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createNetServer, type AddressInfo, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { createEventReader } from '../../src/cli/tail/events.ts'
import { harmlessJson, tailText } from '../../src/cli/tail/line-text.ts'
import { askForTail } from '../../src/cli/tail/answer.ts'
import { runTail } from '../../src/cli/tail.ts'
import type { TailLine } from '../../src/contracts/tail.ts'
import { PassThrough } from 'node:stream'

const line: TailLine = {
  time: '2026-01-02T03:04:05.678Z',
  container: 'web',
  stream: 'stderr',
  class: 'error',
  level: 'warn',
  rule: 'stderr',
  filter: undefined,
  repairs: [],
  redactions: [],
  reason: undefined,
  route: 'error',
  isAccepted: true,
  failed: undefined,
  line: 'PHP Warning',
  bytes: 11,
  joined: 0,
  fields: undefined,
  delivered: [],
  deliveredBytes: 0,
}

t.test('events are read however they are cut', async t => {
  const text = ': alive\n\nevent: line\ndata: {"a":1}\n\nevent: missed\ndata: 3\n\n'
  for (let at = 0; at <= text.length; at++) {
    const eventsOf = createEventReader()
    t.same([...eventsOf(text.slice(0, at)), ...eventsOf(text.slice(at))],
      [{ name: 'line', data: '{"a":1}' }, { name: 'missed', data: '3' }], `cut at ${at}`)
  }
})

t.test('what a line holds does not act on a terminal, as text and as JSON', async t => {
  const hostile = '\u001b[2J\u009b2J\u202e\n\r\u2028x'
  // Control characters are what it looks for.
  // eslint-disable-next-line no-control-regex
  const acts = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]/
  const text = tailText({ ...line, line: hostile, container: hostile }, (_format, word) => word)
  t.notMatch(text, acts)
  t.equal(text.split('\n').length, 2, 'one line')
  const json = harmlessJson(JSON.stringify({ line: hostile }))
  t.notMatch(json, acts)
  t.same(JSON.parse(json), { line: hostile })
})

t.test('lines that were joined stay one line, and are told apart', async t => {
  const trace = { ...line, line: 'PHP Fatal error\nStack trace:\n#0 {main}', joined: 2 }
  t.match(tailText(trace, (_format, word) => word), 'warn PHP Fatal error ⏎ Stack trace: ⏎ #0 {main} (3 lines)\n')
})

t.test('the level has its colour', async t => {
  const text = (differs: Partial<TailLine>) => tailText({ ...line, ...differs }, (format, word) => format === 'dim' ? word : `<${format} ${word}>`)
  t.equal(text({}), '03:04:05.678 web error <yellow warn> PHP Warning\n')
  t.match(text({ level: 'crit' }), '<red crit>')
  t.match(text({ class: 'access', level: undefined, line: '{"status":502}' }), '<red 502>')
  t.match(text({ filter: 'exclude-pattern' }), 'left out by exclude-pattern')
})

async function run (url: string | undefined, env: Record<string, string> = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const values = { config: undefined, url, class: undefined, level: undefined, grep: undefined, json: false }
  const io = { env, stdin: new PassThrough(), stdout, stderr, readFile: () => { throw Object.assign(new Error('none'), { code: 'ENOENT' }) } }
  const code = await runTail(io, values, new AbortController().signal)
  return `${code} ${String(stderr.read())}`
}

/** Something that listens, and answers whoever connects in its own way. */
async function listening (t: Test, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test('what is no Sluice is told, with what was found and what to do', async t => {
  const html = '<html><head><title>Welcome to nginx!</title></head></html>'
  const httpAnswers: [string, RequestListener, RegExp][] = [
    ['a page', (_request, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end(html), /answered with text\/html, not with lines/],
    ['an answer without a type', (_request, answer) => answer.end(html), /answered with no type of content, not with lines/],
    ['no such page', (_request, answer) => answer.writeHead(404, { 'content-type': 'text/html' }).end(html), /answered 404 with text\/html/],
    ['JSON of somebody else', (_request, answer) => answer.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"no"}'), /answered 404 with application\/json/],
    ['JSON that is nothing', (_request, answer) => answer.writeHead(500, { 'content-type': 'application/json' }).end('null'), /answered 500 with application\/json/],
    ['a redirect', (_request, answer) => answer.writeHead(301, { location: 'https://shop.example/' }).end(), /answered 301/],
    ['a page without end', (_request, answer) => answer.writeHead(404).write('x'.repeat(1_000_000)), /answered 404/],
    ['other events', (_request, answer) => answer.writeHead(200, { 'content-type': 'text/event-stream' }).end('event: line\ndata: hello\n\n'), /sent what is no line/],
    ['events that are no lines', (_request, answer) => answer.writeHead(200, { 'content-type': 'text/event-stream' }).end('event: line\ndata: {}\n\n'), /sent what is no line/],
  ]
  for (const [name, answer, found] of httpAnswers) {
    const server = createHttpServer(answer)
    const words = await run(await listening(t, server))
    server.closeAllConnections()
    t.match(words, found, name)
    t.match(words, /^1 sluice tail: 127\.0\.0\.1:\d+ .*: this is no Sluice with a tail; give --url the address of its setting http \(port 2020\)\n$/, name)
  }
  const others: [string, (socket: Socket) => void, RegExp][] = [
    ['a greeting', socket => socket.end('220 mail.example ESMTP\r\n'), /does not speak HTTP/],
    ['a refusal in bytes', socket => socket.end(Buffer.from('15030300020246', 'hex')), /does not speak HTTP/],
    ['a close', socket => socket.end(), /closed the connection without an answer/],
    ['a reset', socket => socket.once('data', () => socket.resetAndDestroy()), /closed the connection without an answer/],
  ]
  for (const [name, take, found] of others) {
    const words = await run(await listening(t, createNetServer(socket => take(socket.on('error', () => undefined)))))
    t.match(words, found, name)
    t.match(words, /: this is no Sluice with a tail; give --url /, name)
  }
})

t.test('what does not answer, falls silent, or drips, is waited for no longer than a tail may take', async t => {
  const waits = { answerMs: 200, silenceMs: 200 }
  const cases: [string, RequestListener, RegExp][] = [
    ['no answer', () => undefined, /gives no answer within 0\.2 s/],
    ['silence', (_request, answer) => answer.writeHead(200, { 'content-type': 'text/event-stream' }).write(': alive\n\n'), /says nothing for 0\.2 s/],
    ['a drip', (_request, answer) => {
      answer.writeHead(404, { 'content-type': 'text/html' })
      const drip = setInterval(() => answer.write('x'), 20)
      answer.on('close', () => clearInterval(drip))
    }, /answered 404 with text\/html: this is no Sluice/],
  ]
  for (const [name, take, words] of cases) {
    const server = createHttpServer(take)
    const url = new URL(await listening(t, server))
    const asked = askForTail(url, {}, new AbortController().signal, waits)
    await t.rejects(asked.then(answer => answer.toArray()), { message: words }, name)
    server.closeAllConnections()
  }
})

t.test('a Sluice that ends or refuses is told as that', async t => {
  const ends = createHttpServer((_request, answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).end('retry: 2000\n\n: alive\n\n')
  })
  t.match(await run(await listening(t, ends)), /^1 sluice tail: 127\.0\.0\.1:\d+ has ended, or has closed the tail of a slow reader\n$/)
  const breaks = createHttpServer((_request, answer) => {
    answer.writeHead(200, { 'content-type': 'text/event-stream' }).write(': alive\n\n', () => answer.destroy())
  })
  t.match(await run(await listening(t, breaks)), / has ended/)
  const refuses = createHttpServer((_request, answer) => {
    answer.writeHead(503, { 'content-type': 'application/json' }).end('{"error":"too many read\\u001b[2J the tail"}')
  })
  t.match(await run(await listening(t, refuses)), / answered 503: too many read\\x1b\[2J the tail\n$/)
})

t.test('it says in one line why it cannot show anything', async t => {
  t.match(await run('http://127.0.0.1:1'), /^1 sluice tail: nothing listens at 127\.0\.0\.1:1: start Sluice, or name its address with --url\n/)
  t.match(await run('https://127.0.0.1:1'), /^64 sluice tail: --url: expected http:/)
  t.match(await run(undefined, { SLUICE_HTTP: 'off' }), /^1 sluice tail: http is off/)
})
