import fc from 'fast-check'
import t from 'tap'
import type { ErrorFields } from '../../src/formats/fields.ts'
import { fixture, latin1Lines } from '../support/lines.ts'
import { readerOf } from '../support/error-reading.ts'

const readFields = readerOf('fields')
function read (line: string): ErrorFields {
  const bytes = Buffer.from(`<${line}>`)
  return readFields(bytes, 1, bytes.length - 1)
}
const apache = '[Mon Nov 23 19:41:56.478262 2026] [php:error] [pid 1:tid 1] [client 127.0.0.1:57386] '
const said = (pid: number, body: string) =>
  `[23-Nov-2026 19:38:39] WARNING: [pool www] child ${pid} said into stderr: "${body}"`

t.test('every form of line tells what it knows', async t => {
  const table: readonly (readonly [string, Partial<ErrorFields>])[] = [
    ['[Mon Nov 23 19:36:29.437756 2026] [core:error] [pid 7:tid 8] (36)File name too long: [client ::1:58619] AH00036: access to /x failed, referer: https://a/, b',
      { level: 'error', origin: 'apache', module: 'core', code: 'AH00036', client: '::1', pid: '7', message: 'access to /x failed', referer: 'https://a/, b' }],
    ['[Mon Nov 23 19:36:29 2026] [error] [client 10.0.0.1] File does not exist: /x',
      { level: 'error', origin: 'apache', client: '10.0.0.1', message: 'File does not exist: /x' }],
    ['[Mon Nov 23 19:36:29.4 2026] [proxy:debug] [pid 1] mod_proxy.c(12): (-102)Unknown error -102: [remote 10.0.0.1:80] AH01095: x',
      { level: 'debug', module: 'proxy', code: 'AH01095', client: '10.0.0.1', message: 'x' }],
    ['[2026-11-23 19:41:05.714148+0900] [ssl:trace3] [pid 1:tid [client 10.0.0.1:5] x',
      { time: '2026-11-23T10:41:05.714148Z', level: 'debug', module: 'ssl', pid: '1', client: '10.0.0.1', message: 'x' }],
    ['2026-11-23 19:41:05.714148 php:notice x', { level: 'notice', module: 'php', origin: 'php', message: 'x' }],
    ['(98)Address already in use: AH00072: make_sock', { origin: 'apache', code: 'AH00072', message: 'make_sock' }],
    ['[Mon Nov 23 19:41:55.4 2026] [security2:error] [pid 1] [client 127.0.0.1:4] [client 127.0.0.1] ModSecurity: Access denied [file "x"] [id "1001"]',
      { level: 'error', origin: 'modsecurity', code: '1001', client: '127.0.0.1' }],
    [`${apache}PHP Warning:  a in b in /x y.php on line 4`,
      { level: 'warn', origin: 'php', kind: 'Warning', file: '/x y.php', line: 4, message: 'a in b' }],
    [`${apache}PHP Fatal error:  Uncaught A: a in /a.php:5\\nStack trace:\\n#0 {main}\\n\\nNext App\\\\B: b\\nc in /b.php:4\\nStack trace:\\n#0 {main}\\n  thrown in /b.php on line 4`,
      { kind: 'Fatal error', exception: 'App\\B', message: 'b\nc', file: '/b.php', line: 4, trace: 'A: a in /a.php:5\nStack trace:\n#0 {main}\n\nNext App\\B: b\nc in /b.php:4\nStack trace:\n#0 {main}\n  thrown in /b.php on line 4' }],
    ['[24-Nov-2026 04:37:30 Asia/Tokyo] PHP Deprecated:  x in /a.php on line 1', { time: '2026-11-23T19:37:30.000Z', level: 'info' }],
    ['[24-Nov-2026 04:37:30 UTC] plain', { time: '2026-11-24T04:37:30.000Z', level: 'notice', origin: 'php', message: 'plain' }],
    [said(7, 'NOTICE: PHP message: PHP Parse error:  x in /a.php on line 1'),
      { level: 'error', origin: 'php', pool: 'www', pid: '7', kind: 'Parse error', message: 'x' }],
    // Genuine, of PHP 8.2.36 with opcache.memory_consumption=8.
    ['Mon Nov 30 07:55:58 2026 (9987): Warning Not enough free shared space to allocate 8388816 bytes (8388480 bytes free)',
      { level: 'warn', origin: 'php', pid: '9987', message: 'Not enough free shared space to allocate 8388816 bytes (8388480 bytes free)' }],
    ['Mon Nov 30 07:55:58 2026 (9987): Fatal Error Insufficient shared memory', { level: 'error', message: 'Insufficient shared memory' }],
    ['[01-Dec-2026 19:36:45] WARNING: [pool www] child 16579 said into stderr: "Tue Dec  1 19:36:45 2026 (16579): Warning Not enough free shared space to allocate 336080 bytes (281056 bytes free)"',
      { level: 'warn', origin: 'php', pool: 'www', pid: '16579', message: 'Not enough free shared space to allocate 336080 bytes (281056 bytes free)' }],
    // As `JSON_PRETTY_PRINT` and Monolog's `setJsonPrettyPrint` write an object, on lines that were joined.
    ['{\n    "message": "Payment failed",\n    "level_name": "CRITICAL",\n    "context": {\n        "order": 42\n    }\n}', { level: 'crit', origin: 'app', message: 'Payment failed' }],
    ['[24-Nov-2026 04:37:30 UTC] {\r\n    "message": "b",\r\n    "level": "error"\r\n}', { time: '2026-11-24T04:37:30.000Z', level: 'error', origin: 'app', message: 'b' }],
    [said(7, 'any text'), { origin: 'app', pid: '7', message: 'any text' }],
    ["[Mon Nov 23 19:38:39.4 2026] [proxy_fcgi:error] [pid 1] [client 127.0.0.1:5] AH01071: Got error 'PHP message: PHP Notice:  a in /a.php on line 1; PHP message: PHP Warning:  b in /b.php on line 2'",
      { level: 'warn', origin: 'php', code: 'AH01071', kind: 'Warning', file: '/b.php', message: 'PHP Notice:  a in /a.php on line 1\nPHP Warning:  b in /b.php on line 2' }],
    ["[Mon Nov 23 19:38:39.4 2026] [proxy_fcgi:error] [pid 1] [client 127.0.0.1:5] AH01071: Got error 'Primary script unknown'",
      { level: 'error', origin: 'apache', message: "Got error 'Primary script unknown'" }],
    ['[23-Nov-2026 19:38:36] WARNING: [pool www] child 9 exited on signal 11 (SIGSEGV) after 5.6 seconds from start',
      { level: 'warn', origin: 'php-fpm', pool: 'www', pid: '9' }],
    ['[23-Nov-2026 19:38:36] NOTICE: ready to handle connections', { level: 'notice', origin: 'php-fpm', message: 'ready to handle connections' }],
    ['[2026-11-23T10:00:00.123456+00:00] app.CRITICAL: boom {"exception":"[object] (App\\\\E(code: 0): x at /a.php:3)\n[stacktrace]\n#0 {main}\n"} []',
      { time: '2026-11-23T10:00:00.123456Z', level: 'crit', origin: 'app', channel: 'app', exception: 'App\\E', file: '/a.php', line: 3, message: 'boom', trace: '[stacktrace]\n#0 {main}\n"} []' }],
    ['[2026-11-23 10:00:00] local.EMERGENCY: x  ', { level: 'emerg', message: 'x' }],
    ['{"message":"x","level":400,"level_name":"ERROR","context":{"exception":{"class":"E","file":"/a.php:3"}}}',
      { level: 'error', origin: 'app', message: 'x', exception: 'E', file: '/a.php', line: 3 }],
    ['{"level":30,"msg":"x","time":"2026-11-23T10:00:00Z"}', { level: 'info', message: 'x', time: '2026-11-23T10:00:00.000Z' }],
    ['{"level":"error","msg":"a "b""}', { level: 'error', message: 'a "b"' }],
    ['PHP Fatal error:  Uncaught RuntimeException@anonymous in /a b.php on line 1', { exception: 'RuntimeException@anonymous', file: '/a b.php', line: 1 }],
    ['PHP Fatal error:  Uncaught E: a\nNext step: b in /a.php:5\nStack trace:\n#0 {main}\n  thrown in /a.php on line 5',
      { exception: 'E', message: 'a\nNext step: b', line: 5 }],
    [said(7, '[24-Nov-2026 00:41:36 Europe/Berlin] PHP Warning:  x in /a.php on line 1'),
      { time: '2026-11-23T23:41:36.000Z', level: 'warn', origin: 'php', kind: 'Warning', pool: 'www', pid: '7', file: '/a.php' }],
    ['2026-11-24T08:36:05+09:00 [critical] Uncaught \\n App\\E', { time: '2026-11-23T23:36:05.000Z', level: 'crit', origin: 'app', message: 'Uncaught \\n App\\E' }],
    ['2026-11-23 10:00:00 [::1][-][-][error][yii\\E:8] yii\\E: x in /x.php:12\nStack trace:\n#0 {main}',
      { level: 'error', origin: 'app', exception: 'yii\\E', file: '/x.php', line: 12, message: 'x' }],
    ['2026-11-23 10:00:00 warning: [E] x', { level: 'warn', origin: 'app', message: '[E] x' }],
    ['2026-11-23T10:00:00+00:00 ERR (3): x', { time: '2026-11-23T10:00:00.000Z', level: 'error', message: 'x' }],
    ['CRITICAL - 2026-11-23 10:00:00 --> x\nin /a.php on line 9.', { level: 'crit', origin: 'app', message: 'x\nin /a.php on line 9.' }],
    ["[Mon Nov 23 19:38:39.4 2026] [proxy_fcgi:error] [pid 1] AH01071: Got error ' PHP message: a'", { origin: 'php', message: 'a' }],
    ['App\\E: x in /a.php:3\nStack trace:\n#0 {main}', { origin: 'php', exception: 'App\\E', message: 'x', file: '/a.php', line: 3 }],
  ]
  for (const [line, fields] of table) {
    t.match(read(line), { ...fields }, line)
    if (fields.time === undefined) t.equal(read(line).time, undefined, 'no zone, no time')
  }
})

