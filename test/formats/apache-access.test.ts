import { readFileSync } from 'node:fs'
import t from 'tap'
import { createPlainAccess, type PlainAccessFormat } from '../../src/formats/apache-access.ts'
import { createRandom, fixtureLines, guarded, mutate } from '../support/access-lines.ts'

const readers = new Map((['auto', 'common', 'combined', 'vhost_combined', 'php_fpm'] as const)
  .map(format => [format, createPlainAccess(format)]))

/** The fields that are there, as they stand in the line; undefined when it is no access line. */
function fieldsOf (format: PlainAccessFormat, line: string | Buffer): Record<string, string> | undefined {
  const bytes = Buffer.from(line)
  const reader = readers.get(format)
  if (reader?.read(guarded(bytes), 0, bytes.length) !== true) return undefined
  return Object.fromEntries(reader.fields.filter(({ start }) => start >= 0)
    .map(({ name, start, end }) => [name, bytes.toString('latin1', start, end)]))
}

const common = '10.0.0.1 - - [23/Nov/2026:19:41:55 +0000] "GET /a?b=\\"c HTTP/1.1" 200 236'
const combined = `${common} "-" "curl/8.5.0 \\"x\\\\"`
const commonFields = {
  time: '23/Nov/2026:19:41:55 +0000', remote_ip: '10.0.0.1', ident: '-', user: '-', request: 'GET /a?b=\\"c HTTP/1.1', status: '200', bytes: '236',
}
const combinedFields = { ...commonFields, referer: '-', user_agent: 'curl/8.5.0 \\"x\\\\' }

t.test('the usual formats are recognised, with the place of each field', async t => {
  t.same(fieldsOf('auto', common), commonFields)
  t.same(fieldsOf('common', common), commonFields)
  t.same(fieldsOf('auto', combined), combinedFields)
  t.same(fieldsOf('combined', combined), combinedFields)
  for (const format of ['auto', 'vhost_combined'] as const) {
    t.same(fieldsOf(format, `www.example.com:443 ${combined}`), { ...combinedFields, vhost: 'www.example.com', port: '443' })
  }
})

t.test('a setting takes only its own format', async t => {
  t.equal(fieldsOf('combined', common), undefined)
  t.equal(fieldsOf('vhost_combined', combined), undefined)
  t.equal(fieldsOf('php_fpm', combined), undefined)
  t.equal(fieldsOf('common', '- -  23/Nov/2026:19:38:38 +0000 "GET /ok.php" 200'), undefined)
})

t.test('what a client can put into a field does not move the others', async t => {
  const withUser = (user: string) => fieldsOf('auto', combined.replace('- - [', `- ${user} [`))
  t.equal(withUser('john doe')?.['user'], 'john doe')
  t.equal(withUser('""')?.['user'], '')
  t.equal(withUser('x [y] [23/Nov')?.['user'], 'x [y] [23/Nov')
  t.same(fieldsOf('auto', combined.replace('10.0.0.1', '2001:db8::1')), { ...combinedFields, remote_ip: '2001:db8::1' })
  t.same(fieldsOf('auto', combined.replace('10.0.0.1 - -', '::1 - john doe')), { ...combinedFields, remote_ip: '::1', user: 'john doe' })
  t.equal(fieldsOf('auto', combined.replace('GET /a', 'GET /\\" 500 1 \\"'))?.['status'], '200')
  t.equal(fieldsOf('auto', combined.replace(' 236 ', ' - '))?.['bytes'], '-')
  t.equal(fieldsOf('auto', combined.replace(/"GET.*1.1"/, '"-"').replace('200', '408'))?.['request'], '-')
})

t.test('fields of one\'s own behind the usual ones are kept', async t => {
  t.same(fieldsOf('auto', `${combined} 1234 "203.0.113.7"`), { ...combinedFields, extra: '1234 "203.0.113.7"' })
  t.same(fieldsOf('auto', `${common} 1234`), { ...commonFields, extra: '1234' })
  t.same(fieldsOf('common', combined), combinedFields)
})

