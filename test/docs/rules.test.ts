import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runTests } from '../../src/cli/check/run-tests.ts'
import { loadConfig } from '../../src/config/load.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/rules.md'), 'utf8')
const recipes = page.split(/^## /m).slice(1).flatMap(section =>
  [...section.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => ({ title: section.split('\n')[0] ?? '', yaml })))

t.test('every recipe of docs/rules.md is a file of settings whose tests pass', async t => {
  t.equal(recipes.length, [...page.matchAll(/```yaml/g)].length)
  t.ok(recipes.length >= 8)
  for (const { title, yaml } of recipes) {
    const { config, warnings } = loadConfig({ env: { SLUICE_CONFIG_YAML: yaml, SLUICE_FIRELENS_CONFIG: 'off' }, readFile: () => '' })
    t.same(warnings, [], title)
    t.ok(config.tests.length > 0, title)
    for (const { isOk, lines } of runTests(config)) t.ok(isOk, `${title}: ${lines.join('; ')}`)
  }
})