t.test('a line that is not understood is its own message', async t => {
  for (const line of ['', 'any text', '[app] x', '{"', '{"a":', '[', 'PHP', '日本語']) {
    const { fingerprint, ...fields } = read(line)
    t.same(fields, { message: line })
    t.match(fingerprint, /^[0-9a-f]{12}$/)
  }
})

t.test('the same error has the same fingerprint, on whatever way it comes', async t => {
  const same: readonly (readonly string[])[] = [
    [`${apache}PHP Warning:  order 42 of a1b2c3d4e5 in /a.php on line 3`, 'PHP Warning:  order 7 of ff00ff00ff11 in /a.php on line 9',
      said(9, 'NOTICE: PHP message: PHP Warning:  order 1,000.5 of 0a0a0a0a0a in /a.php on line 3'),
      '[24-Nov-2026 04:37:30 UTC] PHP Warning:  order 8 of 1234567890 in /a.php on line 3'],
    ['user 550e8400-e29b-41d4-a716-446655440000 at 2026-11-23T10:00:00', 'user 00000000-0000-0000-0000-000000000000 at 2025-01-02T11:12:13'],
    ['from 2001:db8:1:2:3:4:5:6 to 10.1.2.3:44', 'from fe80:0:0:a:b:c:d:e to 127.0.0.1:5'],
    ['[Mon Nov 23 19:36:29.4 2026] [core:error] [pid 1] [client ::1:58619] AH00036: access to /a failed',
      '[Tue Nov 24 19:36:29.4 2026] [core:error] [pid 2] [client 10.0.0.1:5] AH00036: access to /b failed'],
    ['job 0x00007fca38613070 id awSXCLSmJgM9Wbn6qUFaugAAAAI', 'job 0x1 id Zx9pLQ0aSmJgM9Wbn6qUFau1'],
  ]
  for (const lines of same) t.equal(new Set(lines.map(line => read(line).fingerprint)).size, 1, lines.join())
  const different = ['PHP Warning:  a in /a.php on line 1', 'PHP Notice:  a in /a.php on line 1', 'PHP Warning:  b in /a.php on line 1',
    'PHP Warning:  a in /b.php on line 1', 'AH00036: x', 'AH00037: x', 'A\\E: x in /a.php:1', 'B\\E: x in /a.php:1']
  t.equal(new Set(different.map(line => read(line).fingerprint)).size, different.length)
})