t.test('a column before the address is kept apart from it, whatever a client put there', async t => {
  const withFirst = (first: string) => fieldsOf('auto', `${first} ${combined}`)
  for (const first of ['-', '203.0.113.7', '203.0.113.7, 10.1.1.1', '{\\"a\\":1}', '%s', 'a b', '<x>', '\\xe3\\x81', "'"]) {
    t.same(withFirst(first), { ...combinedFields, forwarded_for: first })
  }
  t.same(withFirst('www.example.com'), { ...combinedFields, vhost: 'www.example.com' })
  const list = '203.0.113.7, 2001:db8::1, 10.1.1.1'
  t.same(fieldsOf('auto', combined.replace('10.0.0.1', list)), { ...combinedFields, remote_ip: list })
  t.same(fieldsOf('auto', combined.replace('- - [', '- 10.0.0.2 - x [')), { ...combinedFields, user: '10.0.0.2 - x' })
  t.same(fieldsOf('auto', combined.replace('10.0.0.1', 'host.example')), { ...combinedFields, remote_ip: 'host.example' })
})

t.test('a line that another was written into is no access line, and is told', async t => {
  const reader = createPlainAccess('auto')
  const isTorn = (text: string) => {
    const bytes = Buffer.from(text)
    return !reader.read(guarded(bytes), 0, bytes.length) && reader.isTorn
  }
  for (let cut = combined.indexOf('"curl') + 1; cut < combined.length; cut++) {
    t.ok(isTorn(combined.slice(0, cut)), `cut behind ${combined.slice(0, cut)}`)
    t.ok(isTorn(combined.slice(0, cut) + combined), `a line behind ${combined.slice(0, cut)}`)
  }
  for (const line of [common, combined, `${combined} 12 "\\"" "x"`, `${common} "x" 1`, 'text "', '']) t.notOk(isTorn(line), line)
})

t.test('access lines of php-fpm are recognised: all of the capture', async t => {
  const fields = { time: '23/Nov/2026:19:38:39 +0000', remote_ip: '127.0.0.1', user: '', request: 'GET /o"k.php?a=1', status: '200' }
  t.same(fieldsOf('php_fpm', '127.0.0.1 -  23/Nov/2026:19:38:39 +0000 "GET /o"k.php?a=1" 200'), fields)
  t.same(fieldsOf('auto', '127.0.0.1 - al 23/Nov/2026:19:38:39 +0000 "GET /o"k.php?a=1" 200 1.2 3%'), { ...fields, user: 'al', extra: '1.2 3%' })
  const lines = readFileSync(new URL('../fixtures/php-fpm/fpm-stderr.log', import.meta.url), 'utf8').split('\n')
  const expected = lines.filter(line => /^- - {2}23\/Nov\/2026:[\d:]{8} \+0000 "\w+ .*" \d{3}$/.test(line))
  const found = lines.filter(line => fieldsOf('php_fpm', line) !== undefined)
  t.same(found, expected)
  t.ok(found.length > 300, `${found.length} of ${lines.length}`)
})

t.test('nothing else is an access line', async t => {
  for (const line of ['', ' ', '-', '{"status":200}', '[app] done', 'cache warmed, 12 entries', ` ${combined}`, `"${combined}`, `[x] ${combined}`,
    combined.replace('/Nov/', '/11/'), combined.replace(' +0000', ''), combined.replace('] "', ']  "'), combined.replace('200', '20'),
    combined.replace('200', 'OK'), combined.replace('236', 'x'), combined.replace('10.0.0.1 - ', ''), '- - [23/Nov/2026:19:41:55 +0000] "-" 200 1',
    'a b c 23/Nov/2026:19:38:39 +0000 "GET /" 200', '- -  23/Nov/2026:19:38:39 +0000 "GET /" 20', '- -  23/Nov/2026:19:38:39 +0000 GET / 200']) {
    t.equal(fieldsOf('auto', line), undefined, line)
  }
  const genuine = [...fixtureLines('stdout.log'), ...fixtureLines('access.f2.log')]
  t.equal(genuine.filter(line => fieldsOf('auto', line) !== undefined).length, 0)
  const errors = readFileSync(new URL('../fixtures/apache-modphp/stderr.log', import.meta.url), 'latin1').split('\n')
  t.equal(errors.filter(line => fieldsOf('auto', line) !== undefined).length, 0)
})

t.test('a line cut anywhere, or changed at random, is judged by its own bytes', async t => {
  const random = createRandom(3)
  for (const line of [combined, `a.example:80 ${combined}`, '- -  23/Nov/2026:19:38:38 +0000 "GET /ok.php" 200'].map(text => Buffer.from(text))) {
    for (let end = 0; end < line.length; end++) {
      const isWhole = fieldsOf('auto', line.subarray(0, end)) !== undefined
      const reader = readers.get('auto')
      t.equal(reader?.read(line, 0, end), isWhole)
    }
    for (let count = 0; count < 3000; count++) fieldsOf('auto', mutate(line, random))
  }
})
