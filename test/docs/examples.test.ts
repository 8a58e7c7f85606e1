import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runTests } from '../../src/cli/check/run-tests.ts'
import { loadConfig } from '../../src/config/load.ts'
import { rowsOf } from '../../src/config/rows.ts'
import { settings } from '../../src/config/settings.ts'

const root = join(import.meta.dirname, '../..')
const pages = globSync(['*.md', 'docs/**/*.md', 'docker/**/*.md', 'bench/*.md'], { cwd: root })
const examples = pages.flatMap(page =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```ya?ml\n(.*?)^```/gms)].map(([, yaml = '']) => ({ page, yaml })))

t.test('every example of YAML in the pages is a whole configuration: alone it loads, without a warning, and its tests pass', async t => {
  const found = new Set(examples.map(({ page }) => page))
  for (const page of ['configuration', 'rules', 'storms', 'ecs', 'forward-tcp']) t.ok(found.has(`docs/${page}.md`), page)
  for (const { page, yaml } of examples) {
    const title = `${page}: ${yaml.slice(0, 60)}`
    const loaded = load({ SLUICE_CONFIG_YAML: yaml })
    t.same(loaded.said, [], title)
    for (const { isOk, lines } of loaded.config === undefined ? [] : runTests(loaded.config)) t.ok(isOk, `${title}: ${lines.join('; ')}`)
  }
})

/** What an example of the table needs besides itself. */
const companions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  enrich: { SLUICE_ERROR_FORMAT: 'json' },
  'tcpTls.cert': { SLUICE_TCP_TLS_KEY: '/run/secrets/sluice.key' },
  'tcpTls.key': { SLUICE_TCP_TLS_CERT: '/run/secrets/sluice.crt' },
  'tcpTls.clientCa': { SLUICE_TCP_TLS_KEY: '/run/secrets/sluice.key', SLUICE_TCP_TLS_CERT: '/run/secrets/sluice.crt' },
  'tcpAuth.users': { SLUICE_TCP_AUTH_SHARED_KEY_FILE: '/run/secrets/forward-key' },
  'tcpAuth.usersFile': { SLUICE_TCP_AUTH_SHARED_KEY_FILE: '/run/secrets/forward-key' },
  'cloudwatch.retentionDays': { SLUICE_CLOUDWATCH_CREATE_GROUP: 'true' },
  'cloudwatch.entity.attributes': { SLUICE_CLOUDWATCH_ENTITY_KEY_ATTRIBUTES: 'Type=Service,Name=shop,Environment=production' },
  ...Object.fromEntries(['access', 'app', 'invalid', 'error'].map(name =>
    [`routes.${name}.copyTo`, { SLUICE_CONFIG_YAML: 'routes: {archive: {maxBytes: 256MiB}}' }])),
}

t.test('every example of the table of settings loads alone, or its words name the setting that it needs', async t => {
  for (const { path, variable, setting } of rowsOf(settings)) {
    const needed = companions[path] ?? {}
    // That a setting has no effect alone is said at the start, not in the words of each.
    t.same(load({ [variable]: setting.example, ...needed }).said.filter(words => !words.includes('has no effect')), [], path)
    for (const name of Object.keys(needed).map(settingOf)) t.match(setting.doc, `\`${name}`, path)
  }
})

function settingOf (variable: string): string {
  return rowsOf(settings).find(row => row.variable === variable)?.path ?? 'routes'
}

function load (env: Readonly<Record<string, string>>) {
  try {
    const { config, warnings } = loadConfig({ env: { SLUICE_FIRELENS_CONFIG: 'off', ...env }, readFile: () => '' })
    return { config, said: warnings }
  } catch (error) {
    return { said: [(error as Error).message] }
  }
}