t.test('every line of Apache in the genuine captures tells its origin and level', async t => {
  const counts: Record<string, number> = {}
  for (const line of latin1Lines(fixture('apache-modphp/stderr.log')).filter(each => each.startsWith('[Mon'))) {
    const bytes = Buffer.from(line, 'latin1')
    const { level, origin } = readFields(bytes, 0, bytes.length)
    const key = `${origin} ${level}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  t.notOk(Object.keys(counts).some(key => key.includes('undefined')), JSON.stringify(counts))
})

t.test('no bytes make it throw, and the message is always there', async t => {
  const piece = fc.constantFrom(apache, '[', ']', '[client ', 'AH01071: Got error \'', 'PHP message: ', "'", ', referer: ', 'PHP Fatal error:  ',
    'Uncaught ', 'App\\E: ', ' in ', ':3', ' on line 3', '\nStack trace:\n#0 ', '\nNext ', '{"', '"level":', '[stacktrace]', '[object] (E(code: ',
    '[2026-11-23T10:00:00+00:00] app.ERROR: ', '[24-Nov-2026 04:37:30 No/Where] ', '\\xe6', '\\', said(1, ''))
  const part = fc.oneof(piece.map(each => Buffer.from(each)), fc.uint8Array({ maxLength: 20 }))
  const bytes = fc.array(part, { maxLength: 20 })
  fc.assert(fc.property(bytes, parts => {
    const line = Buffer.concat(parts)
    const fields = readFields(line, 0, line.length)
    return typeof fields.message === 'string' && /^[0-9a-f]{12}$/.test(fields.fingerprint) && JSON.stringify(fields) !== ''
  }), { numRuns: 2000 })
})

t.test('a long hostile line takes time in proportion to its length', async t => {
  const starts = ['', apache, 'PHP Warning:  ', 'PHP Fatal error:  Uncaught ', '[2026-11-23 10:00:00] a.ERROR: ', '{"', 'E: ',
    "[Mon Nov 23 19:38:39.4 2026] [proxy_fcgi:error] AH01071: Got error '", '[24-Nov-2026 04:37:30 UTC] ', said(1, ''),
    '{"level":"error","message":"', 'Mon Nov 23 23:38:32.2 2026 error ', '2026-11-23 10:00:00 ', '[2026-11-23 10:00:00] [error] [client ::1:2] ']
  const units = [' []', '[ ', ' on line 3', ':3 ', ' in ', '\nNext ', ' ', '\\', '; PHP message: ', 'a1', '[object] (E(code: 0', '"', ', referer: ',
    '","a":"b', '{main}\nNext ', ', referer ', '[x] ', 'w ', '\\"']
  for (const start of starts) {
    for (const unit of units) {
      const bytes = Buffer.from(start + unit.repeat(Math.floor(100_000 / unit.length)) + 'x')
      const before = process.cpuUsage()
      readFields(bytes, 0, bytes.length)
      const { user, system } = process.cpuUsage(before)
      // In proportion it takes a few milliseconds; with its square, minutes.
      if (user + system > 1e6) t.fail(`${start} ${unit}: ${(user + system) / 1000} ms`)
    }
  }
})
