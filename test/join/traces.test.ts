import fc from 'fast-check'
import t from 'tap'
import { createTraceJoiner, type TraceJoinerOptions } from '../../src/join/traces.ts'
import { createRecord, stream, type LogRecord, type Stream } from '../../src/contracts/record.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { fixture, latin1Lines } from '../support/lines.ts'

interface From { readonly container?: string, readonly stream?: Stream, readonly timeMs?: number }

function setUp ({ hasXdebug = false, ...limits }: Partial<TraceJoinerOptions> & { hasXdebug?: boolean } = {}) {
  const ledger = new Ledger()
  const metrics = new Metrics()
  const received = ledger.counter('received', 'test')
  const delivered = ledger.counter('delivered', 'test')
  const clock = { nowMs: 1_000_000, monotonicMs: () => clock.nowMs }
  const emitted: { text: string, timeMs: number, container: string, stream: Stream }[] = []
  const emit = ({ bytes, start, end, timeMs, container, stream }: LogRecord) => {
    delivered.value++
    emitted.push({ text: bytes.toString('latin1', start, end), timeMs, container, stream })
  }
  const joiner = createTraceJoiner({
    maxBytes: 1024 * 1024,
    maxLineCount: 1000,
    maxQuietMs: 1000,
    maxAgeMs: 5000,
    maxOpenCount: 64,
    maxTotalBytes: 16 * 1024 * 1024,
    clock,
    emit,
    ledger,
    metrics,
    ...limits,
  })
  ledger.addPending('traces', () => joiner.pendingCount)
  // Eight errors without frames of Xdebug: nothing is held for those any more.
  for (const place of hasXdebug ? [] : [{}, { container: 'other' }, { stream: stream.stdout }]) {
    for (let count = 0; count <= 8; count++) {
      const bytes = Buffer.from('PHP Warning:  x in /a.php on line 1')
      received.value++
      const record = { ...createRecord(), bytes, end: bytes.length, timeMs: 1, stream: stream.stderr, container: 'web', ...place }
      if (joiner.add(record)) emit(record)
    }
  }
  joiner.flush()
  emitted.length = 0
  return {
    ledger,
    joiner,
    clock,
    emitted,
    texts: () => emitted.map(({ text }) => text),
    cut: (reason: string) => metrics.counter('sluice_joins_cut_total', 'trace', reason).value,
    joined: () => ledger.counter('joined', 'trace').value,
    add (lines: string | readonly string[], from: From = {}) {
      for (const line of typeof lines === 'string' ? [lines] : lines) {
        received.value++
        const bytes = Buffer.from(`<${line}>`, 'latin1')
        const record = {
          ...createRecord(), bytes, start: 1, end: bytes.length - 1, timeMs: 1, stream: stream.stderr, container: 'web', ...from,
        }
        if (joiner.add(record)) emit(record)
        // What was handed over is a view: its memory changes afterwards.
        bytes.fill('!')
      }
    },
  }
}

const php = '[24-Nov-2026 04:37:30 Asia/Tokyo] '
const apache = '[Mon Nov 23 19:36:29.437756 2026] [php:notice] [pid 1:tid 1] [client ::1:2] x'
const said = (pid: number, body: string) =>
  `[23-Nov-2026 19:38:39] WARNING: [pool www] child ${pid} said into stderr: "${body}"`
const uncaught = [
  'PHP Fatal error:  Uncaught InvalidArgumentException: cURL error 28 in /app/a.php:5',
  'Stack trace:',
  '#0 /app/a.php(4): App\\Gateway->http(\'https://pay.exa...\')',
  '#1 {main}',
  '',
  'Next App\\PaymentException: Charge failed for "order #42":',
  '  amount=1999',
  'reason: none in /app/a.php:4',
  'Stack trace:',
  '#0 {main}',
  '  thrown in /app/a.php on line 4',
]
const monolog = [
  '[2026-11-23T10:00:00.123456+00:00] app.ERROR: boom {"exception":"[object] (RuntimeException(code: 0): a [b] at /x.php:3)',
  '[stacktrace]',
  '#0 /app/index.php(12): App->run()',
  '[previous exception] [object] (LogicException(code: 0): c at /y.php:3)',
  '[stacktrace]',
  '#0 {main}',
  '"} []',
]
const withFirst = (prefix: string, [first = '', ...rest]: readonly string[]) => [prefix + first, ...rest]

