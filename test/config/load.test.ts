import fc from 'fast-check'
import t from 'tap'
import { firelensConfig } from '../support/firelens-config.ts'
import { readerOf } from '../support/read-file.ts'
import type { Environment } from '../../src/config/environment.ts'
import { loadConfig, tryConfig, type LoadedConfig } from '../../src/config/load.ts'
import { rowsOf } from '../../src/config/rows.ts'
import { settings } from '../../src/config/settings.ts'
import { SluiceError } from '../../src/contracts/errors.ts'

function load (text: string, env: Environment = {}): LoadedConfig {
  return loadConfig({ configFile: 'a.yaml', env, readFile: readerOf({ 'a.yaml': text }) })
}

function refuseToRead (): never {
  throw Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' })
}

/** So many items `key=value`. */
function pairs (count: number): string {
  return Array.from({ length: count }, (_, index) => `k${index}=v`).join(',')
}

/** The message of the one error that may be thrown; undefined when there is none. */
function messageOf (read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'ERR_CONFIG') throw error
    return error.message
  }
}

/** Without what test/config/idle-settings.test.ts looks at: no destination is set here that has these settings. */
function withoutIdle (warnings: readonly string[]): string[] {
  return warnings.filter(warning => !warning.includes('has no effect'))
}

t.test('with nothing given, everything has its default and no file is read', async t => {
  const { config, warnings, origins } = loadConfig({ env: {}, readFile: refuseToRead })
  t.same([warnings, origins.size], [[], 0])
  t.equal(config.unixSocket, '/var/run/fluent.sock')
  t.equal(config.unixSocketMode, 0o777)
  t.same(config.tcp, { host: '127.0.0.1', port: 24224 })
  t.same(config.http, { host: '0.0.0.0', port: 2020 })
  t.equal(config.dataDir, '/var/lib/sluice')
  t.equal(config.routes.access.maxBytes, 2 ** 30)
  t.equal(config.routes.error.maxBytes, 2 ** 28)
  t.equal(config.stop.deadline, 25_000)
  t.equal(config.routes.app.to, 's3')
})

t.test('the environment wins over the file, and the file over the defaults', async t => {
  const { config, origins } = load('tcp: off\nhttp: off\n', { SLUICE_HTTP: '[::1]:0' })
  t.equal(config.tcp, 'off')
  t.same(config.http, { host: '::1', port: 0 })
  t.same([...origins], [['tcp', 'a.yaml:1'], ['http', 'SLUICE_HTTP']])
})

t.test('SLUICE_CONFIG names the file when no flag does', async t => {
  const readFile = readerOf({ 'flag.yaml': 'hostId: flag', 'b.yaml': 'hostId: variable' })
  t.equal(loadConfig({ env: { SLUICE_CONFIG: 'b.yaml' }, readFile }).config.hostId, 'variable')
  t.equal(loadConfig({ configFile: 'flag.yaml', env: { SLUICE_CONFIG: 'b.yaml' }, readFile }).config.hostId, 'flag')
  t.equal(loadConfig({ env: { SLUICE_CONFIG: '' }, readFile: refuseToRead }).config.hostId, '')
})

t.test('a file that cannot be read is a mistake that says who named it', async t => {
  t.match(messageOf(() => loadConfig({ env: { SLUICE_CONFIG: 'b.yaml' }, readFile: refuseToRead })),
    'SLUICE_CONFIG: cannot read "b.yaml": no such file')
  t.match(messageOf(() => loadConfig({ configFile: 'b.yaml', env: {}, readFile: refuseToRead })),
    '--config: cannot read "b.yaml": no such file')
})

t.test('every mistake of the file and of the environment is in one message', async t => {
  t.equal(messageOf(() => load('tpc: off\nlog: { level: loud }\n', { SLUICE_STOP_QUIET: '1' })), [
    '3 mistakes in the configuration',
    '  a.yaml:1:1: unknown setting "tpc"; did you mean tcp?',
    '  a.yaml:2:15: log.level: found "loud"; allowed: `trace`, `debug`, `info`, `warn`, `error`, `fatal`',
    '  SLUICE_STOP_QUIET: stop.quiet: found "1"; allowed: a duration with its unit from 0s to 1m; did you mean 1s?',
  ].join('\n'))
})

