import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { createRecord, linePart, stream, type LinePart, type Stream } from '../../src/contracts/record.ts'
import { createInbound } from '../../src/pipeline/inbound.ts'
import { createRedaction } from '../../src/pipeline/redaction.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

const pan = '4111111111111111'
const masked = '411111******1111'

function setUp (env: Readonly<Record<string, string>> = {}) {
  const { config } = loadConfig({ env, readFile: () => '' })
  const [ledger, metrics, { log, lines: logged }] = [new Ledger(), new Metrics(), recordingLog()]
  const written: string[] = []
  const kinds: number[] = []
  let isFailing = false
  const inbound = createInbound({
    config,
    routes: routesOf(config),
    enrichment: '',
    appendTo: ({ name }) => {
      const delivered = ledger.counter('delivered', name)
      return (_timeMs, _container, bytes, start, end) => {
        if (isFailing) {
          isFailing = false
          throw new RangeError(`of ${bytes.toString('utf8', start, end)}`)
        }
        written.push(`${name} ${bytes.toString('utf8', start, end)}`)
        delivered.value++
        return true
      }
    },
    spool: { isFull: false, whenWritable: async () => {}, stored: async () => true },
    clock: new ManualClock(),
    ledger,
    metrics,
    log,
    listener: (_record, { redactions }) => { kinds.push(redactions) },
  })
  const acceptor = inbound.acceptor('test')
  const accept = (from: Stream, line: string, part: LinePart = linePart.whole) => {
    const bytes = Buffer.from(line)
    acceptor.accept({ ...createRecord(), bytes, start: 0, end: bytes.length, stream: from, container: 'web', part })
    inbound.flush()
    bytes.fill(0)
  }
  return { accept, inbound, written, kinds, ledger, metrics, logged, config, failOnce: () => { isFailing = true } }
}

t.test('a card number seen is a signal of the container that wrote it', async t => {
  const { accept, metrics } = setUp()
  accept(stream.stderr, `card ${pan} refused`)
  t.equal(metrics.counter('sluice_signals_total', 'card_number_seen', 'web').value, 1)
})

