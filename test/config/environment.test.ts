import t from 'tap'
import { readEnvironment } from '../../src/config/environment.ts'
import { describeMistake } from '../../src/config/mistake.ts'
import { rowsOf, settingAt, variableOf } from '../../src/config/rows.ts'
import { settings } from '../../src/config/settings.ts'

t.test('a variable is SLUICE_ and the path in upper snake case', async t => {
  t.equal(variableOf('spool.maxBytes'), 'SLUICE_SPOOL_MAX_BYTES')
  t.equal(variableOf('unixSocket'), 'SLUICE_UNIX_SOCKET')
  t.equal(variableOf('join.partials.maxTotalBytes'), 'SLUICE_JOIN_PARTIALS_MAX_TOTAL_BYTES')
  t.equal(variableOf('http'), 'SLUICE_HTTP')
})

t.test('no two settings share a variable, and none is that of the file', async t => {
  const variables = rowsOf(settings).map(({ variable }) => variable)
  t.equal(new Set(variables).size, variables.length)
  t.notOk(variables.includes('SLUICE_CONFIG'))
})

t.test('a former name lies in the group of its setting, and is no setting of today', async t => {
  const parentOf = (path: string) => path.slice(0, path.lastIndexOf('.'))
  const rows = rowsOf(settings)
  for (const { path, aliases } of rows) {
    for (const alias of aliases) {
      t.equal(settingAt(settings, alias), undefined, `${path} was ${alias}`)
      t.equal(parentOf(alias), parentOf(path), alias)
      t.notOk(rows.some(({ variable }) => variable === variableOf(alias)), alias)
    }
  }
  const all = rows.flatMap(({ aliases }) => aliases)
  t.ok(all.length > 0 && new Set(all).size === all.length)
})

t.test('the names that others rely on stay', async t => {
  const variables = new Set(rowsOf(settings).map(({ variable }) => variable))
  for (const name of ['UNIX_SOCKET', 'TCP', 'HTTP', 'DATA_DIR', 'LOG_GROUP', 'BUCKET', 'PREFIX', 'SPOOL_MAX_BYTES']) {
    t.ok(variables.has(`SLUICE_${name}`), name)
  }
})

t.test('every setting is read from its variable', async t => {
  for (const { path, variable, setting } of rowsOf(settings)) {
    const { values, mistakes, warnings } = readEnvironment(settings, { [variable]: setting.example })
    t.same([mistakes, warnings, [...values.keys()]], [[], [], [path]], variable)
    t.equal(values.get(path)?.origin, variable)
  }
})

t.test('values that are false, zero or empty are values', async t => {
  const { values } = readEnvironment(settings, {
    SLUICE_TCP: 'off', SLUICE_FORWARD_READ_PAUSE: '0', SLUICE_PREFIX: '', SLUICE_ACCESS_STATUS_KEYS: '',
  })
  t.same([...values].map(([path, { value }]) => [path, value]), [
    ['tcp', 'off'], ['prefix', ''], ['forward.readPause', 0], ['access.statusKeys', []],
  ])
})

t.test('a list is its items with commas between them', async t => {
  const { values } = readEnvironment(settings, { SLUICE_ACCESS_STATUS_KEYS: 'st, code,,' })
  t.same(values.get('access.statusKeys')?.value, ['st', 'code'])
})

t.test('each item of a list that is not understood is a mistake of its variable', async t => {
  const tree = { pairs: { type: 'list', default: [], pattern: /=/, allowed: '`key=value`', doc: '', example: 'a=b' } } as const
  const { mistakes } = readEnvironment(tree, { SLUICE_PAIRS: 'a=b, c, , d' })
  t.same(mistakes.map(describeMistake), [
    'SLUICE_PAIRS: pairs: found "c"; allowed: `key=value`', 'SLUICE_PAIRS: pairs: found "d"; allowed: `key=value`',
  ])
})

t.test('every variable that is not understood is a mistake with its name for a place', async t => {
  const { mistakes } = readEnvironment(settings, { SLUICE_TCP: '24224', SLUICE_SPOOL_SYNC: 'sometimes' })
  t.same(mistakes.map(describeMistake), [
    'SLUICE_TCP: tcp: found "24224"; allowed: `host:port`, `[ipv6]:port` or `off`; did you mean 127.0.0.1:24224?',
    'SLUICE_SPOOL_SYNC: spool.sync: found "sometimes"; allowed: `never`, `interval`, `always`',
  ])
})

t.test('an empty variable of a setting that cannot be empty warns and counts as not set', async t => {
  const { values, mistakes, warnings } = readEnvironment(settings, { SLUICE_TCP: '', SLUICE_STOP_DEADLINE: '' })
  t.same([values.size, mistakes], [0, []])
  t.same(warnings, [
    'SLUICE_TCP is empty and counts as not set', 'SLUICE_STOP_DEADLINE is empty and counts as not set',
  ])
})

t.test('an unknown SLUICE_ variable warns, others are nobody\'s business', async t => {
  const env = { SLUICE_SPOL_SYNC: 'x', SLUICE_XYZZY: 'hunter2', SLUICE_CONFIG: 'a.yaml', PATH: '/bin', sluice_tcp: 'x' }
  t.same(readEnvironment(settings, env).warnings, [
    'unknown variable SLUICE_SPOL_SYNC is ignored; did you mean SLUICE_SPOOL_SYNC?',
    'unknown variable SLUICE_XYZZY is ignored',
  ])
  t.same(readEnvironment(settings, { SLUICE_REGION: 'eu-west-1' }).warnings, [
    'unknown variable SLUICE_REGION is ignored; did you mean AWS_REGION?',
  ])
  t.same(readEnvironment(settings, { 'SLUICE_\u001b[2J': '' }).warnings, ['unknown variable "SLUICE_\\u001b[2J" is ignored'])
})
