import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readerOf } from '../support/read-file.ts'
import { generatedFiles, staleFiles } from '../../scripts/generate.ts'
import { defaultYaml } from '../../scripts/docs/default-yaml.ts'
import { configSchema } from '../../scripts/docs/json-schema.ts'
import { loadConfig } from '../../src/config/load.ts'
import { groupsOf, mapsOf, rowsOf } from '../../src/config/rows.ts'
import { settings } from '../../src/config/settings.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const load = (text: string) => loadConfig({ configFile: 'a.yaml', env: {}, readFile: readerOf({ 'a.yaml': text }) })

t.test('the generated files are what the sources say', async t => {
  t.same(staleFiles(root), [])
})

t.test('a file that is missing or changed is stale', async t => {
  const directory = t.testdir({ docs: { 'configuration.md': 'changed' } })
  t.same(staleFiles(directory), Object.keys(generatedFiles))
})

t.test('the manual has every setting and every variable', async t => {
  const page = read('docs/configuration.md')
  for (const { path, variable } of rowsOf(settings)) t.match(page, `| \`${path}\` | \`${variable}\` |`)
  for (const { path } of [...groupsOf(settings), ...mapsOf(settings)]) t.match(page, `## ${path}\n`)
})

t.test('the default file changes nothing, and with its settings switched on says the defaults', async t => {
  const standard = loadConfig({ env: {}, readFile: () => '' })
  t.equal(load(defaultYaml(settings)).origins.size, 0)
  const switchedOn = load(defaultYaml(settings).replace(/^#( *\w+:)/gm, '$1'))
  t.same(switchedOn.config, standard.config)
  t.equal(switchedOn.origins.size, rowsOf(settings).length)
})

t.test('the file for development is understood and stays in the checkout', async t => {
  const { config, warnings } = load(read('config/local.yaml'))
  t.same(warnings, [])
  t.match([config.unixSocket, config.dataDir], [/^\.sluice\//, /^\.sluice\//])
  t.match([config.tcp, config.http], [{ host: '127.0.0.1' }, { host: '127.0.0.1' }])
})

t.test('the schema says what the items of a list are', async t => {
  const list = { type: 'list', default: [], doc: '', example: 'a' } as const
  const schema = JSON.parse(configSchema({
    words: { ...list, choices: ['a', 'b'], unique: 'item' },
    plain: { ...list, pattern: /^a/, maxItems: 3 },
    unicode: { ...list, pattern: /^\p{L}/u },
  })) as { readonly properties: object }
  t.match(schema.properties, {
    words: { items: { enum: ['a', 'b'] }, uniqueItems: true },
    plain: { items: { pattern: '^a', minLength: 1 }, maxItems: 3 },
    unicode: { items: { pattern: undefined, minLength: 1 } },
  })
})

t.test('the schema knows every setting and no other', async t => {
  interface Node { properties?: Record<string, Node>, additionalProperties?: boolean | Node }
  const paths = (node: Node, parent: string): string[] => {
    // A mapping of names: what each may have.
    if (typeof node.additionalProperties === 'object') return paths(node.additionalProperties, `${parent}.*`)
    if (node.properties === undefined) return [parent]
    t.equal(node.additionalProperties, false, parent)
    return Object.entries(node.properties).flatMap(([key, child]) => paths(child, parent === '' ? key : `${parent}.${key}`))
  }
  const each = mapsOf(settings).flatMap(({ path, map }) => rowsOf(map.each).map(row => `${path}.*.${row.path}`))
  const found = paths(JSON.parse(configSchema(settings)) as Node, '')
  t.same(found.toSorted(), [...rowsOf(settings).map(({ path }) => path), ...each].toSorted())
})