t.test('a mistake in the file counts even where the environment has another value', async t => {
  t.match(messageOf(() => load('tcp: 1', { SLUICE_TCP: 'off' })), /^one mistake.*\n.*a\.yaml:1:6: tcp/)
})

t.test('what AWS could never take is a mistake, whatever form a name may have is none', async t => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['SLUICE_BUCKET', ['', 'logs', 'my.logs-2026', 'Old_Bucket', 'arn:aws:s3:eu-west-1:123456789012:accesspoint/logs'],
      ['s3://logs', 'logs/production', 'ab', '-logs', 'arn:aws:s3:::logs', 'arn:aws-us-gov:s3:::logs/production',
        'arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap']],
    ['SLUICE_AWS_ROLE_ARN', ['', 'arn:aws:iam::123456789012:role/a/log-writer', 'arn:aws-cn:iam::123456789012:role/x'],
      ['log-writer', 'arn:aws:iam::12:role/x', 'arn:aws:iam::123456789012:user/x', 'arn:aws :iam::123456789012:role/x']],
    ['SLUICE_S3_REGION', ['', 'eu-west-1', 'eusc-de-east-1', 'us-gov-east-1', 'us-isob-east-1'],
      ['eu west 1', ' ', 'eu-west-1/', 'https://s3.eu-west-1.amazonaws.com', '-eu', 'x'.repeat(64)]],
    ['SLUICE_S3_ENCRYPTION', ['bucket', 'AES256', 'aws:kms:dsse'], ['aws kms', 'aws:']],
    ['SLUICE_S3_KMS_KEY_ID', ['', 'alias/logs', '1234abcd-12ab-34cd-56ef-1234567890ab', 'arn:aws:kms:eu-west-1:123456789012:alias/x'],
      ['my key', 'a\nb']],
    ['SLUICE_S3_EXPECTED_BUCKET_OWNER', ['', '012345678901'], ['12345678901', '1234-5678-9012']],
    ['SLUICE_S3_TAGS', ['', 'team=web', 'a b:/+@=x=y, c=', `${'k'.repeat(128)}=${'ü'.repeat(256)}`, pairs(10)],
      ['team', '=web', 'aws:x=1', 'AWS:x=1', 'a#=1', 'a=1,a=2', `${'k'.repeat(129)}=`, `k=${'v'.repeat(257)}`, pairs(11)]],
    ['SLUICE_PREFIX', ['', 'production/', '本番/a b'], ['a\nb', 'a\0', 'a\u009b']],
    ['SLUICE_S3_ACL', ['bucket', 'private', 'bucket-owner-full-control'], ['public-read', 'authenticated-read']],
    ['SLUICE_S3_STORAGE_CLASS', ['GLACIER', 'DEEP_ARCHIVE'], ['glacier', 'STANDARD IA', 'STANDARD-IA']],
    ['SLUICE_CLOUDWATCH_GROUP_TAGS', ['', 'team=web', pairs(50)], ['team', pairs(51)]],
    ['SLUICE_CLOUDWATCH_GROUP_CLASS', ['STANDARD', 'ESSENTIALS'], ['standard', 'INFREQUENT ACCESS']],
    ['SLUICE_CLOUDWATCH_KMS_KEY_ID', ['', 'arn:aws:kms:eu-west-1:123456789012:key/mrk-1a'],
      ['alias/logs', 'arn:aws:kms:eu-west-1:123456789012:alias/x', 'arn:aws:kms:eu west 1:123456789012:key/x']],
    ['SLUICE_CLOUDWATCH_ENTITY_KEY_ATTRIBUTES', ['', 'Type=Service,Name=a=b', `Type=a,Name=${'x'.repeat(512)}`],
      ['Type', 'Type=', '=a,Name=b', 'Ty pe=a,Name=b', 'Name=a,Name=b', `Type=a,Name=${'x'.repeat(513)}`, 'Type=a,Name=b,ResourceType=c,Identifier=d,Environment=e']],
    ['SLUICE_CLOUDWATCH_ENTITY_ATTRIBUTES', ['', 'a b=c', pairs(10)], ['a', 'a=', pairs(11), `${'k'.repeat(257)}=v`]],
    ['SLUICE_S3_KMS_KEY_ID', ['', 'alias/logs', '1234abcd-12ab-34cd-56ef-1234567890ab'], ['alias/my logs', 'alias/ログ']],
    ['SLUICE_S3_CONTENT_TYPE', ['', 'text/plain; charset=utf-8'], ['テキスト', 'text/plain\n', 'a\0b']],
    ['SLUICE_AWS_EXTERNAL_ID', ['', 'shop:4711/a'], ['x', 'a b', 'x'.repeat(1225)]],
    ['SLUICE_AWS_SESSION_NAME', ['', 'shop-logs@x'], ['x', 'a:b', 'x'.repeat(65)]],
    ['SLUICE_CLOUDWATCH_RETENTION_DAYS', ['0', '90', '3653'], ['-1', '1.5', '90 days', '36501']],
  ]
  for (const [variable, taken, refused] of cases) {
    for (const value of taken) t.notMatch(load('', { [variable]: value }).warnings.join(), 'not known', value)
    for (const value of refused) t.throws(() => load('', { [variable]: value }), { code: 'ERR_CONFIG' }, value)
  }
})

