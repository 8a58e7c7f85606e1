import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { readerOf } from '../support/read-file.ts'

const doubts = (env: Readonly<Record<string, string>>) => loadConfig({ env, readFile: readerOf({}) }).warnings

t.test('a prefix without a slash is doubted only where the key goes on behind it', async t => {
  t.match(doubts({ SLUICE_PREFIX: 'a' }), [/has no slash at its end.*did you mean a\/\?/])
  t.same(doubts({ SLUICE_PREFIX: 'a/' }), [])
  t.same(doubts({ SLUICE_PREFIX: 'a', SLUICE_OBJECTS_KEY: '{prefix}/{segment}' }), [])
  t.match(doubts({ SLUICE_PREFIX: 'a', SLUICE_OBJECTS_KEY: '{segment}' }), [/prefix: has no effect/])
})

t.test('names that no bucket has are doubted', async t => {
  for (const name of ['Shop', 'shop_logs', 'a..b', 'a.-b', '10.0.0.1', 'a'.repeat(64)]) {
    t.match(doubts({ SLUICE_BUCKET: name }), [/cannot be the name of a bucket/], name)
  }
  for (const name of ['shop-logs', 'a.b', 'arn:aws:s3:eu-west-1:123456789012:accesspoint/Logs']) t.same(doubts({ SLUICE_BUCKET: name }), [])
})

t.test('a route that nothing names is doubted: it may be a class with a slip in it', async t => {
  const yaml = (text: string) => doubts({ SLUICE_CONFIG_YAML: text })
  t.same(yaml('routes:\n  acess:\n    maxBytes: 2GiB\n'), ['SLUICE_CONFIG_YAML:3:15: routes.acess: nothing goes there: no rule (`route`, `copyTo`) ' +
    'and no `copyTo` of a class or a container names it; did you mean routes.access?'])
  t.match(yaml('routes: {elsewhere: {maxBytes: 2GiB}}'), [/routes\.elsewhere: nothing goes there: .* names it$/])
  const route = 'routes: {elsewhere: {maxBytes: 2GiB}'
  t.same(yaml(`${route}, app: {copyTo: [elsewhere]}}`), [])
  t.same(yaml(`${route}}\ncontainers: {web: {copyTo: [elsewhere]}}`), [])
  for (const key of ['route', 'copyTo']) t.same(yaml(`${route}}\nrules: [{name: a, when: {class: app}, ${key}: elsewhere}]`), [])
})

t.test('a region that is not known is doubted', async t => {
  t.match(doubts({ AWS_REGION: 'eu-wset-1' }), [/did you mean eu-west-1/])
  t.same(doubts({ AWS_REGION: 'eu-west-1' }), [])
})

t.test('where the class of groups is one without metrics, metrics in the log are doubted', async t => {
  const essentials = { SLUICE_CLOUDWATCH_GROUP_CLASS: 'ESSENTIALS', SLUICE_CLOUDWATCH_CREATE_GROUP: 'true', SLUICE_LOG_GROUP: '/errors' }
  t.match(doubts({ SLUICE_TELEMETRY_EMF: 'true', ...essentials }), [/no metrics out of a group of class ESSENTIALS/])
  t.same(doubts({ SLUICE_TELEMETRY_EMF: 'true' }), [])
  t.same(doubts(essentials), [])
})

t.test('a page with lines is doubted where other machines can ask and nobody is asked for a token', async t => {
  const env = { SLUICE_HTTP_PAGE: 'samples' }
  t.match(doubts(env), [/httpPage: samples has no effect: .* set httpToken \(SLUICE_HTTP_TOKEN\), or http to an address of loopback/])
  for (const more of [{ SLUICE_HTTP: '127.0.0.1:2020' }, { SLUICE_HTTP_TOKEN: 'a-token-of-this-test' }, { SLUICE_HTTP_PAGE: 'auto' }]) {
    t.same(doubts({ ...env, ...more }), [], JSON.stringify(more))
  }
})

t.test('keys of objects that begin with a slash are doubted: S3 makes a folder without a name of it', async t => {
  const env = { SLUICE_BUCKET: 'shop-logs' }
  t.match(doubts({ ...env, SLUICE_PREFIX: '/production/' }), [/^SLUICE_PREFIX: prefix: keys begin with a slash.*did you mean production\/\?$/])
  t.match(doubts({ ...env, SLUICE_OBJECTS_KEY: '/{class}/{segment}' }), [/^SLUICE_OBJECTS_KEY: objects\.key: keys begin with a slash.*did you mean \{class\}\/\{segment\}\?$/])
  t.same(doubts({ SLUICE_PREFIX: '/production/' }), [], 'a path of a file may')
})

