import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { groupsOf, rowsOf, settingAt } from '../../src/config/rows.ts'
import { otherVariables } from '../../src/config/environment.ts'
import { settings } from '../../src/config/settings.ts'
import { errorTable } from '../../src/contracts/errors.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const ignored = ['node_modules/**', 'build/**', '.git/**', '.tap/**']
const files = globSync(['**/*.*', '.github/**/*.*'], { cwd: root, exclude: ignored }).map(path => `/${path}`)

/** Files and folders that a page names and that are not in the checkout. */
const foreign = new Set([
  '/fluent-bit/etc/fluent-bit.conf', 'fluent-bit.conf', 'sluice.cjs', 'build/sluice.cjs', 'ignore.malformed.json', 'sluice.yaml', 'about.json',
  'production/', 'access/', 'invalid/', 'app/', 'error/', 'dead-letter/', 'spool/', 'build/', 'node_modules/',
])

/** They choose ports of the machine; Sluice never sees them. */
const variablesOfCompose = ['SLUICE_FORWARD_PORT', 'SLUICE_HTTP_PORT']

/** The changelog says what was called how at its time. */
const pages = globSync(['*.md', 'docs/**/*.md', 'bench/*.md', 'docker/**/*.md', 'test/**/*.md'], { cwd: root })
  .filter(path => path !== 'CHANGELOG.md')
const texts = pages.map(page => ({ page, text: read(page) }))

/** What stands in backquotes within a line, by page. */
function found (pattern: RegExp): readonly { readonly page: string, readonly name: string, readonly more: string }[] {
  return texts.flatMap(({ page, text }) => [...text.replace(/```.*?```/gs, '').matchAll(pattern)]
    .map(([, name = '', more = '']) => ({ page, name, more })))
}

/** `NAME` is the reader's. */
function isFile (name: string): boolean {
  return foreign.has(name) || name.includes('NAME') || files.some(file => name.endsWith('/') ? file.includes(`/${name}`) : file.endsWith(`/${name}`))
}

t.test('every file and folder of the project that a page names exists', async t => {
  const names = found(/`((?:[\w.@-]+\/)*[\w.@-]+\.(?:[cm]?[jt]s|json|ya?ml|sh|conf|md)|(?:[\w-]+\/)+)`/g)
  t.ok(names.length > 80, String(names.length))
  t.same(names.filter(({ name }) => !isFile(name)), [])
  // In commands too.
  const paths = found(/(?<![\w/.-])((?:src|test|scripts|bench|docker)\/[\w./-]+\.(?:[cm]?[jt]s|json|ya?ml|sh|md))/g)
  t.same(paths.filter(({ name }) => !isFile(name)), [])
})

t.test('a function that a page names behind its file is in that file', async t => {
  const names = found(/`([\w/-]+\.ts)`\s+`(#?\w+)`/g)
  t.ok(names.length > 10, String(names.length))
  t.same(names.filter(({ name, more }) => !files.some(file => file.startsWith('/src/') && file.endsWith(`/${name}`) &&
    read(file).includes(more))), [])
})

t.test('every metric, setting, variable and error code that a page names exists', async t => {
  // The page of metrics is made of their table, and a test of its own says so.
  const metrics = new Set([...read('docs/metrics.md').matchAll(/^\| `(sluice_\w+)` /gm)].map(([, name = '']) => name))
  t.same(found(/`(sluice_\w+)/g).filter(({ name }) => !metrics.has(name.replace(/_(?:bucket|sum|count)$/, ''))), [])
  t.same(found(/`(ERR_\w+)`/g).filter(({ name }) => !Object.hasOwn(errorTable, name)), [])
  const rows = rowsOf(settings)
  const paths = [...rows.flatMap(({ path, aliases }) => [path, ...aliases]),
    ...groupsOf(settings).map(({ path }) => path)]
  const variables = new Set<string>([...rows.map(({ variable }) => variable), ...otherVariables, ...variablesOfCompose])
  t.same(found(/`(SLUICE_[A-Z\d_]+)[`=]/g).filter(({ name }) => !variables.has(name)), [])
  const groups = groupsOf(settings).map(({ path }) => path).filter(path => !path.includes('.'))
  const named = found(new RegExp(String.raw`\`((?:${groups.join('|')})\.[a-z][\w.]*)[\`:]`, 'g'))
  t.ok(named.length > 100, String(named.length))
  t.same(named.filter(({ name }) => !paths.includes(name) && settingAt(settings, name) === undefined && !/\.(?:ts|log|env)$/.test(name)), [])
})

t.test('every reason for which a record is left out or lost is in the manual', async t => {
  const code = globSync('src/{filter,pipeline,spool}/*.ts', { cwd: root }).map(read).join('\n')
  const filters = [...code.matchAll(/return [^'\n]*'([a-z]+-[a-z]+)'/g)].map(([, name = '']) => name)
  const losses = [...code.matchAll(/counter\('dropped', [\w.]+, '(\w+)'\)/g)].map(([, name = '']) => name)
  t.ok(filters.length > 3 && losses.length > 5, [...filters, ...losses].join(' '))
  const unnamed = (page: string, names: readonly string[]) => names.filter(name => !read(page).includes(`\`${name}\``))
  t.same(unnamed('docs/operations.md', [...filters, ...losses]), [])
  t.same(unnamed('docs/guarantees.md', losses), [])
})

t.test('every script of npm that a page names exists', async t => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> }
  const names = found(/npm run (?:-s )?([\w:]+)/g)
  t.ok(names.length > 20, String(names.length))
  t.same(names.filter(({ name }) => !Object.hasOwn(scripts, name)), [])
})
