import fc from 'fast-check'
import t from 'tap'
import { Scratch } from '../../src/bytes/scratch.ts'
import { readApacheHead, undoEscapes } from '../../src/formats/apache-error.ts'
import type { ErrorFields } from '../../src/formats/fields.ts'
import { fixture, latin1Lines } from '../support/lines.ts'
import { readerOf } from '../support/error-reading.ts'

const readFields = readerOf('fields')

function read (latin1: string): ErrorFields {
  const bytes = Buffer.from(latin1, 'latin1')
  return readFields(bytes, 0, bytes.length)
}

const lines = latin1Lines(fixture('error-formats/apache.log'))

/** What each of the six requests told, in every format. */
const told: readonly Partial<ErrorFields>[] = [
  { level: 'error', origin: 'php', kind: 'Fatal error', exception: 'App\\Service\\PaymentException', file: '/app/app/lib.php', line: 8, message: 'chain 1' },
  { level: 'warn', origin: 'php', kind: 'Warning', file: '/app/app/t08_warn_ml.php', line: 1, message: 'multi\nline\n\nwarning' },
  { level: 'error', message: "script '/app/missing.php' not found or unable to stat" },
  { level: 'error', origin: 'apache', code: 'AH01630', message: 'client denied by server configuration: /app/denied' },
  { origin: 'apache', code: 'AH00957', message: 'http: attempt to connect to 127.0.0.1:9 (127.0.0.1:9) failed' },
  { level: 'error', origin: 'modsecurity', code: '1001' },
]

/** Of how many of the six a format tells more: the one about the proxy has neither a client nor a referer. */
const formats: readonly (readonly [string, Partial<Record<keyof ErrorFields, number>>])[] = [
  ['[%{cu}t] [%-m:%l] [pid %P:tid %T] [client %a] %E: %M', { time: 0, module: 6, pid: 6, client: 5 }],
  ['[%{cuz}t] [%-m:%l] [pid %P] %7F: %E: [client\\ %a] %M% ,\\ referer\\ %{Referer}i', { time: 6, module: 6, pid: 6, client: 5, referer: 5 }],
  // Apache leaves out what surrounds an empty field: of this one the proxy's line is all but its message.
  ['{"time":"%{cuz}t","level":"%l","module":"%m","pid":%P,"client":"%a","id":"%L","message":"%M"}', { time: 5, module: 5, client: 5 }],
  ['[%{%Y-%m-%dT%H:%M:%S%z}t] [%l] [%-m] %M', { time: 6, module: 6 }],
  ['[%t] [%l] %M', { time: 0 }],
  ['{ "timestamp": "…", "severity": "%l", "msg": "%-M", "remote": "%a", "referer": "%{Referer}i" }', { time: 6, client: 5, referer: 5 }],
  ['[%{u}t] [%-m:%l] [pid %P:tid %{g}T] [request_id %L] [client %a] [vhost %v] %7F: %E: %M% ,\\ referer:\\ %{Referer}i',
    { time: 0, module: 6, pid: 6, client: 5, referer: 5 }],
  ['[%{uc}t] [R:%L] [C:%{C}L] [%m:%l] %E %M', { time: 0, module: 6 }],
  ['%{cu}t %V [%l] [%m] [%P] [%a] "%M"', { time: 0, module: 6, pid: 6, client: 5 }],
]

t.test('a genuine error tells the same in every ErrorLogFormat, and has the same fingerprint', async t => {
  t.equal(lines.length, formats.length * told.length)
  const fingerprints = told.map(() => new Set<string>())
  for (const [format, [text, counts]] of formats.entries()) {
    const all = lines.slice(format * told.length, (format + 1) * told.length).map(read)
    all.forEach((fields, index) => {
      t.match(fields, told[index], `${text}: ${index}`)
      fingerprints[index]?.add(fields.fingerprint)
    })
    for (const [name, count] of Object.entries(counts)) {
      t.equal(all.filter(fields => fields[name as keyof ErrorFields] !== undefined).length, count, `${text}: ${name}`)
    }
  }
  t.same(fingerprints.map(({ size }) => size), told.map(() => 1))
})

