import t from 'tap'
import { standardRules } from '../../src/classify/rules.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createRecord, linePart, stream, type LinePart, type Stream } from '../../src/contracts/record.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { createHandlers } from '../../src/pipeline/handlers.ts'
import { createInbound } from '../../src/pipeline/inbound.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { createErrorReading } from '../../src/formats/error-reading.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp (env: Readonly<Record<string, string>> = {}, enrichment = '') {
  const { config } = loadConfig({ env, readFile: () => '' })
  const written: [string, string, string][] = []
  const ledger = new Ledger()
  const metrics = new Metrics()
  const { log, lines } = recordingLog()
  const inbound = createInbound({
    config,
    routes: routesOf(config),
    enrichment,
    appendTo: ({ name }) => (_timeMs, container, bytes, start, end) => {
      written.push([name, container, bytes.toString('utf8', start, end)])
      return true
    },
    spool: { isFull: false, whenWritable: async () => {}, stored: async () => true },
    clock: new ManualClock(),
    ledger,
    metrics,
    log,
  })
  const acceptor = inbound.acceptor('test')
  const take = (line: string, from: Stream = stream.stdout, part: LinePart = linePart.whole) => {
    const bytes = Buffer.from(`<${line}>`)
    acceptor.accept({
      ...createRecord(), bytes, start: 1, end: bytes.length - 1, stream: from, timeMs: 1_795_000_000_123, container: 'web', part,
    })
  }
  return { take, written, ledger, metrics, lines, flush: () => inbound.flush() }
}

t.test('every rule that gives a class has a handler, whose route is of that class', async t => {
  const { config } = loadConfig({ env: {}, readFile: () => '' })
  const handlers = createHandlers({
    config,
    routes: routesOf(config),
    enrichment: '',
    appendTo: () => () => true,
    ledger: new Ledger(),
    reading: createErrorReading(),
    reasonOf: () => 'syntax',
    cutOf: () => '',
  })
  for (const rule of standardRules) {
    if (rule.class !== undefined) t.equal(handlers.of(rule).outlets.of('web').route.class, rule.class, rule.name)
  }
  t.throws(() => handlers.of({ name: 'no-such-rule', class: 'app' }), TypeError)
})

