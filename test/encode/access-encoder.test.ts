import fc from 'fast-check'
import t from 'tap'
import { createPlainAccess } from '../../src/formats/apache-access.ts'
import { createRecord, type LogRecord } from '../../src/contracts/record.ts'
import { createJsonRepairer } from '../../src/repair/json-repair.ts'
import { createAccessEncoder } from '../../src/encode/access-encoder.ts'
import { createRandom, fixtureLines, mutate } from '../support/access-lines.ts'
import { createAccessVerdict } from '../support/verdicts.ts'

const encoder = createAccessEncoder()
const verdictOf = createAccessVerdict('auto')

function encode (line: string | Uint8Array): string {
  const bytes = Buffer.from(line)
  const record: LogRecord = { ...createRecord(), bytes, end: bytes.length }
  encoder.encode(record, verdictOf(record))
  return encoder.buffer.toString('utf8', encoder.start, encoder.end)
}

function fieldsOf (line: string | Uint8Array): Readonly<Record<string, unknown>> {
  return JSON.parse(encode(line)) as Readonly<Record<string, unknown>>
}

const line = '10.0.0.1 - - [23/Nov/2026:19:41:55 +0900] "GET /a?b=c HTTP/1.1" 200 0236 "-" "curl/8.5.0"'

t.test('a plain access line becomes JSON of one line, with the usual names', async t => {
  t.equal(encode(line), '{"time":"2026-11-23T19:41:55+09:00","remote_ip":"10.0.0.1","ident":null,"user":null,' +
    '"request":"GET /a?b=c HTTP/1.1","method":"GET","path":"/a","query":"?b=c","protocol":"HTTP/1.1","status":200,"bytes":236,' +
    '"referer":null,"user_agent":"curl/8.5.0"}')
  t.match(encode(`www.example.com:443 ${line} 12 "x"`), /"vhost":"www.example.com","port":443,.*"extra":"12 \\"x\\""}$/)
  t.equal(encode('- -  23/Nov/2026:19:38:38 +0000 "GET /a"b\\x41\\" 404 x'), '{"time":"2026-11-23T19:38:38+00:00",' +
    '"remote_ip":null,"user":null,"request":"GET /a\\"b\\\\x41\\\\","method":"GET","path":"/a\\"b\\\\x41\\\\","query":"",' +
    '"protocol":null,"status":404,"extra":"x"}', 'php-fpm escapes nothing')
})

t.test('Apache\'s escapes are undone and its dashes are null', async t => {
  const request = (text: string) => fieldsOf(line.replace('GET /a?b=c HTTP/1.1', text))
  t.match(request('GET /\\xe6\\x97\\xa5?\\"\\\\x41\\v HTTP/1.1'), { path: '/日', query: '?"\\x41\v', request: 'GET /日?"\\x41\v HTTP/1.1' })
  t.match(request('-'), { request: null, method: null, path: null, query: null, protocol: null })
  t.match(request('\\x16\\x03\\x01'), { request: '\x16\x03\x01', method: null, path: null, protocol: null })
  t.match(request('GET /sp ace HTTP/1.1'), { method: 'GET', path: '/sp ace', protocol: 'HTTP/1.1' })
  t.match(request('GET /'), { method: 'GET', path: '/', query: '', protocol: null })
  t.match(request(''), { request: '', method: null })
  t.match(fieldsOf(line.replace('- - [', 'id "" [').replace(' 0236', ' -').replace('"-"', '""')), { ident: 'id', user: '', bytes: null, referer: '' })
  t.match(fieldsOf(line.replace('Nov', 'Foo')), { time: '23/Foo/2026:19:41:55 +0900' }, 'no month')
})

t.test('a line that has no such fields stays as it is', async t => {
  t.equal(encode('{"a":1}'), '{"a":1}')
  t.equal(encode('text'), 'text')
})

t.test('the genuine requests have the same fields in combined as in JSON', async t => {
  const repairer = createJsonRepairer()
  let count = 0
  for (const json of fixtureLines('stdout.log')) {
    const raw = json.toString('latin1')
    if (!raw.includes('"type":"access"') || repairer.repair(json, 0, json.length) === 'invalid') continue
    const expected = JSON.parse(repairer.buffer.toString('utf8', 0, repairer.end)) as Readonly<Record<string, unknown>>
    const sent = (name: string) => new RegExp(`"${name}":"?(.*?)"?,"[a-z_]+":`).exec(raw)?.[1] ?? ''
    const plain = `${sent('remote_ip')} - ${sent('user')} [23/Nov/2026:19:41:55 +0000] "${sent('request')}" ` +
      `${sent('status')} ${sent('bytes')} "${sent('referer')}" "${sent('user_agent')}"`
    const actual = fieldsOf(plain)
    for (const name of ['remote_ip', 'user', 'request', 'status', 'bytes', 'referer', 'user_agent']) {
      if (actual[name] !== (expected[name] === '-' ? null : expected[name])) t.fail(`${name}: ${plain}`)
    }
    count++
  }
  t.equal(count, 830)
})

t.test('whatever the bytes, an access line becomes one line of strict JSON', async t => {
  const random = createRandom(11)
  const base = [line, `a:1 ${line} x`, '- -  23/Nov/2026:19:38:38 +0000 "GET /ok.php" 200'].map(text => Buffer.from(text))
  let encodedCount = 0
  for (let count = 0; count < 20_000; count++) {
    const changed = mutate(base[count % base.length] ?? Buffer.alloc(0), random)
    if (!isPlainAccess(changed)) continue
    const text = encode(changed)
    if (text.includes('\n') || typeof JSON.parse(text) !== 'object') t.fail(text)
    encodedCount++
  }
  t.ok(encodedCount > 5000, `${encodedCount} encoded`)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 30 }), bytes => {
    const agent = Buffer.from(bytes.filter(byte => byte !== 0x22 && byte !== 0x5c))
    return typeof fieldsOf(Buffer.concat([Buffer.from(line.slice(0, -1)), agent, Buffer.from('"')]))['user_agent'] === 'string'
  }))
})

const reader = createPlainAccess('auto')

function isPlainAccess (bytes: Buffer): boolean {
  return reader.read(bytes, 0, bytes.length)
}
