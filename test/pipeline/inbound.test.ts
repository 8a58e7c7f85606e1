import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import type { Outcome } from '../../src/contracts/outcome.ts'
import { createRecord, linePart, stream, type LogRecord, type Stream } from '../../src/contracts/record.ts'
import { createInbound } from '../../src/pipeline/inbound.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { fixture, latin1Lines } from '../support/lines.ts'
import { recordingLog } from '../support/recording-log.ts'

type Told = Outcome & { readonly numbers: readonly number[] | undefined }

interface World {
  readonly env?: Readonly<Record<string, string>>
  /** Called for each line that reaches a spool. */
  readonly onAppend?: (line: string, isHeld: boolean) => boolean
  readonly joinsHaveRoom?: () => boolean
}

function setUp ({ env = {}, onAppend = () => true, joinsHaveRoom = () => true }: World = {}) {
  const { config } = loadConfig({ env, readFile: () => '' })
  const ledger = new Ledger()
  const metrics = new Metrics()
  const clock = new ManualClock()
  const { log, lines: logged } = recordingLog()
  const written: string[] = []
  const told: Told[] = []
  const inbound = createInbound({
    config,
    routes: routesOf(config),
    enrichment: '',
    appendTo: ({ name }) => {
      const [delivered, dropped] = [ledger.counter('delivered', name), ledger.counter('dropped', name, 'memory')]
      return (_timeMs, _container, bytes, start, end, isHeld) => {
        const line = bytes.toString('utf8', start, end)
        const isTaken = onAppend(line, isHeld)
        if (isTaken) written.push(`${name} ${line}`)
        const counter = isTaken ? delivered : dropped
        counter.value++
        return isTaken
      }
    },
    joinsHaveRoom,
    spool: { isFull: false, whenWritable: async () => {}, stored: async () => true },
    clock,
    ledger,
    metrics,
    log,
    listener: (record, outcome) => { told.push({ ...outcome, numbers: record.numbers }) },
  })
  const acceptor = inbound.acceptor('test')
  const recordOf = (line: string, from: Stream): LogRecord => {
    const bytes = Buffer.from(line)
    return { ...createRecord(), bytes, start: 0, end: bytes.length, stream: from, container: 'web' }
  }
  const accept = (from: Stream, ...lines: readonly string[]) => lines.map(line => acceptor.accept(recordOf(line, from)))
  return { acceptor, accept, recordOf, inbound, ledger, metrics, clock, logged, written, told }
}

const header = '[24-Nov-2026 04:37:30 UTC] PHP Fatal error:  Uncaught E: x in /a.php:2'
const trace = [header, 'Stack trace:', '#0 {main}', '  thrown in /a.php on line 2']

t.test('a trace is one record, whichever stream a logger writes to; access lines never wait for it', async t => {
  const monolog = '[2026-11-23 10:00:00] local.ERROR: x {"exception":"[object] (E(code: 0): b at /x.php:3)'
  const access = ['{"status":200,"path":"/"}', '127.0.0.1 - - [23/Nov/2026:19:34:38 +0000] "GET / HTTP/1.1" 200 1']
  const { accept, told, ledger, inbound } = setUp()
  accept(stream.stderr, ...trace)
  inbound.flush()
  accept(stream.stdout, monolog, ...access, '[stacktrace]', '#0 {main}', '"} []')
  t.same(told.map(({ numbers, class: name, rule }) => [name, rule, numbers]), [
    ['error', 'stderr', [1, 2, 3, 4]],
    ['access', 'access', [6]],
    ['access', 'access-plain', [7]],
    ['error', 'stdout-error', [5, 8, 9, 10]],
  ])
  t.ok(ledger.snapshot().isBalanced)
})

t.test('a line whose stream is not known is never joined', async t => {
  const { accept, told } = setUp()
  accept(stream.none, ...trace)
  t.equal(told.length, 4)
})

