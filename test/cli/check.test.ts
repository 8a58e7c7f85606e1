import t from 'tap'
import { parse } from 'yaml'
import { runCheck } from '../../src/cli/check.ts'

interface Run {
  readonly config?: string
  readonly env?: Record<string, string>
  readonly text?: string
  readonly isTTY?: boolean
  readonly columns?: number
  readonly probe?: boolean
}

async function check ({ config, env = {}, text, isTTY = false, columns, probe = false }: Run) {
  const written = { out: '', error: '' }
  const code = await runCheck({
    env,
    stdout: { isTTY, columns, write: piece => { written.out += piece } },
    stderr: { isTTY, columns, write: piece => { written.error += piece } },
    readFile: path => {
      if (text !== undefined && !path.startsWith('/fluent-bit/')) return text
      throw Object.assign(new Error(`unexpected read of ${path}`), { code: 'ENOENT' })
    },
  }, { config, probe })
  return { code, ...written }
}

t.test('with nothing given it prints every default', async t => {
  const { code, out, error } = await check({})
  t.same([code, error], [0, ''])
  t.match(out, /^# every setting is a default\nunixSocket: \/var\/run\/fluent\.sock +# default\n/)
})

t.test('it says where each setting came from, in one column', async t => {
  const { code, out } = await check({
    config: 'a.yaml', text: 'tcp: off\nspool:\n  sync: always\n', env: { SLUICE_STOP_DEADLINE: '110s' },
  })
  t.equal(code, 0)
  t.match(out, /^# 3 of \d+ settings are not defaults\n/)
  t.match(out, /^tcp: off +# a\.yaml:1$/m)
  t.match(out, /^ {2}sync: always +# a\.yaml:3$/m)
  t.match(out, /^ {2}deadline: 1m50s +# SLUICE_STOP_DEADLINE$/m)
  const columns = out.split('\n').slice(1).map(line => line.indexOf('  # ')).filter(at => at > 0 && at <= 60)
  t.equal(new Set(columns).size, 1)
})

t.test('on a terminal nothing is wider than it, and YAML reads the same', async t => {
  const env = { NO_COLOR: '1', SLUICE_FILTER_EXCLUDE: `one "quoted", # and two, ${'long, '.repeat(20)}` }
  const run = { env, config: 'config/of-this-test.yaml', text: 'access:\n  statusKeys: [a, b]\n' }
  const settingsOf = (out: string) => out.slice(0, out.indexOf('\n\n'))
  const wide = await check(run)
  for (const columns of [80, 64]) {
    const { out } = await check({ ...run, isTTY: true, columns })
    t.match(parse(out), { http: '0.0.0.0:2020' })
    t.same(parse(out), parse(wide.out))
    const tooWide = settingsOf(out).split('\n').filter(({ length }) => length > columns)
    t.same(tooWide.filter(line => !line.includes('{prefix}')), [], `${columns} columns`)
    t.match(out, /^ {2}requestKeys: \[request, [^\]]*,\n {6}[^\]]*\]/m)
  }
})

t.test('a probe says that nothing is asked where every route goes to files', async t => {
  t.match((await check({ probe: true })).out, /\n# what AWS says\n# it is not asked: every route goes to files\n$/)
})

t.test('mistakes go to standard error with exit code 78 and no settings', async t => {
  const { code, out, error } = await check({ config: 'a.yaml', text: 'tpc: off\n', env: { SLUICE_HTTP: 'x' } })
  t.same([code, out], [78, ''])
  t.match(error, /^2 mistakes in the configuration\n {2}a\.yaml:1:1: unknown setting "tpc".*\n {2}SLUICE_HTTP: http: found "x"/)
})

t.test('on a terminal mistakes and warnings are no wider than it', async t => {
  const env = { SLUICE_HTTP: 'x', SLUICE_OBJECTS_COMPRESSION: 'brotli', SLUICE_XYZZY: '1', NO_COLOR: '1' }
  const { error } = await check({ env, isTTY: true, columns: 50 })
  t.same(error.split('\n').filter(({ length }) => length > 50), [])
  t.match(error, 'warning: unknown variable SLUICE_XYZZY is\n  ignored\n')
})

t.test('warnings go to standard error and change nothing', async t => {
  const { code, error } = await check({ env: { SLUICE_XYZZY: '1' } })
  t.same([code, error], [0, 'warning: unknown variable SLUICE_XYZZY is ignored\n'])
})

t.test('colour only on a terminal, and not with NO_COLOR', async t => {
  const escape = '\u001b['
  t.ok((await check({ isTTY: true })).out.includes(escape))
  t.ok((await check({ isTTY: true, env: { NO_COLOR: '' } })).out.includes(escape))
  t.notOk((await check({ isTTY: true, env: { NO_COLOR: '1' } })).out.includes(escape))
  t.notOk((await check({ env: { FORCE_COLOR: '1' } })).out.includes(escape))
})

const environment = {
  SLUICE_BUCKET: 'shop-logs', SLUICE_LOG_GROUP: '/ecs/shop/error', SLUICE_HOST_ID: 'task1', AWS_REGION: 'eu-west-1',
}

t.test('it ends with what goes where: destination, a name as an example, permissions', async t => {
  const { out, error } = await check({ env: { ...environment, SLUICE_PREFIX: 'production/' } })
  t.equal(error, '')
  const end = out.slice(out.indexOf('# what goes where'))
  const hour = String.raw`dt=\d{4}-\d\d-\d\d/hour=\d\d`
  const key = `production/access/${hour}/task1-\\d{10}-SEGMENT\\.ndjson\\.gz`
  t.match(end, new RegExp(`# access -> s3: s3://shop-logs/production/\n#   key ${key}\n` +
    '#   needs s3:PutObject on arn:aws:s3:::shop-logs/production/\\*\n'))
  t.match(end, '# error -> cloudwatch: /ecs/shop/error\n#   stream web/task1/error\n' +
    '#   needs logs:CreateLogStream, logs:PutLogEvents on arn:aws:logs:eu-west-1:*:log-group:/ecs/shop/error:*\n')
  t.match(out, /^(?:[^\n]*\n)+$/)
})

t.test('a container of its own has lines of its own, and each setting its permission', async t => {
  const text = 'containers:\n  worker:\n    logGroup: /ecs/worker\n    createGroup: true\n    retentionDays: 7\n' +
    's3: { tags: [a=b], acl: bucket-owner-full-control }\ncloudwatch: { groupTags: [c=d] }\n'
  const { out } = await check({ config: 'a.yaml', text, env: environment })
  t.match(out, /# error of worker -> cloudwatch: \/ecs\/worker\n# {3}stream worker\/task1\/error\n/)
  t.match(out, /logs:CreateLogGroup, logs:PutRetentionPolicy on .*\/ecs\/worker:\*\n# {3}needs logs:TagResource on/)
  t.match(out, /s3:PutObject, s3:PutObjectTagging, s3:PutObjectAcl on/)
})

t.test('what is valid and probably not meant is a warning, after everything else', async t => {
  const { code, error } = await check({
    env: {
      SLUICE_BUCKET: 'Shop_Logs',
      SLUICE_PREFIX: 'production',
      SLUICE_CLOUDWATCH_RETENTION_DAYS: '7',
      AWS_REGION: 'eu-wset-1',
      SLUICE_XYZZY: '1',
      ECS_CONTAINER_METADATA_URI_V4: 'http://169.254.170.2/v4/x',
    },
  })
  t.equal(code, 0)
  const warnings = error.trimEnd().split('\n')
  t.match(warnings, [
    /SLUICE_PREFIX: prefix: "production" has no slash.*production\{class\}\/; did you mean production\/\?/,
    /SLUICE_BUCKET: bucket: "Shop_Logs" cannot be the name of a bucket/,
    /retentionDays: has no effect without a logGroup/,
    /AWS_REGION: "eu-wset-1" is no region.*did you mean eu-west-1\?/,
    /lines are delivered to files on ECS.*\(error\): set SLUICE_LOG_GROUP/,
    /unknown variable SLUICE_XYZZY is ignored/,
  ])
})

t.test('a wrong placeholder is named', async t => {
  const cases = {
    '{contaner}/{segment}': /no placeholder is called \{contaner\}.*did you mean \{container\}\/\{segment\}\?/,
    '{class}/%Y': /\{segment\} is missing/,
    '{segment}-%S': /"%S" stands for nothing/,
    '{segment': /"\{" stands for nothing/,
  }
  for (const [template, words] of Object.entries(cases)) {
    const { code, error } = await check({ env: { SLUICE_OBJECTS_KEY: template } })
    t.equal(code, 78)
    t.match(error, words, template)
  }
})

const rules = `
routes: {audit: {bucket: audit-logs}}
rules:
  - name: health
    when: {class: access, path: /health, status: "<400"}
    filter: true
  - name: admin
    when: {keys: {tenant: shop}, path: "/admin/*"}
    route: audit
    mask: user
`
const tests = `
tests:
  - name: health checks are left out
    line: '{"status":200,"path":"/health"}'
    expect: {class: access, rule: health, route: none}
  - name: what the admins do is kept
    line: '{"status":200,"path":"/admin/a","tenant":"shop","user":"eve"}'
    expect: {rule: admin, route: audit, fields: {user: "***", tenant: shop, status: 200, pid: }}
  - name: a trace is one error
    source: stderr
    line: |
      [24-Nov-2026 04:37:30 UTC] PHP Fatal error:  Uncaught E: x in /a.php:2
      Stack trace:
      #0 {main}
        thrown in /a.php on line 2
    expect: {class: error, rule: none, route: error, level: error, fields: {exception: E}}
`

t.test('the tests of the settings run, and their end is shown as a test runner shows it', async t => {
  const { code, out, error } = await check({ config: 'a.yaml', text: rules + tests })
  t.equal(error, '')
  t.match(out, /\n# tests\n# ok 1 health checks are left out\n# ok 2 .*\n# ok 3 .*\n# 3 of 3 tests pass\n/)
  t.equal(code, 0)
})

t.test('a test that fails says what differs, and is the exit code', async t => {
  const wrong = tests.replace('rule: health, route: none', 'rule: admin, route: access').replace('user: "***"', 'user: eve')
  const { code, out } = await check({ config: 'a.yaml', text: rules + wrong })
  t.match(out, '# not ok 1 health checks are left out\n#     - rule: admin\n#     + rule: health\n' +
    '#     - route: access\n#     + route: none\n# not ok 2 what the admins do is kept\n#     - fields.user: eve\n#     + fields.user: ***\n')
  t.match(out, '# 1 of 3 tests pass\n')
  t.equal(code, 1)
})

t.test('what is printed of rules and tests is YAML that means the same', async t => {
  const { out } = await check({ config: 'a.yaml', text: rules + tests })
  const again = await check({ config: 'a.yaml', text: out })
  t.equal(again.code, 0)
  t.match(again.out, '# 3 of 3 tests pass')
})

t.test('where the surplus of storms goes is listed when it is diverted, with what it needs', async t => {
  const env = { ...environment, SLUICE_PREFIX: 'production/' }
  t.notMatch((await check({ env })).out, /surplus of storms/)
  const { out, error } = await check({ env: { ...env, SLUICE_STORMS_DIVERT: 'true' } })
  t.equal(error, '')
  t.match(out, new RegExp('# surplus of storms of error -> s3: s3://shop-logs/production/\n' +
    String.raw`#   key production/storm/dt=\d{4}-\d\d-\d\d/hour=\d\d/task1-\d{10}-SEGMENT\.ndjson\.gz` +
    '\n#   needs s3:PutObject on arn:aws:s3:::shop-logs/production/\\*\n'))
  const yaml = 'containers: {shop: {bucket: shop-own}}'
  t.match((await check({ env: { ...env, SLUICE_STORMS_DIVERT: 'true', SLUICE_CONFIG_YAML: yaml } })).out,
    /# surplus of storms of error of shop -> s3: s3:\/\/shop-own\/production\//)
})
