import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { latin1Lines } from '../support/lines.ts'
import {
  captures, countsOf, explain, explainJson, fixtures, type Explained, type ExplainedRecord,
} from './explain/world.ts'

t.test('counts what the captures hold', async t => {
  const table: Record<string, Readonly<Record<string, number>>> = {}
  for (const { file, source } of captures) {
    table[file] = countsOf(await explainJson({ argv: [join(fixtures, file), '--source', source] }))
  }
  for (const name of ['docker-ack', 'driver-s1-eventtime', 'fluent-bit-gzip']) {
    table[name] = countsOf(await explainJson({ argv: [join(fixtures, `forward/${name}.bin`)] }))
  }
  t.strictSame(table, {
    'apache-modphp/stdout.log': {
      'access/access': 572, 'access/access-broken': 194, 'app/stdout': 20, 'filtered/health-check': 64,
    },
    'apache-modphp/stderr.log': { 'error/stderr': 382 },
    'php-fpm/fpm-stderr.log': { 'access/fpm-access': 454, 'error/stderr': 167, 'filtered/empty': 1 },
    'php-fpm/apache-stderr.log': { 'error/stderr': 130 },
    'docker-ack': { 'access/access': 1, 'app/stdout': 3, 'error/stderr': 1, 'filtered/empty': 1 },
    'driver-s1-eventtime': { 'app/stdout': 12, 'filtered/empty': 1 },
    'fluent-bit-gzip': { 'app/stdout': 6 },
  })
})

