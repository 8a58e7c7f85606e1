import t from 'tap'
import { runCheck } from '../../src/cli/check.ts'
import type { Environment } from '../../src/config/environment.ts'
import { loadConfig, tryConfig } from '../../src/config/load.ts'
import { describeMistakes } from '../../src/config/mistake.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { firelensConfig } from '../support/firelens-config.ts'
import { readerOf } from '../support/read-file.ts'

/** What every plain object of JavaScript answers to, though nobody put it there. */
const inherited = ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__proto__', '__defineGetter__']
/** Those that may be the name of a container. */
const containers = inherited.filter(name => !name.startsWith('_'))

const globals = () => [Object, Object.prototype, Function.prototype].flatMap(each =>
  Object.getOwnPropertyNames(each).map(name => `${String(each)}.${name}`))
const before = globals()

function load (text: string, env: Environment = {}, files: Readonly<Record<string, string>> = {}) {
  return loadConfig({ configFile: 'a.yaml', env, readFile: readerOf({ ...files, 'a.yaml': text }) })
}

function mistakesOf (text: string, env: Environment = {}): string {
  const outcome = tryConfig({ configFile: 'a.yaml', env, readFile: readerOf({ 'a.yaml': text }) })
  return outcome.kind === 'mistakes' ? describeMistakes(outcome.mistakes) : ''
}

t.test('a container of any name has its own settings and routes, and no other has them', async t => {
  for (const name of containers) {
    const { config } = load(`containers:\n  ${name}:\n    bucket: own-logs\n    exclude: [ELB]\n`)
    t.same(Object.entries(config.containers), [[name, { bucket: 'own-logs', exclude: ['ELB'] }]], name)
    const own = routesOf(config).filter(({ container }) => container !== undefined)
    t.same(own.map(route => route.name), ['access', 'error', 'app', 'invalid'].map(kind => `${kind}.${name}`), name)
    t.ok(own.every(({ destination }) => destination.sink === 's3' && destination.bucket === 'own-logs'), name)
    t.notOk('bucket' in {}, name)
  }
})

t.test('all of them together, with the file of ECS below the YAML', async t => {
  const file = '/fluent-bit/etc/fluent-bit.conf'
  const options = { Name: 's3', bucket: 'generated', region: 'eu-west-1' }
  const generated = firelensConfig({ network: 'host', containers: Object.fromEntries(containers.map(name => [name, options])) })
  const { config, warnings } = load('containers: { toString: { bucket: mine } }', {}, { [file]: generated })
  t.same(warnings, [])
  t.same(Object.keys(config.containers).sort(), containers.toSorted())
  t.match(config.containers['toString'], { bucket: 'mine', region: 'eu-west-1' })
  t.match(config.containers['constructor'], { bucket: 'generated', region: 'eu-west-1' })
})

t.test('no container has settings that nobody gave', async t => {
  const { config } = load('containers: { web: { bucket: own-logs } }')
  for (const name of inherited) {
    t.equal((config.containers as Readonly<Record<string, unknown>>)[name], undefined, name)
    t.equal((config.containers['web'] as Readonly<Record<string, unknown>>)[name], undefined, name)
  }
})

t.test('they are no settings: of the file, of a group, of a container, of the environment', async t => {
  for (const name of inherited) {
    const unknown = `unknown setting "${name}"`
    t.match(mistakesOf(`${name}: 1`), unknown)
    t.match(mistakesOf(`spool: { ${name}: 1 }`), unknown)
    t.match(mistakesOf(`containers: { web: { ${name}: 1 } }`), unknown)
    t.match(mistakesOf(`${name}: { bucket: a }`), unknown)
    const { warnings } = load('', { [`SLUICE_${name}`]: '1' })
    t.same(warnings, [`unknown variable SLUICE_${name} is ignored`])
  }
  t.match(mistakesOf('containers: { __proto__: { bucket: own-logs } }'), 'unknown name "__proto__"')
})

t.test('they are no placeholders, and as values they are text', async t => {
  for (const name of inherited) {
    t.match(mistakesOf(`objects: { key: "{${name}}-{segment}" }`), 'objects.key: found')
    t.match(mistakesOf(`error: { minLevel: ${name} }`), 'error.minLevel: found')
    t.match(mistakesOf('', { SLUICE_OBJECTS_MAX_BYTES: `1${name}` }), 'objects.maxBytes: found')
    const { config } = load(`prefix: ${name}\naccess: { statusKeys: [${name}] }\ns3: { tags: [${name}=x] }`)
    t.match(config, { prefix: name, access: { statusKeys: [name] }, s3: { tags: [`${name}=x`] } })
  }
})

t.test('in a file of Fluent Bit they name nothing that is known, wherever they stand', async t => {
  const file = '/fluent-bit/etc/fluent-bit.conf'
  for (const name of inherited) {
    const text = [
      '[OUTPUT]', '  Name s3', '  Match *', `  bucket logs$\{${name}}`, `  ${name} x`,
      '[OUTPUT]', `  Name ${name}`, '  Match *', '  bucket other',
      '[OUTPUT]', '  Name cloudwatch', '  Match *', '  log_group_name /g', `  log_stream_name $(${name})`,
      '[FILTER]', '  Name record_modifier', '  Match *', `  Record ${name} x`,
      '[FILTER]', `  Name ${name}`, '  Match *',
      '[FILTER]', '  Name grep', '  Match *', `  Regex log [[:${name}:]]`, `  ${name} log x`,
      `[${name}]`, `  ${name} x`, `@SET ${name}=x`,
    ].join('\n')
    const { config, warnings } = load('', {}, { [file]: text })
    // The bucket waits for a variable that is not set; the stream has the field that the file itself adds.
    t.match(config, { bucket: '', logGroup: '/g', events: { stream: 'x' } }, name)
    t.equal(warnings.length, 2)
    t.match(warnings[1], `the variable ${name} is not set`)
    t.notMatch(warnings.join(), 'native code', name)
    t.equal(load(`bucket: logs$\{${name}}`).config.bucket, '', name)
    const group = '[OUTPUT]\n  Name cloudwatch\n  Match web-firelens*\n  log_group_name '
    t.same(load('', {}, { [file]: `${group}/$(${name})\n` }).config.containers, {}, name)
    t.same(load('', {}, { [file]: `${group}/$(tag[0])\n  log_stream_name $(${name})\n` }).config.containers, {}, name)
    const set = load('', {}, { [file]: `@SET ${name}=own\n[OUTPUT]\n  Name s3\n  Match *\n  bucket $\{${name}}-logs\n` })
    t.equal(set.config.bucket, 'own-logs', name)
  }
})

t.test('sluice check prints them like any other name', async t => {
  const env = { SLUICE_CONFIG_YAML: `containers: { ${containers.map(name => `${name}: { bucket: own-logs }`).join(', ')} }` }
  let out = ''
  const stderr = { write: (piece: string) => { t.fail(piece) } }
  const stdout = { write: (piece: string) => { out += piece } }
  const code = await runCheck({ env, stdout, stderr, readFile: readerOf({}) }, { config: undefined })
  t.equal(code, 0)
  for (const name of containers) t.match(out, `  ${name}:\n    bucket: own-logs`)
})

t.test('nothing of JavaScript itself was changed by any of this', async t => {
  t.same(globals(), before)
})