t.test('fields whose format leaves nothing between them are best effort', async t => {
  const at = 'Mon Nov 23 23:38:32.210593 2026 error'
  t.match(read(`${at} php 13810 awTOeMpbaMREnTpa ./sapi/apache2handler/sapi_apache2.c(358) 127.0.0.1:40084 PHP Fatal error:  Uncaught E: x in /a.php:1\\nStack trace:\\n#0 {main}`),
    { level: 'error', origin: 'php', module: 'php', client: '127.0.0.1', kind: 'Fatal error', exception: 'E' })
  t.match(read(`${at} authz_core 13810 awTO mod_authz_core.c(879) ::1:41000 AH01630: x`),
    { level: 'error', origin: 'apache', module: 'authz_core', code: 'AH01630', client: '::1' })
})

t.test('a field that names no client leaves the message whole', async t => {
  const crash = 'AH00052: child pid 77 exit signal Segmentation fault (11)'
  t.match(read(`[Mon Nov 23 19:38:39 2026] [notice] [pid 7] [client ${crash}`), { level: 'notice', pid: '7', code: 'AH00052', message: crash.slice(9) })
  t.match(read('[2026-11-23 19:38:39.123456] [php:warn] [client PHP Warning:  x in Unknown on line 0'), { kind: 'Warning', message: 'x' })
  t.match(read('[Mon Nov 23 19:38:39 2026] [error] prefork.c(2): [client AH00161: server reached x'), { code: 'AH00161', message: 'server reached x' })
  t.equal(read('[Mon Nov 23 19:38:39 2026] [notice] [client caught SIGTERM, shutting down').message, 'caught SIGTERM, shutting down')
})

t.test('the name of a server may stand before the time', async t => {
  t.match(read('shop.example [Mon Nov 23 19:38:39 2026] [error] [client ::1:5] AH00036: x'), { level: 'error', client: '::1', code: 'AH00036', message: 'x' })
  t.match(read('shop.example:443 [Mon Nov 23 19:38:39.123456 2026] [php:warn] PHP Warning:  x in /a.php on line 3'), { kind: 'Warning', message: 'x' })
  t.match(read('127.0.1.1 [2026-11-23 19:38:39.123456] [core:notice] [pid 7] AH00052: child pid 77 exit signal x'), { pid: '7', code: 'AH00052' })
})

t.test('a message in quotes is read as a line again, three of them one within the other at most', async t => {
  const line = (message: string) => `[core:error] [client ::1:5] "${message}"`
  t.match(readApacheHead(line('[php:warn] [pid 7] x')), { module: 'php', level: 'warn', pid: '7', client: '::1', message: 'x' })
  const inner = '[pid 4] AH00004: x'
  t.match(readApacheHead(`[pid 1] "[pid 2] "[pid 3] "${inner}"""`), { pid: '3', message: inner })
  t.equal(readApacheHead('"'.repeat(100_000))?.message, '"'.repeat(100_000 - 6))
})

t.test('undoing is the inverse of escaping, for any bytes', async t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
    const escaped = Array.from(bytes, byte => {
      const short = new Map([[0x5c, '\\\\'], [0x0a, '\\n'], [0x0d, '\\r'], [0x09, '\\t']]).get(byte)
      return short ?? (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)
    }).join('')
    const expected = Array.from(bytes, byte => (byte < 0x20 && ![9, 10, 13].includes(byte)) || byte === 0x7f
      ? `\\x${byte.toString(16).padStart(2, '0')}`
      : String.fromCharCode(byte)).join('')
    const scratch = new Scratch()
    undoEscapes(scratch, Buffer.from(escaped), 0, escaped.length)
    return scratch.buffer.toString('latin1', 0, scratch.end) === expected
  }))
})
