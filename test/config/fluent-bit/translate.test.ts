import fc from 'fast-check'
import t from 'tap'
import { readFluentBit } from '../../../src/config/fluent-bit/read.ts'
import { describeLeftovers } from '../../../src/config/fluent-bit/translate.ts'
import { settings } from '../../../src/config/settings.ts'
import { firelensConfig, taskArn, type FirelensTask } from '../../support/firelens-config.ts'
import { readerOf } from '../../support/read-file.ts'

function read (text: string, files: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}) {
  const { values, leftovers } = readFluentBit(settings, { file: 'f.conf', env, readFile: readerOf({ ...files, 'f.conf': text }) })
  const said = Object.fromEntries([...values].map(([path, { value }]) => [path, value]))
  return { said, left: leftovers.map(({ section, option }) => `${section}: ${option}`), leftovers }
}

const everyTask = { 'ecs.cluster': 'shop', 'ecs.taskArn': taskArn, 'ecs.taskDefinition': 'payment:42' }
const sockets = (host: string) => ({
  unixSocket: '/var/run/fluent.sock', tcp: { host, port: 24224 }, 'firelens.healthInput': { host: '127.0.0.1', port: 8877 },
})

t.test('every variant of what ECS generates is understood whole', async t => {
  const web = { Name: 'cloudwatch_logs', log_group_name: '/ecs/web', region: 'ap-northeast-1', log_stream_prefix: 'web/' }
  const webSaid = {
    'containers.web.logGroup': '/ecs/web',
    'containers.web.region': 'ap-northeast-1',
    'containers.web.stream': 'web/{container}-firelens-{task}',
  }
  const variants: readonly (readonly [string, FirelensTask, object])[] = [
    ['awsvpc', { network: 'awsvpc', containers: { web } }, { ...sockets('127.0.0.1'), ...everyTask, ...webSaid }],
    ['bridge', { network: 'bridge', containers: { web } }, { ...sockets('0.0.0.0'), ...everyTask, ...webSaid }],
    ['host', { network: 'host', containers: { web } }, { unixSocket: '/var/run/fluent.sock', ...everyTask, ...webSaid }],
    ['EC2', { network: 'awsvpc', instanceId: 'i-0a', containers: { web } },
      { ...sockets('127.0.0.1'), ...everyTask, 'ecs.instanceId': 'i-0a', ...webSaid }],
    ['no metadata', { network: 'awsvpc', hasMetadata: false, containers: { web } }, { ...sockets('127.0.0.1'), ...webSaid }],
    ['memory of its own', { network: 'awsvpc', memoryMB: 128, containers: {} }, { ...sockets('127.0.0.1'), ...everyTask }],
    ['no output', { network: 'awsvpc', containers: { web: {} } }, { ...sockets('127.0.0.1'), ...everyTask }],
    ['patterns alone', { network: 'awsvpc', containers: { web: { 'include-pattern': '^GET (a|b)', 'exclude-pattern': 'ELB' } } },
      { ...sockets('127.0.0.1'), ...everyTask, 'containers.web.include': ['^GET (a|b)'], 'containers.web.exclude': ['ELB'] }],
    ['a dummy', { network: 'awsvpc', containers: { web: { Name: 'null' } } }, { ...sockets('127.0.0.1'), ...everyTask }],
    ['settings through a dummy', { network: 'awsvpc', containers: { web: { Name: 'null', bucket: 'web-logs', log_group_name: '/w' } } },
      { ...sockets('127.0.0.1'), ...everyTask, 'containers.web.bucket': 'web-logs', 'containers.web.logGroup': '/w' }],
    ['two containers', {
      network: 'awsvpc',
      containers: { web, 'batch-firelens-x': { Name: 's3', bucket: 'batch-logs', region: 'us-east-1', s3_key_format: '/$TAG[0]/%Y/%m/%d/$UUID.gz', s3_key_format_tag_delimiters: '-' } },
    }, {
      ...sockets('127.0.0.1'),
      ...everyTask,
      ...webSaid,
      'containers.batch-firelens-x.bucket': 'batch-logs',
      'containers.batch-firelens-x.region': 'us-east-1',
      'containers.batch-firelens-x.key': 'batch/%Y/%m/%d/{segment}.{ext}',
    }],
  ]
  for (const [name, task, said] of variants) {
    const found = read(firelensConfig(task))
    t.same(found.said, said, name)
    t.same(found.left, [], name)
  }
})

