import t from 'tap'
import { tryConfig } from '../../src/config/load.ts'
import { describeMistake } from '../../src/config/mistake.ts'

const secret = 'only-we-know-this'

function mistakesOf (yaml: string, env: Readonly<Record<string, string>> = {}): string[] {
  const readFile = (path: string) => {
    if (path === 'sluice.yaml') return yaml
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  }
  const outcome = tryConfig({ configFile: 'sluice.yaml', env, readFile })
  return outcome.kind === 'config' ? [] : outcome.mistakes.map(describeMistake)
}

/** Mistakes and warnings. */
function everythingSaid (yaml: string, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const readFile = (path: string) => {
    if (path === 'sluice.yaml') return yaml
    throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  }
  const outcome = tryConfig({ ...('SLUICE_CONFIG' in env ? {} : { configFile: 'sluice.yaml' }), env, readFile })
  return outcome.kind === 'config' ? outcome.loaded.warnings : [...outcome.mistakes.map(describeMistake), ...outcome.warnings]
}

t.test('no mistake and no warning shows a secret: not in the wrong place, in an address, nor where YAML ends it', async t => {
  const url = `https://shop:${secret}@logs.internal/x`
  const texts = [
    secret, `password=${secret}`, `"${url}"`, `tcpAuth: ${secret}`, `tcpAuth: [${secret}]`, `password: ${secret}`, `httpTokn: ${secret}`,
    `tcpAuth.sharedKey: ${secret}`, `tcpAuth=${secret}: 1`, `"sharedKey: ${secret}": 1`, `? {password: ${secret}}\n: 1`,
    ...['', '*', '!', '&', '@', '%', '|', '>', '"', '\'', '[', '{', 'a: ', '- '].flatMap(sign => [
      `tcpAuth:\n  sharedKey: ${sign}${secret}: x\n  users: a`, `httpToken: ${sign}${secret}\nx: 1`,
      `tcpAuth: {users: [${sign}${secret}], sharedKey: a}\nx: 1`,
    ]),
    ...['bucket', 'tcp', 'http', 'logGroup', 'unixSocketMode', 's3.region', 'aws.roleArn'].flatMap(path => [url, `shop:${secret}@host:1`, `http://shop:${secret}@127.0.0.1:80/`]
      .map(value => path.split('.').reduceRight((inner, key) => `{${key}: ${inner}}`, JSON.stringify(value)))),
    `containers: {web: {bucket: "s3://${'k'.repeat(50)}:${secret}@B", password: ${secret}}}`,
    `rules: [{name: a, token: ${secret}, when: {password: ${secret}}, add: {a: [${secret}]}}]`, `tests: [{line: 'password=${secret}', token: ${secret}}]`,
    `s3: {tags: ["token=${secret} x", "password:${secret}"]}`, `routes: {access: {copyTo: ["https://u:${secret}@h"]}}`,
  ]
  const envs = [
    { SLUICE_CONFIG_YAML: secret }, { SLUICE_CONFIG_YAML: `{"password":"${secret}"` }, { SLUICE_CONFIG: url }, { SLUICE_CONFIG: `/${url}` },
    { SLUICE_BUCKET: url }, { SLUICE_HTTP_TOKEN: secret.slice(0, 12) }, { SLUICE_TCP_AUTH_USERS: `${secret},b` },
    { SLUICE_PASSWORD: secret }, { AWS_REGION: url }, { SLUICE_S3_REGION: url }, { SLUICE_FIRELENS_HEALTH_INPUT: `u:${secret}@h:1` },
    { SLUICE_TCP_AUTH_USERS: `a=${secret},a=${secret}` },
  ].map(env => ['', env] as const)
  let count = 0
  for (const [yaml, env] of [...texts.map(text => [text, {}] as const), ...envs]) {
    const said = everythingSaid(yaml, env)
    count += said.length
    t.notMatch(said.join('\n'), secret.slice(0, 12), JSON.stringify([yaml, env]))
  }
  t.ok(count > 80, String(count))
})

t.test('half of what keeps senders out is a mistake with its place, not an open door', async t => {
  t.same(mistakesOf('tcpTls:\n  cert: a.crt\n'), ['sluice.yaml:2:9: tcpTls.cert: given without tcpTls.key; allowed: both or neither'])
  t.same(mistakesOf('tcpTls:\n  key: a.key\n'), ['sluice.yaml:2:8: tcpTls.key: given without tcpTls.cert; allowed: both or neither'])
  t.match(mistakesOf('tcpTls:\n  clientCa: a.crt\n'), [/^sluice.yaml:2:13: tcpTls.clientCa: given without tcpTls.cert/])
  t.match(mistakesOf(`tcpAuth:\n  users: ["shop=${secret}"]\n`), [/^sluice.yaml:2:10: tcpAuth.users: given without a shared key/])
  t.match(mistakesOf('', { SLUICE_TCP_AUTH_USERS_FILE: 'users' }), [/^SLUICE_TCP_AUTH_USERS_FILE: tcpAuth.usersFile: given without/])
})

t.test('a secret in two places is a mistake', async t => {
  t.match(mistakesOf(`tcpAuth:\n  sharedKey: ${secret}\n  sharedKeyFile: key\n`), [/^sluice.yaml:3:18: tcpAuth.sharedKeyFile: given besides/])
  const users = `tcpAuth:\n  sharedKey: ${secret}\n  users: ["a=b"]\n  usersFile: u\n`
  t.match(mistakesOf(users), [/^sluice.yaml:4:14: tcpAuth.usersFile: given besides/])
})

t.test('what belongs together is no mistake', async t => {
  t.same(mistakesOf('tcpTls: { cert: a.crt, key: a.key, clientCa: ca.crt }'), [])
  t.same(mistakesOf('tcpAuth: { sharedKey: k, users: ["a=b"] }'), [])
  t.same(mistakesOf('tcpAuth: { sharedKeyFile: k, usersFile: u }'), [])
})

t.test('no mistake shows a secret', async t => {
  const wrong = [
    `tcpAuth: { sharedKey: "${secret}\\n" }`,
    'tcpAuth: { sharedKey: "" }',
    `tcpAuth: { sharedKey: x, users: ["${secret}"] }`,
    `tcpAuth: { sharedKey: x, users: ["a=${secret}", "a=${secret}2"] }`,
  ]
  for (const yaml of wrong) {
    t.equal(mistakesOf(yaml).length, 1, yaml)
    t.notMatch(mistakesOf(yaml).join(), secret)
  }
})

t.test('a network that is none is a mistake with its place', async t => {
  t.match(mistakesOf('tcpAllow: [10.0.0.0/8, 10.0.0/8]'), [/^sluice.yaml:1:24: tcpAllow: found "10.0.0\/8"; allowed: networks/])
})

t.test('a door that is half open is told with all other mistakes, unless one of them may be the other half', async t => {
  t.match(mistakesOf('log: { level: loud }\ntcpTls: { cert: a.crt }'), [/log\.level/, /tcpTls\.cert: given without/])
  for (const other of ['tcpTsl: { key: a.key }', 'log: [a\ntcpTls: { key: a.key }']) {
    t.same(mistakesOf(`tcpAuth: { users: ["a=b"], sharedKey: k }\n${other}`, { SLUICE_TCP_TLS_CERT: 'a.crt' }).filter(each => each.includes('given without')), [], other)
  }
  t.match(mistakesOf('tcpTls: { cert: a.crt, kye: a.key }'), [/unknown setting "kye"/])
})