t.test('every line is part of one record, whose text it is in', async t => {
  for (const { file, source } of captures) {
    const lines = latin1Lines(readFileSync(join(fixtures, file)))
    // A cookie stands in one of them.
    const env = { SLUICE_REDACT_PRESET: 'none' }
    const records = await explainJson({ argv: [join(fixtures, file), '--source', source], env })
    const numbers = records.flatMap(record => record.lines)
    t.equal(new Set(numbers).size, numbers.length, `${file}: no line twice`)
    t.equal(numbers.length, lines.length, `${file}: no line missing`)
    for (const { lines: own, read } of records) {
      for (const number of own) {
        const line = lines[number - 1] ?? ''
        // Without php-fpm's decoration, which only the first line keeps.
        const body = /^(?:.* said into stderr: ")?(.*?)"?$/.exec(line)?.[1] ?? ''
        const start = body.replace(/[\x80-\xff].*/, '').slice(0, 200)
        if (!read.includes(start)) t.fail(`${file}: line ${number} is not in its record`)
      }
    }
  }
})

t.test('says what was repaired, what is invalid and what an error tells', async t => {
  const [broken, torn] = await explainJson({
    argv: ['-'],
    input: '{"status":200,"path":"/\\xe3\\x81\\x82","user":""""}\n' +
      '{"status":200,"path":"/aaa{"status":404,"path":"/b"}\n',
  })
  t.strictSame(broken, {
    lines: [1],
    stream: 'stdout',
    time: '2026-11-23T19:41:55.000Z',
    class: 'access',
    rule: 'access-broken',
    repairs: ['hex_escape', 'empty_user'],
    redactions: [],
    route: 'access',
    destination: 'file: /data/task1/delivered',
    read: '{"status":200,"path":"/\\xe3\\x81\\x82","user":""""}',
    delivered: ['{"status":200,"path":"/あ","user":""}'],
  })
  t.match(torn, { lines: [2], class: 'invalid', rule: 'access-broken', reason: 'torn', repairs: [], route: 'invalid' })
  const [error] = await explainJson({
    argv: ['--source', 'stderr'],
    env: { SLUICE_ERROR_MIN_LEVEL: 'error' },
    input: '[Mon Nov 23 19:41:53.177424 2026] [php:warn] [pid 1:tid 1] [client ::1:5] PHP Warning:  x in /a.php on line 3\n',
  })
  t.match(error, { class: 'error', rule: 'stderr', filter: 'below-level', level: 'warn', delivered: [] })
  t.match(error?.fields, { module: 'php', kind: 'Warning', file: '/a.php', line: 3, client: '::1' })
})

t.test('for people: a head, then one value a line; a summary at the end', async t => {
  const { code, out, error } = await explain({
    argv: ['--source', 'stderr'],
    input: [
      '[24-Nov-2026 04:37:30 UTC] PHP Fatal error:  Uncaught Exception: no in /a.php:2',
      'Stack trace:',
      '#0 {main}',
      '  thrown in /a.php on line 2',
      '- -  23/Nov/2026:19:38:46 +0000 "GET /ok.php" 200',
      '',
      '',
    ].join('\n'),
  })
  t.strictSame([code, error], [0, ''])
  t.equal(out, `\
lines 1-4, 4 joined  error  rule stderr, stderr
  read        [24-Nov-2026 04:37:30 UTC] PHP Fatal error:  Uncaught Exception: no in /a.php:2
              Stack trace:
              #0 {main}
                thrown in /a.php on line 2
  level       error
  origin      php
  kind        Fatal error
  exception   Exception
  fingerprint a4ed339becfe
  file        /a.php:2
  message     no
  route       error → file: /data/task1/delivered
  delivered   {"t":1795462915000,"c":"","m":"[24-Nov-2026 04:37:30 UTC] PHP Fatal error:  Uncaught Exception: no in /a.php:2\\nStack trace:\\n#0 {main}\\n  thrown in /a.php on line 2"}

line 5  access  rule fpm-access, stderr
  read        - -  23/Nov/2026:19:38:46 +0000 "GET /ok.php" 200
  route       access → file: /data/task1/delivered
  delivered   {"time":"2026-11-23T19:38:46+00:00","remote_ip":null,"user":null,"request":"GET /ok.php","method":"GET","path":"/ok.php","query":"","protocol":null,"status":200}

line 6  filtered by empty  rule empty, stderr
  read

CLASS     RULE        RECORDS
access    fpm-access        1
error     stderr            1
filtered  empty             1

Every record is accounted for
  received   6  stdin 6
  recovered  0
  made       0
  delivered  2  access 1, error 1
  filtered   1  empty 1
  rejected   0
  dropped    0
  joined     3  trace 3
  pending    0
  in:  received + recovered + made = 6
  out: delivered + filtered + rejected + dropped + joined + pending = 6
The ledger balances.
`)
})

t.test('colour on a terminal only, and never with NO_COLOR', async t => {
  const escape = '\u001b['
  const run = { argv: [], input: '{"status":200,"path":"/"}\n' }
  t.notOk((await explain(run)).out.includes(escape))
  t.ok((await explain({ ...run, columns: 80 })).out.includes(escape))
  t.notOk((await explain({ ...run, columns: 80, env: { NO_COLOR: '1' } })).out.includes(escape))
})

t.test('what a client sent cannot drive the terminal, and no line is wider than it', async t => {
  const input = `a \u001b[31mred\u202e\r${'長い'.repeat(200)}\u0007\n`
  const { out } = await explain({ argv: [], input, columns: 60, env: { NO_COLOR: '1' } })
  for (const harmful of ['\u001b', '\r', '\u0007', '\u202e']) t.notOk(out.includes(harmful))
  t.match(out, /read +a \\x1b\[31mred\\u\{202e\}\\x0d長い.* … 4\d\d characters\n/)
  for (const line of out.split('\n').slice(0, 4)) {
    t.ok(line.length + (line.match(/[長い]/g) ?? []).length <= 60, line)
  }
})

t.test('damaged captures and files that are not there are told', async t => {
  const bytes = readFileSync(join(fixtures, 'forward/docker-plain.bin'))
  const cut = join(t.testdir(), 'cut.bin')
  writeFileSync(cut, bytes.subarray(0, bytes.length - 1))
  const whole = await explain({ argv: ['--json', join(fixtures, 'forward/docker-plain.bin')] })
  const torn = await explain({ argv: ['--json', cut] })
  t.equal(torn.code, 65)
  t.match(torn.error, /sluice explain: .*cut\.bin: frame at byte \d+: ends before its end\n$/)
  t.equal(torn.out.split('\n').length, whole.out.split('\n').length - 1, 'what came before is explained')
  writeFileSync(cut, Buffer.concat([bytes, Buffer.from([0xc1])]))
  t.match(await explain({ argv: [cut] }), { code: 65, error: /frame at byte \d+: expected / })
  t.notOk(openFiles().includes(cut), 'it is closed, though it was not read to its end')
  const input = Readable.from([bytes.subarray(0, -1)])
  t.match(await explain({ argv: [], input }), { code: 65, error: /^sluice explain: standard input: frame at byte / })

  t.same(await explain({ argv: ['/no/such'] }), { code: 66, out: '', error: 'sluice explain: cannot read /no/such: no such file\n' })
  t.match(await explain({ argv: [t.testdirName] }), { code: 66, error: /: it is a directory\n$/ })
})

/** Of this process, as Linux lists them. */
function openFiles (): string[] {
  const links = readdirSync('/proc/self/fd').map(fd => join('/proc/self/fd', fd))
  return links.filter(link => existsSync(link)).map(link => readlinkSync(link))
}

t.test('wrong arguments and settings are told', async t => {
  t.match(await explain({ argv: ['--source', 'both'] }), { code: 64, error: /expected --source stdout or stderr, found 'both'/ })
  t.match(await explain({ argv: ['a', 'b'] }), { code: 64, error: /expected one file, found 2/ })
  t.match(await explain({ argv: [], env: { SLUICE_TCP: 'x' } }), { code: 78, error: /SLUICE_TCP/ })
  t.match(await explain({ argv: ['--jsn'] }), { code: 64, error: 'unknown option --jsn; did you mean --json?' })
})

t.test('nothing at all is explained too', async t => {
  t.match(await explain({ argv: [] }), { code: 0, out: /received +0/ })
})

t.test('says which rule of the settings matched, what it does, and who gets a copy', async t => {
  const yaml = 'routes: {slow: {to: s3}}\nrules: [{name: slow-requests, when: {duration: ">2s"}, copyTo: slow, mask: user}, {name: gone, when: {path: /x}, filter: true}]'
  const input = '{"status":200,"path":"/","duration_us":3000000,"user":"eve"}\n{"status":200,"path":"/x"}\n'
  const { out } = await explain({ argv: [], input, env: { SLUICE_CONFIG_YAML: yaml } })
  t.match(out, /^ {2}rule +slow-requests: copies to slow, masks user$/m)
  t.match(out, /^ {2}copies +slow → file: /m)
  t.match(out, /^ {2}delivered +\{"status":200,"path":"\/","duration_us":3000000,"user":"\*\*\*"\}$/m)
  t.match(out, /filtered by gone/)
  t.match(out, /^ {2}rule +gone: filters$/m)
})

t.test('says that an error would go to the route of storms, and why, and what the summary will say', async t => {
  const input = [1, 2, 3].map(number => `{"level":400,"message":"took ${number} s"}\n`).join('')
  const env = { SLUICE_STORMS_DIVERT: 'true', SLUICE_STORMS_COUNT: '2' }
  const run = { argv: ['--source', 'stderr'], input, env }
  const { out } = await explain(run)
  t.match(out, /^line 3 {2}error .*\n(?: .*\n)* {2}storm +record 3 of this error within 1m, and storms\.count is 2\n {2}route +storm → file: /m)
  t.match(out, /^made by Sluice {2}error {2}rule storm-summary, stderr\n(?: .*\n)* {2}delivered .*repeated 3 times in 1 s.* 1 of them went to route storm: took 3 s/m)
  t.match(out, /The ledger balances\./)
  const records = (await explain({ ...run, argv: [...run.argv, '--json'] })).out.split('\n').slice(0, -1)
    .map(line => JSON.parse(line) as ExplainedRecord)
  t.same(records.map(({ lines, route }) => [lines.length, route]), [[1, 'error'], [1, 'error'], [1, 'storm'], [0, 'error']])
  t.match(records[2]?.storm, /^record 3 of this error/)
  t.match((await explain({ ...run, argv: [...run.argv, '--summary'] })).out, /^ +3 +error +app +[0-9a-f]{12} +took/m, 'the summary is no occurrence')
})

t.test('with --time line each record has the time that its line says, of a file and of standard input', async t => {
  const lines = ['no time yet', '[23-Nov-2026 10:00:00 UTC] PHP Warning:  x in /a.php on line 1', 'sh: not found', ''].join('\n')
  const path = join(t.testdir({ 'old.log': lines }), 'old.log')
  const argv = ['--source', 'stderr', '--time', 'line', '--json']
  const timesIn = ({ out }: Explained) => out.trim().split('\n').map(line => (JSON.parse(line) as { readonly time: string }).time)
  const ten = '2026-11-23T10:00:00.000Z'
  t.same(timesIn(await explain({ argv: [...argv, path] })), [ten, ten, ten], 'a file is read once before for its first time')
  const piped = await explain({ argv, input: lines })
  t.same(timesIn(piped).slice(1), [ten, ten])
  t.match(piped.error, /lines without a time of their own, before any that has one/)
  t.match((await explain({ argv: ['--time', 'line', path] })).out, /^ {2}written {5}2026-11-23T10:00:00\.000Z$/m)
  t.notMatch((await explain({ argv: [path] })).out, /^ {2}written/m)
  t.equal((await explain({ argv: ['--time', 'lines', path] })).code, 64)
})