t.test('two listeners at one address are doubted: the second never listens', async t => {
  for (const [tcp, http] of [['127.0.0.1:2020', '127.0.0.1:2020'], ['0.0.0.0:2020', '127.0.0.1:2020'], ['localhost:2020', '"[::]:2020"']] as const) {
    t.match(doubts({ SLUICE_CONFIG_YAML: `tcp: ${tcp}\nhttp: ${http}\n` }), [/^SLUICE_CONFIG_YAML:2:7: http: .* cannot listen where tcp does/], `${tcp} ${http}`)
  }
  t.match(doubts({ SLUICE_FIRELENS_HEALTH_INPUT: '127.0.0.1:24224' }), [/firelens\.healthInput: .* cannot listen where tcp does/])
  for (const more of ['tcp: off\nhttp: 127.0.0.1:24224', 'tcp: 127.0.0.1:0\nhttp: 127.0.0.1:0', 'http: 127.0.0.2:24224', 'http: "[::1]:24224"']) {
    t.same(doubts({ SLUICE_CONFIG_YAML: more }), [], more)
  }
})

t.test('a rule that asks for nothing is doubted where it leaves all lines out, or hides the rules behind it', async t => {
  const rules = (...each: string[]) => doubts({ SLUICE_CONFIG_YAML: `rules: [${each.join(', ')}]` })
  const other = '{ name: b, when: { class: app }, mask: x }'
  t.match(rules('{ name: a, filter: true }'), [/^SLUICE_CONFIG_YAML:1:8: rules\[0\] \(a\): asks for nothing, so every line is left out$/])
  t.match(rules('{ name: a, when: {}, add: { x: y } }', other), [/rules\[0\] \(a\): asks for nothing, so no rule behind it is asked$/])
  t.same(rules('{ name: a, add: { x: y } }'), [])
  t.same(rules(other, '{ name: a, unless: { class: app }, filter: true }'), [])
})

t.test('streams that processes with one directory of files share are doubted: they would write over each other\'s lines', async t => {
  const yaml = (stream: string) => ({ SLUICE_CONFIG_YAML: `file: {directory: /mnt/logs}\nevents: {stream: "${stream}"}` })
  t.match(doubts(yaml('{container}')), [/^SLUICE_CONFIG_YAML:2:18: events\.stream: has no \{task\}/])
  t.same(doubts(yaml('{container}/{task}')), [])
  t.same(doubts({ ...yaml('{container}'), SLUICE_LOG_GROUP: '/errors' }), [])
  t.same(doubts({ SLUICE_EVENTS_STREAM: '{container}' }), [], 'a directory of its own')
  t.match(doubts({ SLUICE_CONFIG_YAML: 'file: {directory: /mnt}\ncontainers: {web: {stream: a}}' }), [/containers\.web\.stream: has no \{task\}/])
})

t.test('a record that is to wait for lines longer than it may wait at all is doubted', async t => {
  t.match(doubts({ SLUICE_JOIN_TRACES_MAX_QUIET: '10s' }), [/join\.traces\.maxQuiet: a record ends after join\.traces\.maxAge, 5s/])
  t.same(doubts({ SLUICE_JOIN_TRACES_MAX_QUIET: '10s', SLUICE_JOIN_TRACES_MAX_AGE: '20s' }), [])
})

t.test('networks of which nobody can reach a listener on loopback are doubted', async t => {
  t.match(doubts({ SLUICE_TCP_ALLOW: '10.0.0.0/8,fd00::/8' }), [/^SLUICE_TCP_ALLOW: tcpAllow: lets nobody in: tcp listens on 127\.0\.0\.1.*or add 127\.0\.0\.0\/8$/])
  for (const allow of ['10.0.0.0/8,127.0.0.0/8', '127.0.0.1', '127.0.0.9', '0.0.0.0/0', '::1', '::/0']) {
    t.same(doubts({ SLUICE_TCP_ALLOW: allow }), [], allow)
  }
  t.same(doubts({ SLUICE_TCP_ALLOW: '10.0.0.0/8', SLUICE_TCP: '0.0.0.0:24224' }), [])
})