t.test('options of a destination become settings of the container', async t => {
  const { said, left } = read(firelensConfig({
    network: 'host',
    hasMetadata: false,
    containers: {
      web: {
        Name: 'cloudwatch',
        log_group_name: '/w',
        log_stream_name: '$(ecs_task_id)',
        auto_create_group: 'true',
        log_retention_days: '90',
        log_group_class: 'INFREQUENT_ACCESS',
        log_key: 'log',
        role_arn: 'arn:aws:iam::123456789012:role/r',
        'net.keepalive': 'on',
      },
      batch: { Name: 's3', bucket: 'batch-logs', compression: 'zstd', storage_class: 'STANDARD_IA', use_put_object: 'On' },
    },
  }))
  t.same(said, {
    unixSocket: '/var/run/fluent.sock',
    'containers.web.logGroup': '/w',
    'containers.web.stream': '{task}',
    'containers.web.createGroup': true,
    'containers.web.retentionDays': 90,
    'containers.web.groupClass': 'INFREQUENT_ACCESS',
    'containers.web.roleArn': 'arn:aws:iam::123456789012:role/r',
    'containers.batch.bucket': 'batch-logs',
    'containers.batch.compression': 'zstd',
    'containers.batch.storageClass': 'STANDARD_IA',
  })
  t.same(left, [])
})

