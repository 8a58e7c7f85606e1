import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { expandVariables, hasVariable } from '../../src/config/variables.ts'
import { readerOf } from '../support/read-file.ts'

/** How text refers to a variable. */
const of = (name: string) => '$' + `{${name}}`

t.test('a variable is filled in; one that is empty or not there takes its default, or stays and is named', async t => {
  const env = { STAGE: 'live', EMPTY: '' }
  for (const [given, text, unset] of [
    [`/shop/${of('STAGE')}/web`, '/shop/live/web', []],
    [`${of('STAGE:-test')}`, 'live', []],
    [`${of('NONE:-test')}-${of('EMPTY:-')}`, 'test-', []],
    [`a${of('NONE')}b${of('EMPTY')}`, `a${of('NONE')}b${of('EMPTY')}`, ['NONE', 'EMPTY']],
    [`$${of('STAGE')}`, of('STAGE'), []],
    ['plain $STAGE $ {STAGE} a{2}$', 'plain $STAGE $ {STAGE} a{2}$', []],
  ] as const) t.same(expandVariables(given, env), { text, unset }, given)
  t.ok(hasVariable(of('A')) && hasVariable(of('A:-b')) && !hasVariable('$A {task}'))
})

t.test('a value of any type may come from a variable; what is not set counts as not set and is told', async t => {
  const yaml = `bucket: ${of('STORE')}
logGroup: /shop/${of('STAGE:-test')}
events: { maxAge: ${JSON.stringify(of('WAIT'))} }
cloudwatch: { createGroup: ${JSON.stringify(of('CREATE'))}, retentionDays: ${JSON.stringify(of('DAYS'))} }
filter: { exclude: [${JSON.stringify(of('AGENT'))}, ${JSON.stringify(of('NONE'))}] }
containers: { web: { logGroup: ${JSON.stringify(of('NONE'))} } }
`
  const env = { SLUICE_CONFIG_YAML: yaml, WAIT: '5s', CREATE: 'yes', DAYS: '30', AGENT: 'ELB' }
  const { config, warnings } = loadConfig({ env, readFile: readerOf({}) })
  t.match(config, {
    bucket: '', logGroup: '/shop/test', events: { maxAge: 5000 }, cloudwatch: { createGroup: true, retentionDays: 30 }, filter: { exclude: ['ELB'] },
  })
  t.equal(config.containers['web']?.logGroup, undefined)
  t.same(warnings, [
    'SLUICE_CONFIG_YAML:1:9: bucket counts as not set: the variable STORE is not set',
    'SLUICE_CONFIG_YAML:5:33: filter.exclude counts as not set: the variable NONE is not set',
    'SLUICE_CONFIG_YAML:6:32: containers.web.logGroup counts as not set: the variable NONE is not set',
  ])
})

t.test('a value of a variable that is not allowed is a mistake like any other', async t => {
  const env = { SLUICE_CONFIG_YAML: `bucket: ${of('STORE')}`, STORE: 's3://shop-logs' }
  t.throws(() => loadConfig({ env, readFile: readerOf({}) }), { message: /SLUICE_CONFIG_YAML:1:9: bucket: found "s3:\/\/shop-logs"/ })
})
