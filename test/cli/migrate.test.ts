import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import t from 'tap'
import { runMigrate } from '../../src/cli/migrate.ts'
import { loadConfig } from '../../src/config/load.ts'
import { readFluentBit } from '../../src/config/fluent-bit/read.ts'
import { settings } from '../../src/config/settings.ts'
import { unreadableWords } from '../../src/config/unreadable-words.ts'
import { firelensConfig } from '../support/firelens-config.ts'
import { readerOf } from '../support/read-file.ts'
import { writtenStreams } from '../support/written.ts'

interface Given {
  readonly check?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

async function migrate (file: string, files: Readonly<Record<string, string>> = {}, given: Given = {}) {
  const { written, ...streams } = writtenStreams()
  const { check = false, env = {}, stdin = '' } = given
  const io = { env, stdin: Readable.from([stdin]), ...streams, readFile: readerOf(files) }
  const code = await runMigrate(io, { file, check })
  return { code, ...written }
}

const file = firelensConfig({
  network: 'awsvpc',
  containers: {
    web: { Name: 'cloudwatch_logs', log_group_name: '/web', log_stream_prefix: '100% # "web"/', retry_limit: '2', 'exclude-pattern': 'ELB: #' },
    batch: { Name: 's3', bucket: 'batch-logs', s3_key_format: '/%Y/%m/%d/$UUID.gz' },
  },
})

t.test('what is printed is YAML that says the same as the file', async t => {
  const { code, out, error } = await migrate('f.conf', { 'f.conf': file })
  t.equal(code, 0)
  const { values } = readFluentBit(settings, { file: 'f.conf', env: {}, readFile: readerOf({ 'f.conf': file }) })
  const { origins, config, warnings } = loadConfig({ env: { SLUICE_CONFIG_YAML: out }, readFile: readerOf({}) })
  t.same(warnings, [])
  t.same([...origins.keys()].sort(), [...values.keys()].filter(path => !path.startsWith('ecs.')).sort())
  t.same(config.containers, {
    web: { logGroup: '/web', stream: '100%% # "web"/{container}-firelens-{task}', exclude: ['ELB: #'] },
    batch: { bucket: 'batch-logs', key: '%Y/%m/%d/{segment}.{ext}' },
  })
  t.match(out, /\n# What changes:\n# {3}f\.conf:\d+ {2}\[OUTPUT\] cloudwatch_logs of web: retry_limit {2}a failed request is retried/)
  t.match(error, /everything is carried over/)
})

t.test('what cannot be read is told as people say it', async t => {
  const wordsOf = (code: string, kind?: 'directory') => unreadableWords(Object.assign(new Error('odd'), { code }), kind)
  t.same(['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EIO'].map(code => wordsOf(code)),
    ['no such file', 'no such file', 'it is a directory', 'permission denied', 'odd'])
  t.same(['ENOENT', 'ENOTDIR'].map(code => wordsOf(code, 'directory')), ['no such directory', 'it is no directory'])
})

t.test('a file that is not there ends with a code and says what was expected', async t => {
  t.match(await migrate('none.conf'), { code: 66, out: '', error: /cannot read "none\.conf": no such file\n$/ })
})

t.test('what is not carried over is said in words: an included file, a statement of SQL, a setting for the same, a name', async t => {
  const text = `[SERVICE]
  Flush 1 # flush often
  Streams_File tasks.conf
@INCLUDE none.conf
[OUTPUT]
  Name s3
  Match *
  bucket shop-logs
  canned_acl private
  s3_key_format /$(ecs_task_arn)/$UUID
[OUTPUT]
  Name cloudwatch_logs
  Match err
  log_group_name /err
`
  const tasks = `[STREAM_TASK]
  Name err
  Exec CREATE STREAM err WITH (tag='err') AS SELECT * FROM TAG:'*' WHERE status >= 500;
`
  const { out } = await migrate('a.conf', { 'a.conf': text, 'tasks.conf': tasks })
  t.match(out, /maxAge: 1s {2}# a\.conf:2\n/)
  t.match(out, /@INCLUDE none\.conf +cannot be read: no such file\n/)
  t.match(out, /for which status >= 500 holds/)
  t.match(out, /canned_acl +set s3\.acl instead\n/)
  t.match(out, /s3_key_format +objects\.key: Sluice does not know all that it names\n/)
})

t.test('a configuration of Fluentd is called one, in one line', async t => {
  const { out } = await migrate('a.conf', { 'a.conf': '<match web**>\n  @type s3\n</match>\n' })
  t.match(out, /# Not carried over:\n# {3}a\.conf {2}file: <match web\*\*> {2}this is a configuration of Fluentd[^\n]*\n$/)
})

/** How a file refers to a variable. */
const of = (name: string) => '$' + `{${name}}`
const output = `[OUTPUT]\n  Name s3\n  Match *\n  bucket ${of('STORE')}\n  region ${of('WHERE')}\n  s3_key_format /${of('HOSTNAME')}/$UUID\n`

t.test('a variable is filled in where it is set, and told; one that is not stays, and is named with its setting', async t => {
  const { out, error } = await migrate('f.conf', { 'f.conf': output }, { env: { WHERE: 'eu-west-1', HOSTNAME: 'laptop' } })
  t.match(out, /bucket: "\$\{STORE\}" {2}# f\.conf:4/)
  t.match(out, /region: eu-west-1/)
  t.match(out, /# Variables that are not set here[^\n]*\n# {3}STORE +bucket\n# {3}HOSTNAME +objects\.key\n/)
  t.match(out, /# Filled in from the environment:\n# {3}WHERE {2}s3\.region\n/)
  t.notMatch(out, 'laptop', 'the machine that migrates is not the container')
  t.match(error, /2 wait for variables that are not set here/)
  const { config } = loadConfig({ env: { SLUICE_CONFIG_YAML: out, STORE: 'shop-logs', HOSTNAME: 'web-1' }, readFile: readerOf({}) })
  t.match(config, { bucket: 'shop-logs', objects: { key: 'web-1/{segment}.{ext}' } })
})

t.test('standard input is read for -', async t => {
  const { code, out } = await migrate('-', {}, { stdin: '[OUTPUT]\n  Name s3\n  Match *\n  bucket shop-logs\n' })
  t.equal(code, 0)
  t.match(out, /bucket: shop-logs {2}# standard input:4/)
})

t.test('--check exits 1 when something is not carried over, else 0', async t => {
  const files = { whole: '[OUTPUT]\n  Name s3\n  Match *\n  bucket shop-logs\n', part: '[OUTPUT]\n  Name datadog\n  Match *\n' }
  t.equal((await migrate('whole', files, { check: true })).code, 0)
  t.equal((await migrate('part', files, { check: true })).code, 1)
  t.equal((await migrate('part', files)).code, 0)
})

t.test('what is proposed is YAML of Sluice, and nothing of a file ends a comment', async t => {
  const hostile = '[OUTPUT]\n  Name s3\n  Match nowhere\u2028bucket: evil\u0085x\n  bucket shop-logs\n'
  const { out } = await migrate('f', { f: hostile })
  const proposed = [...out.matchAll(/^# {5}(.*)$/gm)].map(([, line = '']) => line)
  t.equal(proposed.length, 2)
  for (const line of proposed) {
    t.same(loadConfig({ env: { SLUICE_CONFIG_YAML: line }, readFile: readerOf({}) }).warnings, [])
  }
  t.notMatch(loadConfig({ env: { SLUICE_CONFIG_YAML: out }, readFile: readerOf({}) }).config, { bucket: 'evil' })
})

t.test('files that are included by a pattern are read in order, from classic files and from YAML', async t => {
  const dir = t.testdir({
    parts: {
      '1.conf': '[OUTPUT]\n Name s3\n Match *\n bucket one-logs\n region eu-west-1\n',
      '2.conf': '[OUTPUT]\n Name cloudwatch_logs\n Match *\n log_group_name /two\n region eu-west-1\n',
      'a.yaml': 'pipeline:\n  outputs:\n    - name: s3\n      match: "*"\n      bucket: yaml-logs\n',
    },
  })
  const files = Object.fromEntries(['1.conf', '2.conf', 'a.yaml'].map(name => [`${dir}/parts/${name}`, readFileSync(`${dir}/parts/${name}`, 'utf8')]))
  const { out } = await migrate(`${dir}/f.conf`, { ...files, [`${dir}/f.conf`]: '@INCLUDE parts/*.conf\n' })
  t.match(out, /^bucket: one-logs/m)
  t.match(out, /^logGroup: \/two/m)
  t.notMatch(out, 'cannot be read')
  t.match((await migrate(`${dir}/f.yaml`, { ...files, [`${dir}/f.yaml`]: 'includes:\n  - parts/*.yaml\n' })).out, /^bucket: yaml-logs/m)
  t.match((await migrate(`${dir}/g.conf`, { [`${dir}/g.conf`]: '@INCLUDE none/*.conf\n' })).out, /none\/\*\.conf {2}cannot be read/)
})

t.test('what only a line can tell of a tag stands in no name', async t => {
  const of = async (tag: string) => (await migrate('f.conf', {
    'f.conf': `[FILTER]\n Name rewrite_tag\n Match web-firelens-*\n Rule $log ERROR ${tag} false\n` +
      '[OUTPUT]\n Name cloudwatch_logs\n Match err.*\n region eu-west-1\n log_group_name /err\n log_stream_prefix x-\n',
  })).out
  const unknown = await of('err.$user')
  t.notMatch(unknown, 'unknownpart')
  t.notMatch(unknown, /^ *stream:/m)
  t.match(unknown, 'log_stream_prefix')
  t.match(await of('err.$ecs_task_id.$TAG[3]'), /stream: "?x-err\.\{task\}\./)
})
