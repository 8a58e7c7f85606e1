import t from 'tap'
import { createJsonWalker, notAnObject } from '../../src/bytes/json-walker.ts'
import { createKeyTable } from '../../src/bytes/key-table.ts'
import { Redactor } from '../../src/redact/redactor.ts'
import { usualRedaction } from '../support/usual-redaction.ts'
import { leastCpuMs } from '../support/cpu-time.ts'

const redactor = new Redactor(usualRedaction)
const clients = new Redactor({ ...usualRedaction, clientKeys: ['remote_ip', 'x_forwarded_for'] })

function redacted (line: string, by = redactor, hints?: number): string {
  const bytes = Buffer.from(line)
  const isJson = line.startsWith('{"')
  return by.redact(bytes, 0, bytes.length, isJson, hints) ? by.buffer.toString('utf8', by.start, by.end) : line
}

/** In a line of JSON, where the walk over it has said what to look for. */
function redactedInJson (text: string): string {
  const line = JSON.stringify({ m: text })
  const bytes = Buffer.from(line)
  const walk = createJsonWalker({ keys: createKeyTable([]), watch: redactor.watch })
  if (walk(bytes, 0, bytes.length) === notAnObject) throw new Error(`no object: ${line}`)
  return (JSON.parse(redacted(line, redactor, redactor.watch.hints)) as { m: string }).m
}

const opaque = 'a1b2c3d4e5f6a7b8'
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_x'

t.test('a token that no key stands before is removed, the scheme stays', async t => {
  for (const [given, expected] of [
    [`got Bearer ${opaque}, refused`, 'got Bearer [redacted], refused'],
    [`BEARER  ${opaque}`, 'BEARER  [redacted]'],
    ['Basic dXNlcjpwYXNzd29yZA==', 'Basic [redacted]'],
    ['Basic QWxhZGRpbjpPcGVuU2VzYW1l x', 'Basic [redacted] x'],
    [`/a?h=Bearer%20${opaque}&x=1`, '/a?h=Bearer%20[redacted]&x=1'],
    [`/a?h=Bearer+${opaque}%3D&x=1`, '/a?h=Bearer+[redacted]&x=1'],
    [`Bearer\\u0020${opaque}`, 'Bearer\\u0020[redacted]'],
    [`[auth] => Bearer ${opaque}`, '[auth] => Bearer [redacted]'],
    [`jwt ${jwt} is expired`, 'jwt [redacted] is expired'],
    [`'${jwt}'`, "'[redacted]'"],
    [`/cb?t=${jwt}.`, '/cb?t=[redacted].'],
    [`x%20${jwt}`, 'x%20[redacted]'],
    [`a\\n${jwt}`, 'a\\n[redacted]'],
    [`${jwt} Bearer ${opaque} ${jwt}`, '[redacted] Bearer [redacted] [redacted]'],
  ] as const) {
    t.equal(redacted(given), expected)
    t.equal(redactedInJson(given), expected)
  }
  t.equal(redacted(`{"auth":"Bearer ${opaque}"}`), '{"auth":"Bearer [redacted]"}')
  t.equal(redacted('{"auth":"Basic ab\\/cd1\\/efgh12345"}'), '{"auth":"Basic [redacted]"}')
})

t.test('a private key is removed without a key before it, as far as it is there', async t => {
  for (const label of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'PGP PRIVATE KEY BLOCK']) {
    const key = `-----BEGIN ${label}-----\nProc-Type: 4,ENCRYPTED\n\nMIIE+/a=\nZq7b\n-----END ${label}-----`
    for (const given of [`got ${key}`, `["key"]=> string(9) "${key}"`, `cert: ${key}`, `-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n${key}`]) {
      const expected = given.replace(key, '[redacted]')
      t.equal(redacted(`${given} x`), `${expected} x`)
      t.equal(redactedInJson(`${given} x`), `${expected} x`)
      t.notMatch(redacted(given.slice(0, -20)), /MIIE|Zq7/)
      t.notMatch(redacted(given.slice(0, -40)), /MIIE|Zq7/)
    }
  }
  for (const line of ['-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----', '-----BEGIN PUBLIC KEY-----\nMIIC', 'BEGIN PRIVATE KEY-----\nMIIC',
    "load('-----BEGIN PRIV...')", '-----BEGIN PRIVATE KEY----', '-----BEGIN x PRIVATE KEY-----', '-----BEGIN ']) {
    t.equal(redacted(line), line)
    t.equal(redactedInJson(line), line)
  }
})

t.test('prose and names are no tokens', async t => {
  for (const line of ['Bearer of news', 'Basic authentication failed', 'Basic internationalization', 'Basic AuthenticationFailedException in a',
    'Basic INTERNATIONALIZATION', 'bearer a1b2c3', `Bearer${opaque}`, `Bearers ${opaque}`, 'eyJ', 'eyJhbGciOiJIUzI1NiJ9', 'eyJhbGci.x.y',
    'keyJoinColumnName.toStringValue.x', 'hotkeyJavaScriptHandler.registerIt', 'Basic', 'Bearer ', '/basic/Bearer/J']) {
    t.equal(redacted(line), line)
    t.equal(redactedInJson(line), line)
  }
  const none = new Redactor({ ...usualRedaction, secretKeys: [] })
  t.equal(redacted(`Bearer ${opaque} token=x`, none), `Bearer ${opaque} token=x`)
})

t.test('tokens are looked for in time in proportion to the line', async t => {
  for (const piece of ['Bearer ', 'Bearer a1', 'eyJ', '-eyJ', '.eyJaaaaaaaa', 'eyJaaaaaaaa.', 'Basic%20', 'BasicJ', 'B', 'J', '%20eyJ',
    'Bearer+', 'Basic%2B', `${'Bearer+'.repeat(18)} `, 'x://u:1&@',
    '-----BEGIN ', '-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----\n-----END ', '-----BEGIN PRIVATE KEY-----"']) {
    const bytes = Buffer.from(piece.repeat((1 << 17) / piece.length))
    const leastMs = leastCpuMs(() => { redactor.redact(bytes, 0, bytes.length, false) }, 200)
    t.ok(leastMs < 200, `${piece}: ${leastMs.toFixed(1)} ms for 128 KiB`)
  }
})

t.test('a secret within the value of a client is removed, and the addresses around it are truncated', async t => {
  for (const [given, expected] of [
    ['{"x_forwarded_for":"192.0.2.7, token=abc 192.0.2.8","n":1}', '{"x_forwarded_for":"192.0.2.0, token=[redacted] 192.0.2.0","n":1}'],
    ['{"remote_ip":"token=192.0.2.9","x":"192.0.2.9"}', '{"remote_ip":"token=[redacted]","x":"192.0.2.9"}'],
    [`{"remote_ip":"192.0.2.7 Bearer ${opaque} 192.0.2.8"}`, '{"remote_ip":"192.0.2.0 Bearer [redacted] 192.0.2.0"}'],
    ['{"remote_ip":"remote_ip=192.0.2.7","password":"x"}', '{"remote_ip":"remote_ip=192.0.2.0","password":"[redacted]"}'],
    ['{"remote_ip":{"password":"x","a":"192.0.2.7"}}', '{"remote_ip":{"password":"[redacted]","a":"192.0.2.0"}}'],
    ['remote_ip=192.0.2.7&cvv=123', 'remote_ip=192.0.2.0&cvv=[redacted]'],
  ] as const) t.equal(redacted(given, clients), expected)
})