t.test('what AWS may have added since is used as it is, with a warning', async t => {
  const cases: readonly (readonly [string, unknown, string?])[] = [
    ['s3.region', 'eu-east-1', 'eu-west-1'],
    ['cloudwatch.region', 'moon-base-1'],
    ['s3.region', 'auto'],
    ['s3.storageClass', 'GLACIER_XR', 'GLACIER_IR'],
    ['containers.web.storageClass', 'REDUCED_REDUNDANCY'],
    ['s3.encryption', 'aws:fsx'],
    ['cloudwatch.groupClass', 'DELIVERY'],
    ['containers.web.groupClass', 'STANDART', 'STANDARD'],
    ['cloudwatch.retentionDays', 91, '90'],
    ['containers.web.retentionDays', 4000, '3653'],
    ['aws.roleArn', 'arn:aws-moon:iam::123456789012:role/x'],
    ['containers.web.roleArn', 'arn:aws-moon:iam::123456789012:role/x'],
    ['cloudwatch.kmsKeyId', 'arn:aws-moon:kms:moon-base-1:123456789012:key/x'],
  ]
  for (const [path, value, meant] of cases) {
    const keys = path.split('.')
    const text = keys.map((key, depth) => `${'  '.repeat(depth)}${key}:`).join('\n')
    const column = 2 * keys.length + (keys.at(-1) ?? '').length + 1
    const { config, warnings } = load(`${text} ${JSON.stringify(value)}\n`)
    t.equal(keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], config), value, path)
    // That it may have no effect is another matter.
    t.same(withoutIdle(warnings), [
      `a.yaml:${keys.length}:${column}: ${path}: ${JSON.stringify(value)} is not known to this version and is used as it is` +
      (meant === undefined ? '' : `; did you mean ${meant}?`),
    ])
  }
})

t.test('each item of a list that AWS may have added warns at its place', async t => {
  const { config, warnings } = load('cloudwatch:\n  entity:\n    keyAttributes:\n      - Type=Service\n      - Nmae=shop\n')
  t.same(config.cloudwatch.entity.keyAttributes, ['Type=Service', 'Nmae=shop'])
  t.same(withoutIdle(warnings), ['a.yaml:5:9: cloudwatch.entity.keyAttributes: "Nmae=shop" is not known to this version and is used as it is'])
})