t.test('each kind of line goes its way, as its destination wants it', async t => {
  const { take, written } = setUp()
  const access = '{"status":200,"path":"/"}'
  take(access)
  take('{"status":200,"path":"/\\xe3\\x81\\x82","user":""""}')
  take('{"status":200,"path":"/')
  take('10.0.0.1 - - [23/Nov/2026:10:00:00 +0900] "GET / HTTP/1.1" 200 12')
  take('hello')
  take('{"level":"INFO"}')
  take('of no stream', stream.none)
  take('oops', stream.stderr)
  t.match(written, [
    ['access', '', access],
    ['access', '', '{"status":200,"path":"/あ","user":""}'],
    ['invalid', '', /^\{"time":"2026-.*Z","raw":"\{\\"status\\":200,\\"path\\":\\"\/","reason":"truncated"\}$/],
    ['access', '', /^\{"time":"2026-11-23T10:00:00\+09:00","remote_ip":"10.0.0.1".*"status":200,"bytes":12.*\}$/],
    ['app', '', /^\{"time":".*","container":"web","stream":"stdout","log":"hello"\}$/],
    ['app', '', '{"level":"INFO"}'],
    ['app', '', /"container":"web","log":"of no stream"/],
    ['error', 'web', '{"t":1795000000123,"c":"web","m":"oops"}'],
  ])
})

t.test('repairs are counted by kind, and what cannot be repaired by reason', async t => {
  const { take, metrics } = setUp()
  const reasons = () => [...metrics.series('sluice_invalid_total')].map(({ labels }) => labels.join())
  t.same(reasons().sort(), ['cut', 'duplicate_key', 'syntax', 'too_deep', 'torn', 'truncated'], 'from 0 on: the first is seen to grow')
  take('{"status":-,"path":"/\\xe3\\x81\\x82"}')
  take('{"status":200,"path":"/a{"status":200,"path":"/b"}')
  t.equal(metrics.counter('sluice_repaired_total', 'bare_value').value, 1)
  t.equal(metrics.counter('sluice_repaired_total', 'hex_escape').value, 1)
  t.equal(metrics.counter('sluice_invalid_total', 'torn').value, 1)
})

t.test('an empty line is filtered by its rule', async t => {
  const { take, written, ledger } = setUp()
  take('')
  t.same(written, [])
  t.equal(ledger.counter('filtered', 'empty').value, 1)
})

t.test('errors below the least level are filtered, those without a level are kept', async t => {
  const { take, written, ledger } = setUp({ SLUICE_ERROR_MIN_LEVEL: 'warn' })
  for (const level of ['notice', 'warn', 'error']) {
    take(`[Mon Nov 23 19:41:53.202944 2026] [core:${level}] [pid 1:tid 1] AH00094: ${level}`, stream.stderr)
  }
  take('no level here', stream.stderr)
  t.equal(ledger.counter('filtered', 'below-level').value, 1)
  t.equal(written.length, 3)
})

t.test('the second report of an error by php-fpm is filtered where it is asked for', async t => {
  const duplicates = [
    'NOTICE: PHP message: PHP Warning:  Undefined variable $x in /a.php on line 3',
    '[Mon Nov 23 19:41:53.202944 2026] [proxy_fcgi:error] [pid 1:tid 1] [client 127.0.0.1:1] AH01071: Got error ' +
      "'PHP message: PHP Warning:  Undefined variable $x in /a.php on line 3'",
  ]
  for (const [fpmDuplicates, kept] of [['keep', 2], ['drop', 1]] as const) {
    const { take, written, ledger, flush } = setUp({ SLUICE_ERROR_FPM_DUPLICATES: fpmDuplicates })
    for (const line of duplicates) take(line, stream.stderr)
    flush()
    t.equal(written.length, kept, fpmDuplicates)
    t.equal(ledger.counter('filtered', 'fpm-twin').value, 2 - kept, fpmDuplicates)
  }
})

t.test('the parts of a line that is longer than a line may be are numbered to its end', async t => {
  const { take, written } = setUp({ SLUICE_EVENTS_MAX_MESSAGE_BYTES: '1KiB', SLUICE_ERROR_FORMAT: 'json' })
  take('あ'.repeat(500), stream.stderr, linePart.first)
  take('い'.repeat(100), stream.stderr, linePart.middle)
  take('another stream', stream.stdout)
  take('う', stream.stderr, linePart.last)
  take('next', stream.stderr)
  const messages = written.filter(([route]) => route === 'error').map(([, , line]) => (JSON.parse(line) as { m: string }).m)
  t.same(messages.map(message => message.slice(0, 8)), ['(1/…) ああ', '(2/…) ああ', '(3/…) いい', '(4/4) う', '{"messag'])
  t.equal(messages.slice(0, 4).map(message => message.replace(/^\(.*?\) /, '')).join(''), 'あ'.repeat(500) + 'い'.repeat(100) + 'う')
})

t.test('a record behind a long line begins no numbers, and a long line that begins anew begins at 1', async t => {
  const { take, written } = setUp({ SLUICE_EVENTS_MAX_MESSAGE_BYTES: '1KiB' })
  take('a', stream.stderr, linePart.first)
  take('b'.repeat(1500), stream.stderr)
  take('c', stream.stderr, linePart.first)
  take('d', stream.stderr, linePart.last)
  const messages = written.map(([, , line]) => (JSON.parse(line) as { m: string }).m.slice(0, 7))
  t.same(messages, ['(1/…) a', '(1/2) b', '(2/2) b', '(1/…) c', '(2/2) d'])
})

t.test('a message over the limit goes on in numbered parts, counted as made', async t => {
  const { take, written, ledger } = setUp({ SLUICE_EVENTS_MAX_MESSAGE_BYTES: '1KiB' })
  take('x'.repeat(3000), stream.stderr)
  t.same(written.map(([, , line]) => (JSON.parse(line) as { m: string }).m.slice(0, 7)), ['(1/3) x', '(2/3) x', '(3/3) x'])
  t.equal(ledger.counter('made', 'split').value, 2)
})

t.test('errors are fields where json is asked for', async t => {
  const { take, written } = setUp({ SLUICE_ERROR_FORMAT: 'json' })
  take('[Mon Nov 23 19:41:53.202944 2026] [core:error] [pid 1:tid 1] (13)Permission denied: AH00132: denied', stream.stderr)
  const [[, , line] = []] = written
  const { m } = JSON.parse(line ?? '') as { readonly m: string }
  t.match(JSON.parse(m), { level: 'error', origin: 'apache', module: 'core', code: 'AH00132' })
})

t.test('app goes to events where it is asked for', async t => {
  const { take, written } = setUp({ SLUICE_ROUTES_APP_TO: 'cloudwatch' })
  take('hello')
  t.same(written, [['app', 'web', '{"t":1795000000123,"c":"web","m":"hello"}']])
})

t.test('one warning says what to set when most of stdout looks like access lines and is not taken for them', async t => {
  const strange = 'GET /cart HTTP/1.1 took 12 ms'
  const mostly = setUp()
  for (let line = 0; line < 1000; line++) mostly.take(strange)
  t.equal(mostly.lines.filter(({ msg }) => /access\.format/.test(String(msg))).length, 1)
  const rarely = setUp()
  for (let line = 0; line < 1000; line++) rarely.take(line % 3 === 0 ? strange : '{"status":200,"path":"/"}')
  t.equal(rarely.lines.filter(({ msg }) => /access\.format/.test(String(msg))).length, 0)
})

t.test('every kind of access line is enriched, app lines are not, and text of errors stays', async t => {
  const { take, written } = setUp({}, '"ecs_cluster":"shop"')
  take('{"status":200,"path":"/"}')
  take('{"status":200,"path":"/\\xe3\\x81\\x82"} ')
  take('10.0.0.1 - - [23/Nov/2026:10:00:00 +0900] "GET / HTTP/1.1" 200 12')
  take('{"level":"INFO"}')
  take('oops {}', stream.stderr)
  t.match(written.map(([, , line]) => line), [
    '{"status":200,"path":"/","ecs_cluster":"shop"}',
    '{"status":200,"path":"/あ","ecs_cluster":"shop"}',
    /^\{"time":.*"status":200.*,"ecs_cluster":"shop"\}$/,
    '{"level":"INFO"}',
    '{"t":1795000000123,"c":"web","m":"oops {}"}',
  ])
})

t.test('records that the patterns do not want are filtered by a rule that is counted', async t => {
  const { take, written, ledger } = setUp({ SLUICE_FILTER_EXCLUDE: 'ELB,bot', SLUICE_FILTER_INCLUDE: '2[0-9][0-9]' })
  for (const line of ['{"status":200,"path":"/"}', '{"status":200,"path":"/ELB"}', '{"status":500,"path":"/"}']) take(line)
  t.equal(written.length, 1)
  t.same(ledger.snapshot().filtered.by, { 'exclude-pattern': 1, 'include-pattern': 1 })
})

interface CutObject {
  readonly cut: string
  readonly part: number
  readonly parts?: number
  readonly raw?: string
  readonly log?: string
}

/** As the manual says to read them: parts of one line by their `cut`, in order of `part`. */
function joined (written: readonly (readonly string[])[]): string[] {
  const objects = written.map(parts => JSON.parse(parts.at(-1) ?? '') as CutObject)
  return [...Map.groupBy(objects, ({ cut }) => cut).values()].map(parts => {
    t.equal(parts.at(-1)?.parts, parts.length, 'the last says how many there are')
    return parts.toSorted((a, b) => a.part - b.part).map(({ raw, log }) => raw ?? log).join('')
  })
}

const { first, middle, last } = linePart

t.test('parts of an access line in JSON that was cut are invalid, numbered to the end, and together are the line', t => {
  const { take, written, metrics } = setUp()
  take('{"status":200,"method":"GET","path":"/a', stream.stdout, first)
  take('{"status":200,"path":"/looks like one"}', stream.stdout, middle)
  take('   ', stream.stdout, middle)
  take('"}', stream.stdout, last)
  take('{"status":200,"path":"/"}')
  t.same(written.map(([route]) => route), ['invalid', 'invalid', 'invalid', 'invalid', 'access'])
  t.match(written[0]?.at(-1), /"reason":"cut","cut":"[\da-z]+-1","part":1}$/)
  t.same(joined(written.slice(0, 4)), ['{"status":200,"method":"GET","path":"/a{"status":200,"path":"/looks like one"}   "}'])
  t.equal(metrics.counter('sluice_invalid_total', 'cut').value, 4)
  t.equal(written[4]?.at(-1), '{"status":200,"path":"/"}', 'what comes behind is whole')
  t.end()
})

t.test('parts of any other line stay of its class, whatever one of them looks like', t => {
  const { take, written } = setUp()
  take('a long text ', stream.stdout, first)
  take('short', stream.stderr)
  take('{"status":200,"path":"/"}', stream.stdout, middle)
  take('10.0.1.7 - - [23/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 45', stream.stdout, last)
  take('another ', stream.stdout, first)
  take('one', stream.stdout, last)
  t.same(written.map(([route]) => route), ['app', 'error', 'app', 'app', 'app', 'app'])
  t.same(joined(written.filter(([route]) => route === 'app')), [
    'a long text {"status":200,"path":"/"}10.0.1.7 - - [23/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 45', 'another one',
  ])
  t.end()
})
