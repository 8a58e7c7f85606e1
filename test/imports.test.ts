import { globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../src')

/** What is below and above the stages, lowest first; every other folder of `src` is a stage. */
const below = [['contracts'], ['bytes', 'config', 'telemetry'], ['formats']]
const above = [['pipeline'], ['cli'], ['main.ts']]
const named = [...below, ...above].flat()
const stages = readdirSync(root, { withFileTypes: true })
  .filter(entry => entry.isDirectory() && !named.includes(entry.name)).map(({ name }) => name)
const floors = [...below, stages, ...above]

interface Import { readonly file: string, readonly target: string }

const files = globSync('**/*.ts', { cwd: root })
const imports: readonly Import[] = files.flatMap(file => {
  const source = readFileSync(join(root, file), 'utf8')
  return [...source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)]
    .map(([, target = '']) => ({ file, target: normalize(join(dirname(file), target)) }))
})
const room = (path: string) => path.split('/')[0] ?? ''
const floorOf = (path: string) => floors.findIndex(floor => floor.includes(room(path)))
const words = ({ file, target }: Import) => `${file} imports ${target}`

t.test('there is something to check', async t => {
  t.ok(files.length > 150)
  t.ok(imports.length > 300)
  t.ok(stages.includes('spool') && stages.includes('sinks'), stages.join(' '))
})

t.test('imports go down, so a stage imports no stage, and nothing imports the process edge', async t => {
  const wrong = imports.filter(({ file, target }) => target !== 'version.ts' && room(file) !== room(target) &&
    floorOf(target) >= floorOf(file))
  t.same(wrong.map(words), [])
})

t.test('nothing in src imports what does not ship', async t => {
  t.same(imports.filter(({ target }) => room(target) === '..').map(words), [])
})

t.test('nothing lies loose in src but the process edge and the version', async t => {
  t.same(files.filter(file => !file.includes('/')).sort(), ['main.ts', 'version.ts'])
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