t.test('what is malformed is refused at its place, with what was probably meant', async t => {
  t.match(messageOf(() => load('s3:\n  region: eu west 1\n')), /a\.yaml:2:11: s3\.region: found "eu west 1"; .*did you mean eu-west-1\?/)
  t.match(messageOf(() => load('s3:\n  storageClass: standard_ia\n')), /a\.yaml:2:17: s3\.storageClass: .*did you mean STANDARD_IA\?/)
  for (const bucket of ['s3://logs', 's3://logs/production/', 'logs/production', 'arn:aws:s3:::logs', 'arn:aws-cn:s3:::logs/*']) {
    t.match(messageOf(() => load('', { SLUICE_BUCKET: bucket })), /SLUICE_BUCKET: .*did you mean logs\?/, bucket)
  }
  const groupArn = 'arn:aws:logs:eu-west-1:123456789012:log-group:/shop/errors:*'
  t.match(messageOf(() => load('', { SLUICE_LOG_GROUP: groupArn })), /SLUICE_LOG_GROUP: .*did you mean \/shop\/errors\?/)
  t.match(messageOf(() => load('', { SLUICE_CLOUDWATCH_REGION: 'eu_west_1' })), /SLUICE_CLOUDWATCH_REGION: .*did you mean eu-west-1\?/)
})

t.test('an option of Fluent Bit that AWS may have added since is carried over, with a warning', async t => {
  const file = '/fluent-bit/etc/fluent-bit.conf'
  const text = firelensConfig({ network: 'host', containers: { web: { Name: 's3', bucket: 'own-logs', region: 'eusc-de-east-1', storage_class: 'GLACIER_XR' } } })
  const { config, warnings } = loadConfig({ env: {}, readFile: readerOf({ [file]: text }) })
  t.match(config.containers['web'], { region: 'eusc-de-east-1', storageClass: 'GLACIER_XR' })
  t.match(warnings, [/fluent-bit\.conf:\d+: containers\.web\.storageClass: "GLACIER_XR" is not known to this version and is used as it is/])
})

t.test('a former name is taken with a warning that says the name of today', async t => {
  const { config, warnings, origins } = load('error:\n  fpmTwins: drop\ndelivery: { rebuildAfter: 10m }\n')
  t.match(config, { error: { fpmDuplicates: 'drop' }, delivery: { reconnectAfter: 600_000 } })
  t.same(withoutIdle(warnings), [
    'a.yaml:2:3: error.fpmTwins is now called error.fpmDuplicates',
    'a.yaml:3:13: delivery.rebuildAfter is now called delivery.reconnectAfter',
  ])
  t.equal(origins.get('error.fpmDuplicates'), 'a.yaml:2')
  const given = load('', { SLUICE_ERROR_FPM_TWINS: 'drop', SLUICE_DELIVERY_REBUILD_AFTER: '10m' })
  t.match(given.config, { error: { fpmDuplicates: 'drop' }, delivery: { reconnectAfter: 600_000 } })
  t.same(withoutIdle(given.warnings), [
    'SLUICE_ERROR_FPM_TWINS is now called SLUICE_ERROR_FPM_DUPLICATES',
    'SLUICE_DELIVERY_REBUILD_AFTER is now called SLUICE_DELIVERY_RECONNECT_AFTER',
  ])
})

t.test('both names in one place are a mistake at the second; over a file, a variable wins by either name', async t => {
  t.match(messageOf(() => load('error:\n  fpmTwins: drop\n  fpmDuplicates: keep\n')),
    'a.yaml:3:3: error.fpmDuplicates: given twice, first at a.yaml:2:3; allowed: one value')
  t.match(messageOf(() => load('error:\n  fpmDuplicates: keep\n  fpmTwins: drop\n')), 'a.yaml:3:3: error.fpmDuplicates: given twice')
  t.match(messageOf(() => load('', { SLUICE_ERROR_FPM_DUPLICATES: 'drop', SLUICE_ERROR_FPM_TWINS: 'drop' })),
    'SLUICE_ERROR_FPM_TWINS: error.fpmDuplicates: given twice, first at SLUICE_ERROR_FPM_DUPLICATES; allowed: one value')
  t.equal(load('error: { fpmDuplicates: drop }', { SLUICE_ERROR_FPM_TWINS: 'keep' }).config.error.fpmDuplicates, 'keep')
  t.equal(load('error: { fpmTwins: drop }', { SLUICE_ERROR_FPM_DUPLICATES: 'keep' }).config.error.fpmDuplicates, 'keep')
  t.match(messageOf(() => load('error.fpmTwins: drop')), 'unknown setting "error.fpmTwins"')
  t.match(messageOf(() => load('error: { fpmTwins: perhaps }')), 'a.yaml:1:20: error.fpmDuplicates: found "perhaps"')
})

