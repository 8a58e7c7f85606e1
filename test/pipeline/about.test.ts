import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { noFacts } from '../../src/ecs/task-facts.ts'
import { aboutOf } from '../../src/pipeline/about.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { isSameDestination } from '../../src/spool/about.ts'

const base = { SLUICE_BUCKET: 'bucket', SLUICE_LOG_GROUP: 'group', SLUICE_PREFIX: 'one/' }

function aboutFor (env: Readonly<Record<string, string>>, facts: Readonly<Record<string, string>> = {}) {
  const { config } = loadConfig({ configFile: undefined, env: { ...base, ...env }, readFile: () => '' })
  return aboutOf(config, routesOf(config), { ...noFacts, ...facts })
}

t.test('two tasks of one service may take over each other\'s lines', async t => {
  const facts = { cluster: 'production', family: 'shop' }
  t.ok(isSameDestination(aboutFor({}, { ...facts, task: 'a' }), aboutFor({}, { ...facts, task: 'b', revision: '7' })))
  t.match(aboutFor({}, { ...facts, task: 'a' }).names, { task: 'a', cluster: 'production', family: 'shop' })
})

t.test('another service, bucket, group or prefix is another\'s', async t => {
  for (const [name, other] of Object.entries({
    service: aboutFor({}, { family: 'other' }),
    bucket: aboutFor({ SLUICE_BUCKET: 'other' }),
    group: aboutFor({ SLUICE_LOG_GROUP: 'other' }),
    prefix: aboutFor({ SLUICE_PREFIX: 'two/' }),
    files: aboutFor({ SLUICE_BUCKET: '' }),
  })) t.notOk(isSameDestination(aboutFor({}), other), name)
  const routeTo = (prefix: string) => aboutFor({ SLUICE_CONFIG_YAML: `routes: {own: {bucket: bucket, prefix: ${prefix}}}` })
  t.ok(isSameDestination(routeTo('two/'), routeTo('two/')))
  t.notOk(isSameDestination(routeTo('two/'), routeTo('three/')), 'the prefix of one route')
})

t.test('a setting that adds a route leaves nothing behind; one that takes it away does', async t => {
  const on = aboutFor({ SLUICE_STORMS_DIVERT: 'true' })
  t.ok(isSameDestination(aboutFor({}), on))
  t.notOk(isSameDestination(on, aboutFor({})))
})
