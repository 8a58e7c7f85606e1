import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { readerOf } from '../support/read-file.ts'

const saidOf = (yaml: string, env: Readonly<Record<string, string>> = {}) =>
  loadConfig({ configFile: 's.yaml', env, readFile: readerOf({ 's.yaml': yaml }) }).warnings

/** Paths that are said to have no effect. */
const idle = (yaml: string) => saidOf(yaml).flatMap(words => / ([\w.]+): has no effect /.exec(words)?.[1] ?? []).sort()

const aws = 'bucket: shop-logs\nlogGroup: /errors\n'

t.test('a setting that does nothing beside the others is told, with its place and why', t => {
  t.same(saidOf('storms:\n  count: 5\n'), ['s.yaml:2:10: storms.count: has no effect without storms.divert'])
  t.same(saidOf('', { SLUICE_STORMS_COUNT: '5' }), ['SLUICE_STORMS_COUNT: storms.count: has no effect without storms.divert'])
  t.same(saidOf('storms: {count: 100}'), [], 'a default asks for nothing')
  t.same(saidOf('storms: {count: 5, divert: true}'), [])
  t.end()
})

/** Settings that do nothing, and what else, in the place of the first, makes the same settings do something. */
const cases: readonly [idle: string, path: string, needs: string][] = [
  ['unixSocket: off\nunixSocketMode: 0660', 'unixSocketMode', 'unixSocketMode: 0660'],
  ['tcp: off\ntcpAllow: [10.0.0.0/8]', 'tcpAllow', 'tcpAllow: [10.0.0.0/8]'],
  ['tcp: off\ntcpAuth: {sharedKey: a-key}', 'tcpAuth.sharedKey', 'tcpAuth: {sharedKey: a-key}'],
  ['tcpHandshakeTimeout: 5s', 'tcpHandshakeTimeout', 'tcpHandshakeTimeout: 5s\ntcpAuth: {sharedKey: a-key}'],
  ['tcpReload: 5s\ntcpAuth: {sharedKey: a-key}', 'tcpReload', 'tcpReload: 5s\ntcpAuth: {sharedKeyFile: /key}'],
  ['tcpAuth: {serverName: me}', 'tcpAuth.serverName', 'tcpAuth: {serverName: me, sharedKeyFile: /key}'],
  ['http: off\nhttpHosts: [a]', 'httpHosts', 'httpHosts: [a]'],
  ['httpPage: status\nhttpToken: 0123456789abcdef', 'httpToken', 'httpToken: 0123456789abcdef'],
  ['prefix: a/\nobjects: {key: "{segment}"}', 'prefix', 'prefix: a/'],
  ['access: {format: combined, statusKeys: [st]}', 'access.statusKeys', 'access: {format: json, statusKeys: [st]}'],
  ['healthChecks: {filter: off, paths: [/lb]}', 'healthChecks.paths', 'healthChecks: {paths: [/lb]}'],
  ['error: {alwaysKeep: [a]}', 'error.alwaysKeep', 'error: {alwaysKeep: [a], minLevel: warn}'],
  ['routes: {error: {to: s3}}\nerror: {copyToS3: true}', 'error.copyToS3', 'error: {copyToS3: true}'],
  ['routes: {error: {to: s3}}\nstorms: {divert: true}', 'storms.divert', 'routes: {error: {to: s3}}\nstorms: {divert: true}\ncontainers: {web: {logGroup: /web}}'],
  ['redact: {preset: none, idKeys: [a]}', 'redact.idKeys', 'redact: {idKeys: [a]}'],
  ['spool: {syncInterval: 5s}', 'spool.syncInterval', 'spool: {syncInterval: 5s, sync: interval}'],
  ['routes: {access: {to: cloudwatch}, app: {to: cloudwatch}}\nobjects: {maxAge: 5s}', 'objects.maxAge', 'objects: {maxAge: 5s}'],
  ['routes: {error: {to: s3}}\nevents: {maxAge: 5s}', 'events.maxAge', 'events: {maxAge: 5s}'],
  [`${aws}file: {minFreeBytes: 1GiB}`, 'file.minFreeBytes', 'bucket: shop-logs\nfile: {minFreeBytes: 1GiB}'],
  ['logGroup: /errors\nroutes: {error: {to: s3}}', 'logGroup', 'logGroup: /errors\nroutes: {error: {to: s3}, app: {to: cloudwatch}}'],
  ['cloudwatch: {region: eu-west-1}', 'cloudwatch.region', 'logGroup: /errors\ncloudwatch: {region: eu-west-1}'],
  ['bucket: shop-logs\ndeadLetter: {maxBytes: 1MiB}', 'deadLetter.maxBytes', `${aws}deadLetter: {maxBytes: 1MiB}`],
  ...(['retentionDays: 7', 'groupClass: ESSENTIALS', 'groupTags: [a=b]', 'kmsKeyId: "arn:aws:kms:eu-west-1:123456789012:key/a"'] as const)
    .map(each => [`${aws}cloudwatch: {${each}}`, `cloudwatch.${each.replace(/:.*/, '')}`, `${aws}cloudwatch: {${each}, createGroup: true}`] as [string, string, string]),
  ['logGroup: /errors\ns3: {checksum: SHA256}', 's3.checksum', 'bucket: shop-logs\ns3: {checksum: SHA256}'],
  ['bucket: shop-logs\ns3: {bucketKey: off}', 's3.bucketKey', 'bucket: shop-logs\ns3: {bucketKey: off, kmsKeyId: alias/a}'],
  ['delivery: {requestTimeout: 5s}', 'delivery.requestTimeout', 'containers: {web: {bucket: web-logs}}\ndelivery: {requestTimeout: 5s}'],
  ['bucket: shop-logs\naws: {externalId: abc}', 'aws.externalId', 'bucket: shop-logs\naws: {externalId: abc, roleArn: "arn:aws:iam::123456789012:role/a"}'],
  ['log: {level: warn}\ntelemetry: {heartbeat: 5m}', 'telemetry.heartbeat', 'log: {level: debug}\ntelemetry: {heartbeat: 5m}'],
  [`${aws}containers: {web: {region: eu-west-1}}`, 'containers.web.region', `${aws}containers: {web: {region: eu-west-1, bucket: web-logs}}`],
  ['containers: {web: {bucket: web-logs, stream: a}}', 'containers.web.stream', 'containers: {web: {bucket: web-logs, stream: a}}\nlogGroup: /errors'],
  ['containers: {web: {logGroup: /web, key: "{segment}"}}', 'containers.web.key', 'containers: {web: {key: "{segment}"}}'],
  ['containers: {web: {storageClass: GLACIER}}', 'containers.web.storageClass', 'bucket: shop-logs\ncontainers: {web: {storageClass: GLACIER}}'],
  ['containers: {web: {createGroup: true}}', 'containers.web.createGroup', 'logGroup: /errors\ncontainers: {web: {createGroup: true}}'],
  [`${aws}containers: {web: {retentionDays: 7}}`, 'containers.web.retentionDays', `${aws}containers: {web: {retentionDays: 7, createGroup: true}}`],
  ...(['bucket: x-logs', 'prefix: a', 'key: "{segment}"', 'compression: zstd', 'storageClass: GLACIER'] as const)
    .map(each => ofRoute('to: cloudwatch', each, 'to: s3')),
  ...(['logGroup: /x', 'stream: a', 'createGroup: true', 'retentionDays: 7', 'groupClass: ESSENTIALS'] as const)
    .map(each => ofRoute('to: s3', each, 'to: cloudwatch, createGroup: true')),
  [`${aws}routes: {a: {logGroup: /a, bucket: x-logs}, app: {copyTo: [a]}}`, 'routes.a.bucket', `${aws}routes: {a: {bucket: x-logs}, app: {copyTo: [a]}}`],
  [`${aws}routes: {a: {region: eu-west-1}, app: {copyTo: [a]}}`, 'routes.a.region', `${aws}routes: {a: {region: eu-west-1, bucket: x-logs}, app: {copyTo: [a]}}`],
]

function ofRoute (wrong: string, each: string, right: string): [string, string, string] {
  const yaml = (kind: string) => `${aws}routes: {a: {${[kind.replace(each.startsWith('createGroup') ? ', createGroup: true' : 'no', ''), each].join(', ')}}, app: {copyTo: [a]}}`
  return [yaml(wrong), `routes.a.${each.replace(/:.*/, '')}`, yaml(right)]
}

for (const [yaml, path, other] of cases) {
  t.test(`${path} is told where it does nothing, and only there`, t => {
    t.same(idle(yaml), [path], yaml)
    t.notOk(idle(other).includes(path), other)
    t.end()
  })
}