t.test('warnings come with mistakes too', async t => {
  const outcome = tryConfig({ configFile: 'a.yaml', env: { SLUICE_XYZZY: '' }, readFile: readerOf({ 'a.yaml': 'a: b' }) })
  t.match(outcome, { kind: 'mistakes', warnings: ['unknown variable SLUICE_XYZZY is ignored'] })
})

t.test('the configuration is frozen at every depth', async t => {
  const { config } = load('access: { statusKeys: [st] }', { SLUICE_TCP: '127.0.0.1:1' })
  const visit = (value: object, path: string) => {
    t.ok(Object.isFrozen(value), path)
    for (const [key, child] of Object.entries(value)) if (typeof child === 'object') visit(child, `${path}.${key}`)
  }
  visit(config, 'config')
})

t.test('loading twice gives two configurations that share nothing mutable', async t => {
  t.equal(load('spool: { maxBytes: 64MiB }').config.routes.access.maxBytes < 2 ** 30, true)
  t.equal(load('').config.routes.access.maxBytes, 2 ** 30)
})

t.test('any text gives a configuration or a readable list of mistakes, never another failure', async t => {
  const keys = rowsOf(settings).flatMap(({ path }) => [path, ...path.split('.')])
  const piece = fc.oneof(
    fc.constantFrom(...keys),
    fc.constantFrom(': ', ':\n  ', '\n', '\n    ', '- ', '[', ']', '{', '}', ', ', '&a ', '*a', '!!str ', '!x ',
      '? ', '| \n', '"', "'", '#', '---\n', '...\n', '%YAML 1.1\n', '<<: ',
      '~', 'off', 'true', '0', '-1', '64MiB', '1e999', '.nan', '\t'),
    fc.string({ unit: 'binary', maxLength: 8 })
  )
  const texts = fc.array(piece, { maxLength: 30 }).map(pieces => pieces.join(''))
  const envs = fc.dictionary(fc.constantFrom(...rowsOf(settings).map(({ variable }) => variable)), fc.string())
  fc.assert(fc.property(texts, envs, (text, env) => {
    const message = messageOf(() => load(text, env))
    if (message === undefined) return true
    const [head, ...lines] = message.split('\n')
    return /^(one mistake|\d+ mistakes) in the configuration$/.test(head ?? '') && lines.length > 0 &&
      lines.every(line => /^ {2}(a\.yaml:[1-9]\d*:[1-9]\d*|SLUICE_\w+): ./.test(line))
  }), { numRuns: 2000, interruptAfterTimeLimit: 3000 })
})

t.test('the whole YAML may stand in a variable, and its mistakes have line and column', async t => {
  const env = { SLUICE_CONFIG_YAML: 'logGroup: /a\nbucket: inline\n', SLUICE_LOG_GROUP: '/b' }
  const { config, origins, warnings } = load('bucket: from-file\nprefix: p/\n', env)
  t.match(config, { logGroup: '/b', bucket: 'inline', prefix: 'p/' })
  t.equal(origins.get('bucket'), 'SLUICE_CONFIG_YAML:2')
  t.same(warnings, [])
  t.match(messageOf(() => load('', { SLUICE_CONFIG_YAML: 'spool:\n  sync: sometimes' })), /SLUICE_CONFIG_YAML:2:9: spool\.sync/)
})