t.test('what joins hold is let go of when its time is over, and at the stop', async t => {
  const { accept, inbound, clock, told, ledger } = setUp()
  accept(stream.stderr, header)
  inbound.tick()
  t.same([told.length, ledger.snapshot().pending.total], [0, 1])
  await clock.advance(10_000)
  inbound.tick()
  t.equal(told.length, 1)
  accept(stream.stderr, header)
  inbound.flush()
  t.equal(told.length, 2)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('much that joins hold at the stop is let go of in many turns, so that others have theirs', async t => {
  let nowMs = 0
  const onAppend = () => { nowMs += 4; return true }
  const { accept, inbound, acceptor, recordOf, clock, told, ledger } = setUp({ onAppend })
  Object.assign(clock, { monotonicMs: () => nowMs })
  for (let index = 0; index < 40; index++) acceptor.accept({ ...recordOf(header, stream.stderr), container: `web-${index}` })
  const done = inbound.flushInTurns()
  const before = told.length
  await new Promise(resolve => setImmediate(resolve))
  t.ok(before < 10 && told.length < 20, `${before}, ${told.length}`)
  await done
  t.equal(told.length, 40)
  accept(stream.stderr, header)
  await inbound.flushInTurns()
  t.ok(ledger.snapshot().isBalanced)
})

t.test('who listens is told by the way itself what it did', async t => {
  const { accept, told } = setUp({ env: { SLUICE_ERROR_MIN_LEVEL: 'warn', SLUICE_FILTER_EXCLUDE: 'ELB' } })
  accept(stream.stdout, '{"status":200,"path":"/"}', '{"status":-,"path":"/\\x41"}', '{"status":200,"path":"/', '', 'ELB')
  accept(stream.stderr, '[Mon Nov 23 19:41:53.202944 2026] [core:notice] [pid 1:tid 1] AH00094: x')
  t.match(told, [
    { rule: 'access', class: 'access', route: 'access', filter: undefined, repairs: 0, reason: undefined },
    { rule: 'access-broken', class: 'access', route: 'access', repairs: 5 },
    { rule: 'access-broken', class: 'invalid', route: 'invalid', reason: 'truncated', repairs: 0 },
    { rule: 'empty', class: undefined, filter: 'empty', route: undefined },
    { rule: 'stdout', class: 'app', filter: 'exclude-pattern', route: undefined },
    { rule: 'stderr', class: 'error', filter: 'below-level', route: undefined },
  ])
  t.ok(told.every(({ isAccepted, failed }) => isAccepted && failed === undefined))
})

t.test('a record that makes a stage fail goes on as it came, is counted, and costs its neighbours nothing', async t => {
  const { acceptor, accept, recordOf, told, written, metrics, ledger, logged, inbound } = setUp()
  const broken = (line: string) => {
    const record = recordOf(line, stream.stderr)
    record.bytes.toString = () => { throw new RangeError(`secret of ${line}`) }
    return record
  }
  accept(stream.stderr, header)
  t.equal(acceptor.accept(broken('one')), true)
  t.equal(acceptor.accept(broken('two')), true)
  accept(stream.stderr, ...trace.slice(1))
  inbound.flush()
  t.same(written.slice(0, 2), ['error {"t":0,"c":"web","m":"one"}', 'error {"t":0,"c":"web","m":"two"}'])
  t.same(told.map(({ failed, route }) => [failed, route]), [['join', 'error'], ['join', 'error'], [undefined, 'error']])
  t.equal(metrics.counter('sluice_processing_errors_total', 'join').value, 2)
  t.ok(ledger.snapshot().isBalanced)
  const errors = logged.filter(({ level }) => level === 'error')
  t.equal(errors.length, 1, 'told once')
  t.notMatch(JSON.stringify(errors), /secret/)
})

t.test('the account balances when the last step fails, also within a message that goes in parts', async t => {
  for (const failAt of [1, 2, 3]) {
    let count = 0
    const { accept, ledger, written } = setUp({
      env: { SLUICE_EVENTS_MAX_MESSAGE_BYTES: '1KiB' },
      onAppend: () => {
        if (++count === failAt) throw new Error('the disk is gone')
        return true
      },
    })
    t.same(accept(stream.stderr, 'x'.repeat(3500)), [true])
    t.ok(ledger.snapshot().isBalanced, `failed at ${failAt}`)
    t.equal(written.length, failAt - 1 + 4, 'the whole record follows what had gone ahead')
  }
  const { accept, ledger } = setUp({ onAppend: () => { throw new Error('nothing can be written') } })
  t.same(accept(stream.stderr, 'lost'), [false], 'a chunk with it is not acknowledged')
  t.equal(ledger.counter('dropped', 'error', 'error').value, 1)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('a record that was dropped is not accepted', async t => {
  const { accept, told } = setUp({ onAppend: line => !line.includes('full') })
  t.same(accept(stream.stdout, '{"status":200,"path":"/full"}', '{"status":200,"path":"/"}'), [false, true])
  t.same(told.map(({ isAccepted }) => isAccepted), [false, true])
})

t.test('only what joins let go of, and the rest of a message that has begun, is said to be in memory already', async t => {
  const held: string[] = []
  const onAppend = (line: string, isHeld: boolean) => {
    if (isHeld) held.push(line.replace(/^.*"m":"(.{0,9}).*$/, '$1'))
    return true
  }
  const { accept, acceptor, recordOf, inbound } = setUp({ env: { SLUICE_EVENTS_MAX_MESSAGE_BYTES: '1KiB' }, onAppend })
  accept(stream.stdout, '{"status":200,"path":"/"}', 'plain')
  t.same(held, [])
  accept(stream.stderr, 'x'.repeat(2500))
  t.same(held, ['(2/3) xxx', '(3/3) xxx'])
  const partial = { id: 'a', ordinal: 1, isLast: true }
  acceptor.accept({ ...recordOf('one piece', stream.stderr), partial })
  t.equal(held[2], 'one piece')
  accept(stream.stderr, header)
  inbound.flush()
  t.equal(held.length, 4)
})

t.test('while too much of it waits, joins hold what they have, and lines go their own way; the account balances', async t => {
  let hasRoom = true
  const { accept, acceptor, recordOf, inbound, clock, told, ledger } = setUp({
    joinsHaveRoom: () => hasRoom,
    onAppend: (_line, isHeld) => isHeld,
  })
  accept(stream.stderr, ...trace.slice(0, 2))
  hasRoom = false
  await clock.advance(60_000)
  inbound.tick()
  t.equal(ledger.snapshot().pending.total, 2, 'held')
  const partial = { id: 'a', ordinal: 1, isLast: false }
  t.notOk(acceptor.accept({ ...recordOf('a piece', stream.stdout), partial }), 'what a socket brings ends if there is no room')
  t.same(accept(stream.stderr, header, ...trace.slice(2)), [false, false, false])
  t.match(ledger.snapshot(), { pending: { total: 2 }, dropped: { total: 4 }, isBalanced: true })
  hasRoom = true
  inbound.tick()
  t.match(ledger.snapshot(),
    { pending: { total: 0 }, dropped: { total: 4 }, delivered: { total: 1 }, isBalanced: true })
  t.same(told.at(-1)?.numbers, [1, 2])
  t.equal(inbound.joinedBytes, 0)
})

t.test('health checks are filtered and counted apart, requests are counted, also of plain and repaired lines', async t => {
  const agent = '"user_agent":"ELB-HealthChecker/2.0"'
  const { accept, told, metrics, ledger } = setUp()
  accept(stream.stdout,
    `{"method":"GET","path":"/health","status":200,${agent}}`,
    '{"method":"GET","path":"/","status":200,"user_agent":"\\x41","duration_us":250000}',
    '127.0.0.1 - - [23/Nov/2026:19:34:38 +0000] "POST /a HTTP/1.1" 302 17 "-" "x"',
    '10.0.0.1 - - [23/Nov/2026:19:34:38 +0000] "GET /health HTTP/1.1" 200 17 "-" "ELB-HealthChecker/2.0"',
    `{"method":"GET","path":"/health","status":200,"x":"\\x41",${agent}}`,
    `{"method":"GET","path":"/health","status":503,${agent}}`,
    '{"status":200,"path":"/')
  accept(stream.stderr, '127.0.0.1 -  23/Nov/2026:19:38:39 +0000 "GET /ok.php" 200')
  t.same(told.map(({ filter, class: name }) => filter ?? name),
    ['health-check', 'access', 'access', 'health-check', 'health-check', 'access', 'invalid', 'access'])
  t.equal(ledger.counter('filtered', 'health-check').value, 3)
  t.equal(metrics.counter('sluice_health_checks_total', 'web', '200').value, 3)
  t.same([...metrics.series('sluice_http_requests_total')].map(series => ['value' in series && series.value, ...series.labels]),
    [[2, 'web', 'GET', '200'], [1, 'web', 'POST', '302'], [1, 'web', 'GET', '503']])
  t.equal(metrics.counter('sluice_http_response_bytes_total', 'web').value, 17)
  t.equal(metrics.histogram('sluice_http_request_duration_seconds', 'web').sum, 0.25)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('with health checks kept, they are requests; a pattern that leaves one out has its own name for it', async t => {
  const check = '{"method":"GET","path":"/health","status":200,"user_agent":"ELB-HealthChecker/2.0"}'
  const kept = setUp({ env: { SLUICE_HEALTH_CHECKS_FILTER: 'off' } })
  kept.accept(stream.stdout, check)
  t.equal(kept.told[0]?.filter, undefined)
  t.equal(kept.metrics.counter('sluice_http_requests_total', 'web', 'GET', '200').value, 1)
  const excluded = setUp({ env: { SLUICE_FILTER_EXCLUDE: 'ELB' } })
  excluded.accept(stream.stdout, check)
  t.equal(excluded.told[0]?.filter, 'exclude-pattern')
  t.same([...excluded.metrics.series('sluice_http_requests_total')], [])
})

t.test('a listener that comes later hears from then on, and joins count lines only while there is one', async t => {
  const { accept, told, inbound, acceptor, recordOf } = setUp()
  const heard: [string | undefined, readonly number[] | undefined][] = []
  const stop = inbound.listen((record, outcome) => { heard.push([outcome.class, record.numbers]) })
  const reused = recordOf('one', stream.stdout)
  acceptor.accept(reused)
  stop()
  acceptor.accept(reused)
  t.equal(reused.numbers, undefined, 'nothing is left of a time when somebody listened')
  accept(stream.stdout, 'two')
  inbound.listen((record, outcome) => { heard.push([outcome.class, record.numbers]) })
  accept(stream.stdout, 'three')
  t.same(heard, [['app', [1]], ['app', [2]]])
  t.same(told, [], 'the one before was replaced')
})

t.test('an error that is too long for one record is one error, whatever its parts', async t => {
  const { acceptor, recordOf, inbound, metrics, ledger } = setUp()
  for (const part of [linePart.first, linePart.middle, linePart.last]) {
    acceptor.accept({ ...recordOf('PHP Fatal error:  Uncaught E: boom in /a.php:1', stream.stderr), part })
  }
  inbound.flush()
  const counted = [...metrics.series('sluice_errors_total')].map(series => 'value' in series ? series.value : undefined)
  t.same(counted, [1])
  t.equal(ledger.snapshot().delivered.total, 3)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('signals see what Apache and php-fpm write in their logs where a container has one stream', async t => {
  for (const [name, expected] of [
    ['apache-modphp', { 'child_crashed web': 1, 'php_memory_exhausted web': 1, 'workers_exhausted web': 1 }],
    ['php-fpm', { 'child_crashed web': 1, 'fpm_children_exhausted web': 1, 'php_memory_exhausted web': 1, 'php_time_exceeded web': 1 }],
  ] as const) {
    const { accept, metrics, inbound } = setUp()
    accept(stream.stdout, ...latin1Lines(fixture(`one-stream/${name}.log`)))
    inbound.flush()
    const counted = [...metrics.series('sluice_signals_total')].flatMap(series => 'value' in series && series.value > 0 ? [[series.labels.join(' '), series.value]] : [])
    t.same(Object.fromEntries(counted), expected, name)
  }
})

t.test('a container that the settings name and that nobody hears of is told, when lines of others have come for minutes', async t => {
  const yaml = 'containers: {wbe: {exclude: [a]}}\nrules: [{name: r, when: {container: [dbb, "x*", "~y"]}, unless: {container: web}, filter: true}]'
  const { accept, clock, inbound, logged } = setUp({ env: { SLUICE_CONFIG_YAML: yaml } })
  accept(stream.stdout, 'a line of web')
  inbound.tick()
  t.same(logged, [])
  await clock.advance(300_000)
  inbound.tick()
  t.match(logged, [{ containers: ['wbe', 'dbb'], meant: { wbe: 'web' } }])
})
