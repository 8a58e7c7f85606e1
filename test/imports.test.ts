import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../src')
const stages = ['sources', 'join', 'classify', 'transform', 'spool', 'delivery', 'sinks', 'http']

/** What a stage may import besides its own folder: the contracts at the top of the tree, and the counters. */
const contracts = ['clock.ts', 'errors.ts', 'free-memory.ts', 'intake.ts', 'record.ts', 'segment.ts', 'send.ts', 'utf8.ts']
/** The files that join stages. */
const joints = ['pipeline.ts', 'inbound.ts', 'joins.ts', 'ways.ts', 'error-filter.ts', 'outbound.ts', 'destinations.ts']

interface Import { readonly file: string, readonly target: string }

const files = globSync('**/*.ts', { cwd: root })
const imports: readonly Import[] = files.flatMap(file => {
  const source = readFileSync(join(root, file), 'utf8')
  return [...source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)]
    .map(([, target = '']) => ({ file, target: normalize(join(dirname(file), target)) }))
})
const folder = (path: string) => path.includes('/') ? path.split('/')[0] ?? '' : ''
const words = ({ file, target }: Import) => `${file} imports ${target}`

t.test('there is something to check', async t => {
  t.ok(files.length > 40)
  t.ok(imports.length > 100)
  for (const stage of stages) t.ok(files.some(file => folder(file) === stage), `no files in ${stage}`)
})

t.test('a stage imports itself, the contracts and telemetry, and no other stage', async t => {
  const wrong = imports.filter(({ file, target }) => stages.includes(folder(file)) &&
    folder(target) !== folder(file) && folder(target) !== 'telemetry' && !contracts.includes(target))
  t.same(wrong.map(words), [])
})

t.test('contracts and telemetry import no stage', async t => {
  const wrong = imports.filter(({ file, target }) =>
    (contracts.includes(file) || folder(file) === 'telemetry') && [...stages, 'config', 'cli'].includes(folder(target)))
  t.same(wrong.map(words), [])
})

t.test('configuration knows nothing of what is configured', async t => {
  const wrong = imports.filter(({ file, target }) =>
    folder(file) === 'config' && folder(target) !== 'config' && !contracts.includes(target))
  t.same(wrong.map(words), [])
})

t.test('only the joints and the commands know more than one stage', async t => {
  const byFile = Map.groupBy(imports.filter(({ target }) => stages.includes(folder(target))), ({ file }) => file)
  const several = [...byFile].filter(([, each]) => new Set(each.map(({ target }) => folder(target))).size > 1)
  t.same(several.map(([file]) => file).filter(file => !joints.includes(file) && folder(file) !== 'cli'), [])
})

t.test('nothing imports the process edge', async t => {
  t.same(imports.filter(({ target }) => target === 'main.ts').map(words), [])
  t.same(imports.filter(({ file, target }) => folder(target) === 'cli' && folder(file) !== 'cli' && file !== 'main.ts')
    .map(words), [])
})

t.test('imports make no circle', async t => {
  const targets = Map.groupBy(imports, ({ file }) => file)
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '))
    if (done.has(file) || way.includes(file)) return
    for (const { target } of targets.get(file) ?? []) visit(target, [...way, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  t.same(circles, [])
})