t.test('of every genuine capture each trace is one record, and nothing is lost', async t => {
  const part = /^(?:[^"]*said into stderr: ")?(?:Stack trace:|#\d+ |\s|Next |"\}|\[stacktrace\])/
  const table = [
    // file, lines, records, records of several lines, longest in lines
    ['apache-modphp/stderr.log', 422, 382, 10, 5],
    ['php-fpm/apache-stderr.log', 130, 130, 0, 1],
    ['php-fpm/fpm-stderr.log', 1221, 622, 50, 100],
  ] as const
  for (const [file, lines, records, several, longest] of table) {
    const { add, joiner, texts, ledger, joined } = setUp()
    const input = latin1Lines(fixture(file))
    add(input)
    joiner.flush()
    const counts = texts().map(text => text.split('\n').length)
    t.same([input.length, counts.length, counts.filter(count => count > 1).length, Math.max(...counts)],
      [lines, records, several, longest], file)
    t.equal(joined(), lines - records, file)
    t.ok(ledger.snapshot().isBalanced)
    t.same(texts().filter(text => part.test(text)), [], 'no part of a trace stands alone')
    const body = (text: string) => text.replace(/^\[[^"]*said into std(?:err|out): "(.*)"$/s, '$1')
    const letters = (all: readonly string[]) => all.map(body).join('').replaceAll('\n', '').length
    t.equal(letters(texts()), letters(input), 'every byte is there')
  }
})

t.test('a context that goes on behind its trace is one record, whatever stands there', async t => {
  const frames = ['[stacktrace]', '#0 {main}']
  for (const lines of [
    [monolog[0] ?? '', ...frames, '","userId":3} {"uid":"abc"}'],
    ['[2026-11-23 10:00:00] local.ERROR: x {"exception":"[object] (E(code: 0): x at /a.php:3)', ...frames, '","userId":3} '],
    [monolog[0] ?? '', ...frames, '","previous":"[object] (E(code: 0): two', 'lines at /a.php:3)', ...frames, '","list":[1]} []'],
  ]) {
    const { add, texts } = setUp()
    add(lines)
    t.same(texts(), [lines.join('\n')])
  }
})

t.test('JSON of an API within a message stays there; JSON of a logger goes its own way', async t => {
  const answer = '{"error":{"code":400}}'
  const logged = '{"level":"error","message":"x"}'
  const [first = '', ...rest] = uncaught
  const { add, texts, joiner } = setUp()
  add([`${php}PHP Fatal error:  Uncaught E: response:`, answer, logged, ' in /a.php:5', ...rest])
  const context = ['[2026-11-23 10:00:00] local.ERROR: response:', answer, ' {"exception":"[object] (E(code: 0): response:', answer,
    ' at /a.php:3)', '[stacktrace]', '#0 {main}', '"} ']
  add(context)
  add([first, answer])
  joiner.flush()
  t.same(texts(), [logged, [`${php}PHP Fatal error:  Uncaught E: response:`, answer, ' in /a.php:5', ...rest].join('\n'),
    context.join('\n'), `${first}\n${answer}`])
})

t.test('a record with a date takes its trace and no text', async t => {
  const yii = ['2026-11-23 10:00:00 [::1][-][-][error][E:8] E: x in /a.php:12', 'Stack trace:', '#0 /y.php(5): f()', '#1 {main}']
  const { add, texts, joiner } = setUp()
  add([...yii, 'text', ...yii])
  joiner.flush()
  t.same(texts(), [yii.join('\n'), 'text', yii.join('\n')])
})

t.test('what a child of php-fpm writes to the stream itself is joined as what it reports', async t => {
  const { add, texts, joiner } = setUp()
  const lines = withFirst(php, uncaught)
  const odd = [`${php}PHP Fatal error:  Uncaught E: a`, 'ERROR: relation', '[1] b in /a.php:3', '  thrown in /a.php on line 3']
  lines.forEach((line, index) => add([said(7, line), ...odd.slice(index, index + 1).map(each => said(8, each))]))
  joiner.flush()
  t.same(texts(), [said(8, odd.join('\n')), said(7, lines.join('\n'))])
})

t.test('of genuine Monolog records and php-fpm\'s own log each is one record', async t => {
  for (const [file, counts] of [['monolog.log', [18, 18, 18]], ['fpm-own-log.log', [20]]] as const) {
    const { add, texts, joiner, cut } = setUp()
    add(latin1Lines(fixture(`error-formats/${file}`)))
    joiner.flush()
    t.same(texts().map(text => text.split('\n').length), counts, file)
    t.equal(cut('stop'), 0)
  }
})

t.test('a chained exception is one record, at once, on each way that it can come', async t => {
  const ways: Readonly<Record<string, readonly string[]>> = {
    direct: withFirst(php, uncaught),
    undecorated: withFirst('NOTICE: PHP message: ', uncaught),
    'without a prefix': uncaught,
  }
  for (const [way, lines] of Object.entries(ways)) {
    const { add, texts, joined, joiner, cut } = setUp()
    add(lines)
    t.same(texts(), [lines.join('\n')], way)
    t.equal(joined(), lines.length - 1)
    t.equal(joiner.pendingCount, 0)
    t.equal(cut('time'), 0)
  }
  const { add, texts } = setUp()
  add(withFirst('NOTICE: PHP message: ', uncaught).map(line => said(7, line)))
  t.same(texts(), [said(7, `NOTICE: PHP message: ${uncaught.join('\n')}`)], 'one decoration is left')
})

t.test('an exception of Monolog is one record that ends where its context closes', async t => {
  const { add, texts } = setUp()
  add(monolog)
  add(withFirst('NOTICE: PHP message: ', monolog).map(line => said(7, line)))
  t.same(texts(), [monolog.join('\n'), said(7, `NOTICE: PHP message: ${monolog.join('\n')}`)])
})

t.test('traces of children that write at the same time come out whole', async t => {
  const { add, texts } = setUp()
  const lines = withFirst('NOTICE: PHP message: ', uncaught)
  for (const line of lines) {
    for (const pid of [1, 2, 3]) add(said(pid, line.replace('cURL', `cURL${pid}`)))
    add(apache)
  }
  t.same(texts().filter(text => text !== apache),
    [1, 2, 3].map(pid => said(pid, lines.join('\n').replace('cURL', `cURL${pid}`))))
  t.equal(texts().filter(text => text === apache).length, lines.length)
})

t.test('lines between the lines of a trace pass by it', async t => {
  const between = [
    apache,
    'AH00558: apache2: Could not reliably determine the server\'s name',
    '(98)Address already in use: AH00072: make_sock: could not bind',
    '[23-Nov-2026 19:38:36] NOTICE: ready to handle connections',
    '- -  23/Nov/2026:19:38:38 +0000 "GET /redirect.php" 302',
    '[app] direct php://stderr write',
    said(9, '[app] a line of another child'),
  ]
  const { add, texts } = setUp()
  const lines = withFirst(php, uncaught)
  for (const line of lines) add([line, ...between])
  t.same(texts().filter(text => !between.includes(text)), [lines.join('\n')])
  t.equal(texts().length, 1 + lines.length * between.length)
})

t.test('a line that is complete by itself is never held', async t => {
  for (const line of [
    apache,
    'AH00558: apache2: x',
    '[23-Nov-2026 19:38:36] NOTICE: fpm is running, pid 1',
    `${php}PHP Warning:  Undefined variable $x in /app/a.php on line 3`,
    said(7, 'NOTICE: PHP message: PHP Notice:  x in /app/a.php on line 3'),
    said(7, '{"level":"ERROR","message":"x"}'),
    '{"level":"ERROR","message":"x"}',
    '[2026-11-23T10:00:00+00:00] app.ERROR: done {"a":1} []',
    'some text of no known kind',
    'PHP Fatal error:  Uncaught E: x in /a.php:1\\nStack trace:\\n#0 {main}\\n  thrown in /a.php on line 1',
    '',
    '  indented',
    '- -  23/Nov/2026:19:38:38 +0000 "GET /redirect.php" 302',
  ]) {
    const { add, texts, joiner } = setUp()
    add(line)
    t.same([texts(), joiner.pendingCount], [[line], 0], line)
  }
})

t.test('what may go on is held for one second of quiet, and that is no cut', async t => {
  for (const lines of [
    [`${php}a plain message`],
    [`${php}first line`, 'second line', '', '    indented'],
    ['PHP Fatal error:  Maximum execution time of 1 second exceeded in /app/a.php on line 1'],
    ['App\\BoomException: boom in /app/a.php:3', 'Stack trace:', '#0 {main}'],
    ['Stack trace:', '#0 /app/a.php(3): f()', '#1 {main}'],
    ['[23-Nov-2026 19:38:42]  [pool www] pid 24505', 'script_filename = /a.php', '[0x00007fca38613070] usleep() /a.php:1'],
    [said(7, '[2026-11-23 10:00:00] local.INFO: a line of Laravel')],
  ]) {
    const { add, texts, joiner, clock, cut } = setUp()
    add(lines)
    clock.nowMs += 999
    joiner.tick()
    t.same(texts(), [], lines.join())
    clock.nowMs += 1
    joiner.tick()
    t.same(texts(), [lines.join('\n')])
    t.equal(cut('time'), 0)
  }
})

t.test('a fatal error takes the trace that newer versions of PHP write, and nothing else', async t => {
  const fatal = 'PHP Fatal error:  Maximum execution time of 1 second exceeded in /app/a.php on line 1'
  const { add, texts } = setUp()
  add([fatal, 'a stray line', 'Stack trace:', '#0 /app/a.php(1): f()', '#1 {main}'])
  t.same(texts(), ['a stray line', [fatal, 'Stack trace:', '#0 /app/a.php(1): f()', '#1 {main}'].join('\n')])
})

t.test('an error with newlines in its message ends with its line number', async t => {
  const { add, texts } = setUp()
  add([`${php}PHP Notice:  user notice with`, 'newline in /app/a.php on line 2', 'another line'])
  t.same(texts(), [`${php}PHP Notice:  user notice with\nnewline in /app/a.php on line 2`, 'another line'])
})

t.test('a header always begins a record, and ends the open one of its writer', async t => {
  const { add, texts } = setUp()
  add([`${php}one`, `${php}two`, said(1, 'NOTICE: PHP message: three'), said(2, 'NOTICE: PHP message: four')])
  t.same(texts(), [`${php}one`])
  add(said(1, 'NOTICE: PHP message: PHP Warning:  five in /a.php on line 1'))
  t.same(texts().slice(1), [said(1, 'NOTICE: PHP message: three'),
    said(1, 'NOTICE: PHP message: PHP Warning:  five in /a.php on line 1')], 'in order')
})

t.test('pieces that php-fpm cut at its limit are one line again', async t => {
  const limit = 1024
  const message = `NOTICE: PHP message: ${'日本語'.repeat(500)}`
  const room = limit - 1 - said(7, '').length
  const bytes = Buffer.from(message).toString('latin1')
  const { add, joiner, texts, joined } = setUp()
  const pieces: string[] = []
  for (let at = 0; at < bytes.length; at += room) pieces.push(said(7, bytes.slice(at, at + room)))
  t.ok(pieces.length > 3)
  for (const piece of pieces) add([piece, said(8, 'another child')])
  add(said(7, 'second line'))
  joiner.flush()
  t.same(texts().filter(text => !text.includes('another child')), [said(7, `${bytes}\nsecond line`)])
  t.equal(joined(), pieces.length)

  const raw = setUp()
  raw.add([said(7, `{"a":"${'x'.repeat(room - 6)}`), said(7, 'y"}'), said(7, '{"b":1}')])
  t.same(raw.texts(), [said(7, `{"a":"${'x'.repeat(room - 6)}y"}`), said(7, '{"b":1}')])
})

t.test('containers and streams are kept apart, and the time is that of the first line', async t => {
  const { add, emitted } = setUp()
  const lines = withFirst(php, uncaught)
  const places = [{}, { container: 'other' }, { stream: stream.stdout }]
  for (const [index, line] of lines.entries()) for (const place of places) add(line, { timeMs: index, ...place })
  t.same(emitted, places.map(place => ({ text: lines.join('\n'), timeMs: 0, container: 'web', stream: stream.stderr, ...place })))
})

t.test('lines that were written more than a second apart are no record, however they arrive', async t => {
  const { add, texts } = setUp()
  add(`${php}plain`, { timeMs: 1000 })
  add('much later', { timeMs: 2001 })
  t.same(texts(), [`${php}plain`, 'much later'])
})

t.test('every bound ends a record early, is counted, and loses nothing', async t => {
  const lines = [`${php}PHP Fatal error:  Uncaught E: x in /a.php:1`, 'Stack trace:',
    ...Array.from({ length: 20 }, (_, index) => `#${index} /a.php(${index}): f()`)]
  const bounds: readonly (readonly [string, Partial<TraceJoinerOptions>, number])[] = [
    ['lines', { maxLineCount: 6 }, 4], ['bytes', { maxBytes: 150 }, 4], ['memory', { maxTotalBytes: 2000 }, 3],
  ]
  for (const [reason, limits, records] of bounds) {
    const { add, joiner, texts, cut, ledger } = setUp(limits)
    add(lines)
    joiner.flush()
    t.equal(texts().join('\n'), lines.join('\n'), reason)
    t.equal(texts().length, records, reason)
    t.equal(cut(reason), records - 1, reason)
    t.ok(ledger.snapshot().isBalanced)
  }
  const many = setUp({ maxOpenCount: 2, hasXdebug: true })
  for (const pid of [1, 2, 3]) many.add(said(pid, 'NOTICE: PHP message: x'))
  t.same([many.texts(), many.cut('count')], [[said(1, 'NOTICE: PHP message: x')], 1])
  const old = setUp()
  old.add(lines[0] ?? '')
  for (let count = 0; count < 10; count++) {
    old.clock.nowMs += 500
    old.add('more of the message')
    old.joiner.tick()
  }
  t.same([old.texts().length, old.cut('age')], [1, 1])
  const stopped = setUp()
  stopped.add(lines)
  stopped.joiner.flush()
  t.same([stopped.texts(), stopped.cut('stop')], [[lines.join('\n')], 1])
  const silent = setUp()
  silent.add(lines)
  silent.clock.nowMs -= 60_000
  silent.joiner.tick()
  t.same([silent.texts(), silent.cut('time')], [[lines.join('\n')], 1], 'also when the clock is set back')
})

t.test('any lines in any order come out exactly once, in order for each child', async t => {
  const parts = [...uncaught, ...monolog, 'text', 'PHP Notice:  x', 'x in /a.php on line 2', '{"a":1}', apache, '',
    'AH00526: Syntax error on line 12 of /etc/x:', 'x'.repeat(1023), 'PHP Stack trace:', 'PHP   1. {main}() /a.php:0']
  const line = fc.record({
    part: fc.constantFrom(...parts),
    pid: fc.constantFrom(0, 0, 1, 2),
    prefix: fc.constantFrom('', '', php, 'NOTICE: PHP message: '),
    waitMs: fc.constantFrom(0, 0, 0, 0, 600),
  })
  fc.assert(fc.property(fc.array(line, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (lines, maxLineCount) => {
    const { add, joiner, texts, ledger, clock } = setUp({ maxLineCount, maxOpenCount: 2 })
    for (const [index, { part, pid, prefix, waitMs }] of lines.entries()) {
      clock.nowMs += waitMs
      const text = `${prefix}${part}~${pid}.${index}~`
      add(pid === 0 ? text : said(pid, text))
      joiner.tick()
      if (!ledger.snapshot().isBalanced) return false
    }
    joiner.flush()
    const seen = texts().map(text => [...text.matchAll(/~(\d)\.(\d+)~/g)]
      .map(([, pid, index]) => [Number(pid), Number(index)] as const))
    const all = seen.flat().map(([, index]) => index)
    const isOnce = all.length === lines.length && new Set(all).size === lines.length
    const isOrdered = seen.every(record => record.every(([pid, index], at) =>
      at === 0 || (record[at - 1]?.[0] === pid && (record[at - 1]?.[1] ?? 0) < index)))
    const ofChild = (pid: number) => seen.flat().filter(([each]) => each === pid).map(([, index]) => index)
    return isOnce && isOrdered && joiner.pendingCount === 0 &&
      [1, 2].every(pid => ofChild(pid).length === lines.filter(each => each.pid === pid).length)
  }), { numRuns: 300 })
})

t.test('any bytes come out as they came', async t => {
  const bytes = fc.uint8Array({ maxLength: 60 }).map(each => Buffer.from(each).toString('latin1').replaceAll('\n', ' '))
  const line = fc.oneof(bytes, fc.constantFrom(...uncaught, ...monolog))
  fc.assert(fc.property(fc.array(line, { maxLength: 40 }), lines => {
    const { add, joiner, texts } = setUp()
    add(lines)
    joiner.flush()
    const sorted = (all: readonly string[]) => JSON.stringify(all.join('\n').split('\n').sort())
    return sorted(texts()) === sorted(lines)
  }), { numRuns: 300 })
})

t.test('traces whose time is over wait while there is no room, and go when there is; a stop waits for none', async t => {
  let roomCount = 0
  const { joiner, add, clock, texts, ledger } = setUp({ hasRoom: () => roomCount-- > 0 })
  for (const container of ['a', 'b', 'c', 'd']) add(`PHP Fatal error:  Uncaught ${container} in /a.php:2`, { container })
  clock.nowMs += 60_000
  joiner.tick()
  t.same([texts().length, joiner.pendingCount], [0, 4])
  roomCount = 2
  joiner.tick()
  t.same([texts().length, joiner.pendingCount], [2, 2])
  t.ok(joiner.heldBytes > 2)
  joiner.flush()
  t.same([texts().length, joiner.pendingCount, joiner.heldBytes], [4, 0, 0])
  t.ok(ledger.snapshot().isBalanced)
})

t.test('blank lines that wait take memory as any others do: what is too much of a record ends it', async t => {
  const { add, joiner, ledger, cut } = setUp({ maxBytes: 100_000, maxTotalBytes: 1_000_000 })
  add(['PHP Fatal error:  Uncaught E: x in /a.php:1', 'Stack trace:', '#0 /a.php(3): f()'])
  let mostBytes = 0
  for (let count = 0; count < 200; count++) {
    add(' '.repeat(30_000))
    mostBytes = Math.max(mostBytes, joiner.heldBytes)
  }
  t.ok(mostBytes > 30_000 && mostBytes < 200_000, `${mostBytes} bytes`)
  t.ok(cut('bytes') > 0)
  joiner.flush()
  t.equal(joiner.heldBytes, 0)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('what is held counts as the memory that it takes, and none is left of it in the end', async t => {
  const { add, joiner } = setUp()
  const lines = ['NOTICE: PHP message: PHP Fatal error:  Uncaught E: x in /a.php:1', 'Stack trace:', ...Array.from({ length: 300 }, (_, index) => `#${index} /a.php(3): f()`)]
  for (const [count, line] of lines.entries()) {
    add(line)
    t.ok(joiner.heldBytes >= lines.slice(0, count + 1).join('\n').length)
  }
  joiner.flush()
  t.equal(joiner.heldBytes, 0)
})

const shown = ['Warning: message over', 'several lines in /app/a.php on line 2']

t.test('an error that PHP shows as text is one record once its last line proves it', async t => {
  for (const lines of [shown, ['Notice: three', '', 'lines with blank', '  indented in /app/a.php on line 3'], ['Parse error: x', 'y in phar:///app/a.phar/b.php on line 3']]) {
    const { add, texts, joined, ledger } = setUp()
    add(lines, { stream: stream.stdout })
    t.same(texts(), [lines.join('\n')])
    t.equal(joined(), lines.length - 1)
    t.ok(ledger.snapshot().isBalanced)
  }
})

t.test('lines of an application that begin like one stay lines, in their order and with their times', async t => {
  for (const others of [
    ['Warning: cache is cold', 'and stays so', '', 'done on line 3'],
    ['Warning: cache is cold', 'and stays so', 'read in a.txt on line 3'],
    ['Warning: a', 'Warning: b', 'c'],
    ['Warning: a', 'b', '[app] tagged', 'c in /app/a.php on line 3'],
    ['Warning: a', 'b', 'RuntimeException: x in /b.php:3', 'c in /app/a.php on line 3'],
    ['Warning: a', 'b', 'PHP Warning:  c in /app/a.php on line 3'],
    ['Warning: a', 'b', '127.0.0.1 - - [23/Nov/2026:19:34:38 +0000] "GET / HTTP/1.1" 200 1', 'c in /app/a.php on line 3'],
    ['Warning: a', ...Array.from({ length: 64 }, (_, index) => `text ${index}`), 'c in /app/a.php on line 3'],
  ]) {
    const { add, emitted, joiner, joined, ledger } = setUp()
    for (const [timeMs, line] of others.entries()) add(line, { timeMs })
    joiner.flush()
    t.same(emitted.map(({ text, timeMs }) => [text, timeMs]), others.map((line, timeMs) => [line, timeMs]))
    t.equal(joined(), 0)
    t.ok(ledger.snapshot().isBalanced)
  }
})

t.test('what an error shown as text might be is let go of when its time is over, and cut short by every bound', async t => {
  const late = setUp()
  late.add(['Warning: a', 'b'])
  late.clock.nowMs += 1000
  late.joiner.tick()
  late.add('c in /app/a.php on line 3')
  t.same(late.texts(), ['Warning: a', 'b', 'c in /app/a.php on line 3'])
  t.equal(late.cut('time'), 0)
  for (const limits of [{ maxLineCount: 2 }, { maxBytes: 20 }, { maxTotalBytes: 300 }, { mayBeFiltered: () => true }]) {
    const { add, texts, joiner, ledger } = setUp(limits)
    add(['Warning: a', 'b', 'c in /app/a.php on line 3', 'd in /app/a.php on line 3'])
    joiner.flush()
    t.same(texts(), ['Warning: a', 'b', 'c in /app/a.php on line 3', 'd in /app/a.php on line 3'], JSON.stringify(limits))
    t.ok(ledger.snapshot().isBalanced)
  }
})

t.test('within a message that is open, what begins like an error shown as text is text as before', async t => {
  const { add, texts, joiner } = setUp()
  add(['PHP Warning:  query', 'Warning: x', 'y in /app/a.php on line 3', 'PHP Fatal error:  Uncaught E: x in /a.php:3', 'Stack trace:', '#0 /a.php(3): f()', 'Warning: x', '#1 {main}', '  thrown in /a.php on line 3'])
  joiner.flush()
  t.same(texts(), ['PHP Warning:  query\nWarning: x\ny in /app/a.php on line 3', 'Warning: x', 'PHP Fatal error:  Uncaught E: x in /a.php:3\nStack trace:\n#0 /a.php(3): f()\n#1 {main}\n  thrown in /a.php on line 3'])
})

t.test('the frames of Xdebug follow an error that PHP shows as text over several lines', async t => {
  const { add, texts, joiner } = setUp({ hasXdebug: true })
  const lines = [...shown, '', 'Call Stack:', '    0.0003     393408   1. {main}() /app/a.php:0']
  add(lines)
  joiner.flush()
  t.same(texts(), [lines.join('\n')])
})

t.test('what Apache cut is whole: nobody else\'s line is joined to it, by an ErrorLogFormat of the message alone', async t => {
  const lines = latin1Lines(fixture('one-stream/apache-cut-messages.log')).flatMap(line => [line, 'order 42 refused'])
  const { add, texts, joiner } = setUp()
  add(lines)
  joiner.flush()
  t.same(texts(), lines)
})