t.test('a configuration that would have to be fetched is refused with what to do instead', async t => {
  for (const file of ['s3://bucket/sluice.yaml', 'ssm:///sluice', 'https://example.com/a.yaml']) {
    t.match(messageOf(() => loadConfig({ env: { SLUICE_CONFIG: file }, readFile: refuseToRead })), /valueFrom/, file)
  }
})

t.test('a container has its own settings, with what it does not give left out', async t => {
  const { config, origins } = load('containers:\n  web:\n    bucket: web-logs\n    exclude: [ELB]\n  batch-job_2:\n    logGroup: /jobs\n')
  t.same(config.containers, { web: { bucket: 'web-logs', exclude: ['ELB'] }, 'batch-job_2': { logGroup: '/jobs' } })
  t.equal(origins.get('containers.web.bucket'), 'a.yaml:3')
})

t.test('a route of one\'s own has no name under which something else is stored or counted', async t => {
  for (const name of ['join', 'storm', 'error-s3', 'dead-letter']) {
    t.match(messageOf(() => load(`routes: { ${name}: { maxBytes: 64MiB } }\n`)), new RegExp(`routes: unknown \\w+ "${name}"`), name)
  }
  t.ok(load('routes: { letters: { maxBytes: 64MiB } }\n').config.routes)
})

t.test('each mistake of a container is found at its place', async t => {
  const text = 'containers:\n  web:\n    buket: a\n    exclude: ["("]\n  "a.b": {}\n  web: {}\n  c: 3\n'
  const message = messageOf(() => load(text)) ?? ''
  for (const part of [
    'a.yaml:3:5: containers.web: unknown setting "buket"', 'did you mean containers.web.bucket?',
    'a.yaml:4:15: containers.web.exclude: found "("', 'a.yaml:5:3: containers: unknown name "a.b"',
    'a.yaml:6:3: containers.web: given twice, first at a.yaml:2:3', 'a.yaml:7:6: containers.c: found 3',
  ]) t.ok(message.includes(part), `${part} in ${message}`)
})

t.test('what ECS generated for Fluent Bit holds below everything else, and what is wrong with it only warns', async t => {
  const file = '/fluent-bit/etc/fluent-bit.conf'
  const text = firelensConfig({
    network: 'bridge',
    containers: { web: { Name: 's3', bucket: 'generated', region: 'ap-northeast-1', canned_acl: 'private', 'include-pattern': '*a' } },
  })
  const read = (env: Environment, yaml = '') =>
    loadConfig({ configFile: 'a.yaml', env, readFile: readerOf({ [file]: text, 'a.yaml': yaml }) })
  const { config, origins, warnings } = read({})
  t.match(config, { tcp: { host: '0.0.0.0', port: 24224 }, firelens: { healthInput: { host: '127.0.0.1', port: 8877 } } })
  t.same(config.containers, { web: { bucket: 'generated', region: 'ap-northeast-1' } })
  t.match(origins.get('containers.web.bucket'), /^\/fluent-bit\/etc\/fluent-bit\.conf:\d+$/)
  t.equal(warnings.length, 1)
  t.match(warnings[0], /not carried over: .*\[FILTER\] grep of web: Regex .*\[OUTPUT\] s3 of web: canned_acl \(set s3\.acl instead\)/)
  const given = read({ SLUICE_TCP: 'off' }, 'containers: { web: { bucket: mine } }').config
  t.equal(given.tcp, 'off')
  t.same(given.containers['web'], { bucket: 'mine', region: 'ap-northeast-1' })
  t.same(read({ SLUICE_FIRELENS_CONFIG: 'off' }).config.containers, {})
})

t.test('a file of Fluent Bit that somebody named and that is not there warns', async t => {
  const { warnings } = loadConfig({ env: { SLUICE_FIRELENS_CONFIG: '/nowhere.conf' }, readFile: refuseToRead })
  t.match(warnings, [/cannot read "\/nowhere\.conf"/])
})
