import t from 'tap'
import { EventReader } from '../../src/cli/tail/events.ts'
import { harmlessJson, tailText } from '../../src/cli/tail/line-text.ts'
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
    const reader = new EventReader()
    t.same([...reader.read(text.slice(0, at)), ...reader.read(text.slice(at))],
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

t.test('it says in one line why it cannot show anything', async t => {
  const run = async (url: string | undefined, env: Record<string, string> = {}) => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const values = { config: undefined, url, class: undefined, level: undefined, grep: undefined, json: false }
    const io = { env, stdin: new PassThrough(), stdout, stderr, readFile: () => { throw Object.assign(new Error('none'), { code: 'ENOENT' }) } }
    const code = await runTail(io, values, new AbortController().signal)
    return `${code} ${String(stderr.read())}`
  }
  t.match(await run('http://127.0.0.1:1'), /^1 sluice tail: nothing listens at 127\.0\.0\.1:1: start Sluice, or name its address with --url\n/)
  t.match(await run('https://127.0.0.1:1'), /^64 sluice tail: --url: expected http:/)
  t.match(await run(undefined, { SLUICE_HTTP: 'off' }), /^1 sluice tail: http is off/)
})