t.test('values that are none of ours are left over, never taken for something else', async t => {
  const { said, leftovers } = read(firelensConfig({
    network: 'host',
    hasMetadata: false,
    containers: { web: { Name: 's3', bucket: 'batch-logs', compression: 'parquet', s3_key_format: '/%q/$UUID', log_retention_days: '8', retry_limit: '5' } },
  }))
  t.same(said, { unixSocket: '/var/run/fluent.sock', 'containers.web.bucket': 'batch-logs' })
  const words = describeLeftovers('f.conf', leftovers)
  t.match(words, /^f\.conf: not carried over: \[OUTPUT\] s3 of web: compression \(allowed: .*\), log_retention_days, s3_key_format \(/)
})

t.test('a configuration of one\'s own holds for all containers, with what it includes and sets', async t => {
  const { said, left } = read(`
# mine
@SET group=/all
[SERVICE]
    HTTP_Server On
    HTTP_Port 2021
    Grace 30
@INCLUDE outputs.conf
@INCLUDE missing.conf
[FILTER]
    Name grep
    Match *
    Exclude log ELB-HealthChecker
[FILTER]
    Name rewrite_tag
    Match *
    Rule $log ^\\{ access false
[INPUT]
    Name tail
    Path /var/log/*.log
[OUTPUT]
    Name http
    Match *
[CUSTOM]
    a b
`, {
    'outputs.conf': '[OUTPUT]\n  Name cloudwatch_logs\n  Match *\n  log_group_name $' + '{group}\n  region us-east-1\n' +
      '[OUTPUT]\n  Name s3\n  Match *\n  bucket $' + '{BUCKET_0}\n  region eu-west-1\n[OUTPUT]\n  Name s3\n  Match access\n  bucket other\n',
  }, { BUCKET_0: 'from-secret', group: '/env' })
  t.same(said, {
    http: { host: '0.0.0.0', port: 2021 },
    logGroup: '/all',
    'cloudwatch.region': 'us-east-1',
    bucket: 'from-secret',
    's3.region': 'eu-west-1',
    'filter.exclude': ['ELB-HealthChecker'],
    'stop.deadline': 30_000,
    // All lines go to the group and to the first bucket, and access lines of JSON to the other one too.
    'error.copyToS3': true,
    'routes.all.logGroup': '/all',
    'routes.all.region': 'us-east-1',
    'routes.all.to': 'cloudwatch',
    'routes.other.bucket': 'other',
    'routes.other.to': 's3',
    'routes.access.copyTo': ['all', 'other'],
    'routes.invalid.copyTo': ['all', 'other'],
    'routes.app.copyTo': ['all'],
    // So do other lines that begin as JSON.
    rules: [{ name: 'route-1', when: { class: ['app'], line: ['~^\\{'] }, copyTo: ['all', 'other'] }],
  })
  t.same(left.sort(), ['[CUSTOM]: ', '[INPUT] tail: ', '[OUTPUT] http: ', 'file: @INCLUDE missing.conf'])
})

t.test('a file that includes itself ends', async t => {
  t.ok(read('@INCLUDE f.conf\n').left.length > 0)
})

t.test('whatever the text is, it is read without throwing, and every value is one of a setting', async t => {
  const line = fc.oneof(
    fc.constantFrom('[INPUT]', '[FILTER]', '[OUTPUT]', '[SERVICE]', ' Name s3', ' Name grep', ' Name forward', ' Match *',
      ' Match web-firelens*', ' Regex log (', ' s3_key_format /$TAG[3]/%', ' Listen ::1', ' Port x', '@SET a', '@INCLUDE'),
    fc.string({ maxLength: 40 }))
  fc.assert(fc.property(fc.array(line, { maxLength: 30 }), lines => {
    read(lines.join('\n'))
  }), { numRuns: 500 })
})

/** All that is said, in one text. */
function notesOf (text: string): string {
  const { leftovers, notes } = readFluentBit(settings, { file: 'f.conf', env: {}, readFile: readerOf({ 'f.conf': text }) })
  return [...leftovers, ...notes].map(({ section, option, hint }) => `${section}: ${option}: ${hint}`).join('\n')
}
const s3 = (lines: string) => `[OUTPUT]\n Name s3\n Match *\n bucket shop-logs\n ${lines}\n`
const filter = (name: string, lines: string) => `[FILTER]\n Name ${name}\n Match *\n ${lines.split('\n').join('\n ')}\n`

t.test('sizes and times become those of Sluice, and a bound that they meet is told', async t => {
  t.match(read(s3('total_file_size 50M\n upload_timeout 90\n storage.total_limit_size 2G')).said,
    { 'objects.maxBytes': 50e6, 'objects.maxAge': 90_000, 'routes.access.maxBytes': 2e9 })
  t.match(read(s3('total_file_size 1G\n upload_timeout 1d')).said, { 'objects.maxBytes': 2 ** 28, 'objects.maxAge': 36e5 })
  t.match(notesOf(s3('total_file_size 1G\n upload_timeout 1d')), /objects\.maxBytes is 256MiB, since 1G is over its most[^]*objects\.maxAge is 1h/)
  t.match(read('[SERVICE]\n Flush 0.01\n Grace 60\n storage.path /buf\n storage.sync full\n Log_Level debug\n').said,
    { 'events.maxAge': 50, 'stop.deadline': 60_000, dataDir: '/buf', 'spool.sync': 'always', 'log.level': 'debug' })
  for (const [level, here] of [['off', 'fatal'], ['warning', 'warn'], ['Warn', 'warn']] as const) {
    t.match(read(`[SERVICE]\n Log_Level ${level}\n`).said, { 'log.level': here }, level)
  }
  t.match(notesOf('[SERVICE]\n Grace 5\n'), /stop\.deadline stays at 25s/)
})

t.test('what changes without being asked for is said, with the query that must change', async t => {
  t.match(notesOf(s3('')), /json_extract_scalar[^]*compressed with gzip[^]*closed at 32 MiB/)
  t.notMatch(notesOf(s3('compression gzip\n log_key log\n total_file_size 1M\n s3_key_format /$UUID')), /json_extract|compressed|closed at|keys are/)
  t.match(notesOf('[OUTPUT]\n Name cloudwatch_logs\n Match *\n log_group_name /a\n'), /filter @message like/)
  t.notMatch(notesOf('[OUTPUT]\n Name cloudwatch_logs\n Match *\n log_group_name /a\n log_key log\n'), /@message/)
})

t.test('lines of stdout that are errors go where stderr goes, which is said where that is elsewhere', async t => {
  const split = filter('rewrite_tag', 'Rule $source ^stderr$ err.$TAG false') + '[OUTPUT]\n Name cloudwatch_logs\n Match err.*\n log_group_name /err\n'
  t.match(notesOf(split + s3('')), /\[OUTPUT\] s3: : lines of stdout of all containers that say .* go to the log group \/err, .*`app\.errorsFrom: off`/)
  t.match(notesOf(split + s3('').replace('*', 'web-firelens*')), /lines of stdout of web that say/)
  for (const text of [s3(''), '[OUTPUT]\n Name cloudwatch_logs\n Match *\n log_group_name /a\n', s3('') + '[OUTPUT]\n Name cloudwatch_logs\n Match *\n log_group_name /a\n']) t.notMatch(notesOf(text), /errorsFrom/, text)
})

t.test('a grep on a key of JSON lines finds the key in the line, where a parser has read the line', async t => {
  const json = filter('parser', 'Key_Name log\nParser json')
  for (const [rule, yes, no] of [
    ['Exclude level ^debug$', '{"level": "debug","a":1}', '{"level":"debugger"}'],
    ['Exclude status ^(200|304)$', '{"status":304}', '{"status":3045}'],
    ['Exclude $user.agent kube-probe', '{"user.agent":"the kube-probe/1"}', '{"path":"kube-probe"}'],
    ['Exclude path ^/health.*', '{"path":"/healthz"}', '{"path":"/a/health"}'],
  ] as const) {
    const { said, left } = read(json + filter('grep', rule))
    t.same(left, [], rule)
    const [pattern = ''] = said['filter.exclude'] as readonly string[]
    t.match(yes, new RegExp(pattern), rule)
    t.notMatch(no, new RegExp(pattern), rule)
  }
  t.match(notesOf(filter('grep', 'Exclude level debug')), /lines of a container have no field level/)
  t.match(notesOf(filter('parser', 'Key_Name log\nParser apache2') + filter('grep', 'Exclude path ^/health')),
    /a parser found path in text: write a rule, which asks access lines for path/)
  t.match(notesOf(json + filter('grep', 'Exclude level (?!debug)')), /grep: Exclude/)
  t.match(notesOf(filter('grep', 'Exclude  log  debug')), /the second space was a part of the pattern/)
  t.notMatch(notesOf(filter('grep', 'Exclude  log debug')), /second space/)
})

t.test('several patterns are joined as the filter joins them', async t => {
  t.same(read(filter('grep', 'Logical_Op or\nRegex log a\nRegex log b')).said, { 'filter.include': ['(?:a)|(?:b)'] })
  t.same(read(filter('grep', 'Regex log a\nRegex log b')).said, { 'filter.include': ['a', 'b'] })
  t.match(read(filter('grep', 'Logical_Op and\nExclude log a\nExclude log b')).said['rules'], [{ when: { line: ['~(?<=(?:a)[^]*)(?<=(?:b)[^]*)'] }, filter: true }])
  t.match(notesOf(filter('grep', 'Logical_Op and\nExclude log (.)\\1\nExclude log b')), /match all of these/)
})

t.test('a filter that Sluice does not have is named; one for which there is nothing to set is no leftover', async t => {
  for (const [text, isLeft] of [
    [filter('lua', 'script a.lua'), true],
    [filter('nest', 'Operation lift'), true],
    [filter('throttle', 'Rate 100'), true],
    [filter('modify', 'Copy team group'), true],
    [filter('modify', 'Add team shop'), false],
    [filter('modify', 'Remove container_id'), false],
    [filter('record_modifier', 'Allowlist_key log'), false],
    [filter('multiline', 'multiline.parser php'), false],
    [filter('parser', 'Key_Name log\nParser json'), false],
    [filter('parser', 'Key_Name log\nParser own'), false],
    ['[FILTER]\n Name lua\n Match made-by-nobody\n', true],
  ] as const) t.equal(read(text).left.length > 0, isLeft, text)
})

t.test('no destination goes without a word that says where its lines go instead', async t => {
  for (const [text, words] of [
    ['[OUTPUT]\n Name datadog\n Match *\n', 'all lines of all containers go to files in dataDir'],
    [s3('') + '[OUTPUT]\n Name datadog\n Match web-firelens*\n', 'all lines of web go to s3://shop-logs here'],
    ['[OUTPUT]\n Name s3\n Match made-by-nobody\n bucket b-logs\n', 'nothing in this file makes the tag made-by-nobody'],
    ['[INPUT]\n Name tail\n Tag t\n[OUTPUT]\n Name s3\n Match t\n bucket b-logs\n', 'its lines come from [INPUT] tail'],

    ['[OUTPUT]\n Name null\n Match web-firelens*\n', 'containers.web.exclude'],
    ['[OUTPUT]\n Name cloudwatch\n Match *\n log_group_name /a/$(ecs_cluster)\n', 'does not say what ecs_cluster is'],
    [filter('grep', 'Regex source stderr') + '[OUTPUT]\n Name cloudwatch\n Match *\n log_group_name /a\n', 'no output took the lines of stdout of all containers'],
  ] as const) t.ok(notesOf(text).includes(words), `${text}\n${notesOf(text)}`)
})

t.test('a variable that is not set leaves its setting open, and a group that only a template names keeps its default', async t => {
  const text = `[OUTPUT]\n Name cloudwatch\n Match *\n region ${'$'}{WHERE}\n log_group_name /a/$(ecs_cluster)\n default_log_group_name /a/all\n`
  const { open, values } = readFluentBit(settings, { file: 'f', env: {}, readFile: readerOf({ f: text }) })
  t.match(open.get('cloudwatch.region'), { names: ['WHERE'] })
  t.equal(values.get('logGroup')?.value, '/a/all')
})