t.test('no card number reaches the spool, of whatever class the line is', async t => {
  const { accept, written, kinds, ledger, metrics } = setUp()
  accept(stream.stdout, `{"status":200,"path":"/","query":"?pan=${pan}&token=abc"}`)
  accept(stream.stdout, `{"status":-,"path":"/\\x41?pan=${pan}"}`)
  accept(stream.stdout, `{"status":200,"path":"/${pan}`)
  accept(stream.stdout, `127.0.0.1 - - [23/Nov/2026:19:34:38 +0000] "GET /a?pan=${pan}&cvv=123 HTTP/1.1" 200 1`)
  accept(stream.stdout, `{"pan":${pan}}`)
  accept(stream.stdout, `card ${pan}`)
  accept(stream.stderr, `[Mon Nov 23 19:41:53.202944 2026] [php:error] [pid 1:tid 1] [client 10.0.0.1:5] PHP Fatal error:  Uncaught E: ${pan} in /a.php:2\\nStack trace:\\n#0 pay('${pan}')\\n  thrown in /a.php on line 2`)
  t.equal(written.length, 7)
  for (const line of written) {
    t.notMatch(line, pan)
    t.ok(line.includes(masked), line)
  }
  t.ok(kinds.every(bits => (bits & 1) === 1))
  t.notMatch(written.join('\n'), /abc|cvv=123/)
  t.equal(metrics.counter('sluice_redacted_total', 'secret', 'web').value, 1)
  t.ok(metrics.counter('sluice_redacted_total', 'card_number', 'web').value >= 7)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('neither does one that is the name of a container, which senders choose', async t => {
  const { inbound, written, metrics, logged } = setUp()
  const acceptor = inbound.acceptor('test')
  const again = inbound.again('replay')
  for (const container of [pan, 'web', pan, `shop ${pan}`]) {
    const record = { ...createRecord(), bytes: Buffer.from(`card ${pan}`), end: 21, stream: stream.stdout, container }
    acceptor.accept({ ...record })
    again({ ...record }, 'app')
  }
  inbound.flush()
  t.equal(written.length, 8)
  t.notMatch(written.join('\n') + JSON.stringify(logged), pan)
  t.match(written[0], `"container":"${masked}"`)
  t.equal(metrics.counter('sluice_redacted_total', 'card_number', masked).value, 4)
})

t.test('a plain access line keeps its fields when it is redacted', async t => {
  const { accept, written } = setUp()
  accept(stream.stdout, `127.0.0.1 - - [23/Nov/2026:19:34:38 +0000] "GET /a?pan=${pan}&b=1 HTTP/1.1" 200 17`)
  t.match(JSON.parse((written[0] ?? '').slice('access '.length)), { path: '/a', query: `?pan=${masked}&b=1`, status: 200, bytes: 17 })
})

t.test('fields and fingerprint of an error are of the redacted text', async t => {
  const { accept, inbound, written } = setUp({ SLUICE_ERROR_FORMAT: 'json' })
  accept(stream.stderr, `PHP Warning:  card ${pan} refused in /a.php on line 2`)
  t.equal(written.length, 1)
  t.notMatch(written[0], pan)
  t.match(written[0], 'fingerprint')
  t.equal(inbound.frequent.top(10).length, 1)
  t.notMatch(JSON.stringify(inbound.frequent.top(10)), pan)
})

t.test('a record that makes a stage fail is redacted too, and nothing of it is in the log', async t => {
  const { accept, written, logged, failOnce, ledger } = setUp()
  failOnce()
  accept(stream.stdout, `card ${pan}`)
  t.match(written, [/card 411111\*{6}1111/])
  t.notMatch(JSON.stringify(logged), /1111/)
  t.ok(ledger.snapshot().isBalanced)
})

t.test('of a record that cannot be redacted nothing is kept but that there was one', async t => {
  const { config } = loadConfig({ env: {}, readFile: () => '' })
  const redaction = createRedaction({ config, metrics: new Metrics() })
  // Reading it throws.
  const bytes = new Proxy(Buffer.from(pan), { get: () => { throw new RangeError('unreadable') } })
  const { bytes: left, start, end } = redaction?.redactFailed({ ...createRecord(), bytes, end: 16 }) ?? createRecord()
  t.equal(left.toString('utf8', start, end), '[redacted]')
})

t.test('a secret does not come out of the parts of a line that is too long, also where one of them is left out', async t => {
  const long = { SLUICE_FILTER_EXCLUDE: 'left out', SLUICE_ERROR_FORMAT: 'json' }
  for (const [from, begin] of [[stream.stdout, '{"status":200,"path":"/"'], [stream.stdout, 'text'], [stream.stderr, 'PHP Warning:  x']] as const) {
    const { accept, written, ledger, kinds } = setUp(long)
    accept(from, `${begin} "password":`, linePart.first)
    accept(from, '"Zq7', linePart.middle)
    accept(from, 'left out Zq7', linePart.middle)
    accept(from, 'Zq7", "x":1 token=', linePart.middle)
    accept(from, 'Zq7', linePart.last)
    t.equal(written.length, 4)
    t.notMatch(written.join('\n'), /Zq7/)
    t.match(written[2], /\[redacted\].*x.*token=/)
    t.equal(kinds.filter(bits => bits !== 0).length, 3)
    t.ok(ledger.snapshot().isBalanced)
  }
})

t.test('nor where a part makes a stage fail', async t => {
  const { accept, written, failOnce, ledger } = setUp()
  accept(stream.stdout, 'text "password":"Zq7', linePart.first)
  failOnce()
  accept(stream.stdout, 'Zq7", "x":1 text', linePart.middle)
  failOnce()
  accept(stream.stdout, 'and more', linePart.last)
  t.equal(written.length, 3)
  t.notMatch(written.join('\n'), /Zq7/)
  t.match(written[2], 'and more')
  t.ok(ledger.snapshot().isBalanced)
})

t.test('records that come again are redacted by the settings of now', async t => {
  const { inbound, written } = setUp()
  const again = inbound.again('replay')
  for (const line of [`{"status":200,"path":"/","pan":${pan}}`, `card ${pan}`]) {
    const bytes = Buffer.from(line)
    again({ ...createRecord(), bytes, end: bytes.length, stream: stream.stdout, container: 'web' }, 'access')
  }
  t.equal(written.length, 2)
  t.notMatch(written.join(), pan)
})

t.test('with preset none no line is looked at; what is asked for is still done', async t => {
  const none = setUp({ SLUICE_REDACT_PRESET: 'none' })
  none.accept(stream.stdout, `card ${pan}`)
  t.match(none.written, [new RegExp(pan)])
  t.equal(createRedaction({ config: none.config, metrics: new Metrics() }), undefined)
  const own = setUp({ SLUICE_REDACT_PRESET: 'none', SLUICE_REDACT_PATTERNS: 'MEMBER-[0-9]+' })
  own.accept(stream.stdout, `MEMBER-12 ${pan}`)
  t.match(own.written, [new RegExp(`\\[redacted\\] ${pan}`)])
  const keys = setUp({ SLUICE_REDACT_PRESET: 'none', SLUICE_REDACT_KEYS: 'otp' })
  keys.accept(stream.stdout, `otp=4711 password=known ${pan}`)
  t.match(keys.written, [new RegExp(`otp=\\[redacted\\] password=known ${pan}`)])
})

t.test('preset pci takes e-mail addresses and addresses of clients too', async t => {
  const { accept, written } = setUp({ SLUICE_REDACT_PRESET: 'pci' })
  accept(stream.stdout, '{"status":200,"path":"/?m=a@shop.jp","remote_ip":"192.0.2.77"}')
  accept(stream.stdout, '192.0.2.77 - - [23/Nov/2026:19:34:38 +0000] "GET / HTTP/1.1" 200 1')
  accept(stream.stderr, '[Mon Nov 23 19:41:53.202944 2026] [core:error] [pid 1:tid 1] [client 192.0.2.77:51] AH1: x')
  t.equal(written.length, 3)
  t.notMatch(written.join('\n'), /shop\.jp|192\.0\.2\.77/)
  t.equal(written.join('\n').split('192.0.2.0').length, 4)
})

t.test('addresses of clients are truncated under every key that names one, as that of the recommended LogFormat', async t => {
  const { accept, written } = setUp({ SLUICE_REDACT_CLIENT_ADDRESSES: 'truncate' })
  const headers = ['xff', 'x_forwarded_for', 'X-Forwarded-For', 'http_x_forwarded_for', 'x_real_ip', 'X-Real-IP', 'real_ip', 'realip', 'x_client_ip',
    'true_client_ip', 'True-Client-IP', 'cf_connecting_ip', 'CF-Connecting-IP', 'fastly_client_ip', 'cloudfront_viewer_address', 'forwarded']
  for (const key of ['remote_ip', ...headers]) accept(stream.stdout, JSON.stringify({ status: 200, request: 'GET /', [key]: '203.0.113.9, 198.51.100.7' }))
  accept(stream.stdout, '{"status":200,"request":"GET /","forwarded":"for=203.0.113.9;proto=http, for=\\"[2001:db8:1:2::9]\\""}')
  t.equal(written.length, headers.length + 2)
  t.same(written.filter(line => /113\.9|100\.7|:2::9/.test(line)), [])
})

t.test('containers beyond fifty count together', async t => {
  const { config } = loadConfig({ env: {}, readFile: () => '' })
  const metrics = new Metrics()
  const redaction = createRedaction({ config, metrics })
  const bytes = Buffer.from(pan)
  for (let number = 0; number < 60; number++) redaction?.redact({ ...createRecord(), bytes, end: 16, container: `c${number}` }, false)
  t.equal(metrics.counter('sluice_redacted_total', 'card_number', 'other').value, 10)
})
