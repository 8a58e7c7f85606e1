import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

interface Manifest {
  readonly dependencies?: unknown
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest = JSON.parse(read('package.json')) as Manifest
const page = read('docs/decisions/dependencies.md')

/** Packages that the sources import: what the bundle holds, besides what these need themselves. */
const imported = new Set(globSync('src/**/*.ts', { cwd: root }).flatMap(path => {
  return [...read(path).matchAll(/(?:\bfrom |\bimport\(|^import )'((?:@[a-z-]+\/)?[a-z][\w-]*)['/]/gm)].map(([, name = '']) => name)
}))

t.test('the page names every package: in its table what is in the product, below it what is not', async t => {
  const rows = page.split('\n').filter(line => /^\| (?!package|-)/.test(line)).map(line => line.split('|')[1] ?? '')
  t.same(rows.flatMap(cell => cell.trim().split(', ')).sort(), [...imported].sort())
  for (const name of Object.keys(manifest.devDependencies)) t.ok(page.includes(name.replace('@types/', '')), name)
})

t.test('nothing is installed beside the one file, and every version is exact', async t => {
  t.equal(manifest.dependencies, undefined)
  t.same(Object.values(manifest.devDependencies).filter(version => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)), [])
})

t.test('Dependabot does not mix what is in the product with what is not', async t => {
  interface Group { readonly patterns?: string[], readonly 'exclude-patterns'?: string[] }
  const { updates } = parse(read('.github/dependabot.yml')) as { readonly updates: { readonly groups?: Record<string, Group> }[] }
  const alone = updates.flatMap(({ groups = {} }) => groups['development']?.['exclude-patterns'] ?? [])
  t.same(alone.sort(), [...imported].filter(name => !name.startsWith('@aws-sdk/')).sort())
})
