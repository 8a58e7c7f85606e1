import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const sources = globSync('src/**/*.ts', { cwd: root }).sort()

/** Whether anything is left of a file when its types are erased. Code of a file begins at the left margin. */
function doesSomething (text: string): boolean {
  const code = text.replace(/\/\*[^]*?\*\//g, '')
  return /^(?:export (?:default )?)?(?:async |abstract )?(?:const|let|function|class|enum|if|for|await|try|void|process)\b/m.test(code)
}

/** Files that a file names by a relative path: what it imports, and programs that it starts. */
function namedBy (path: string): string[] {
  // What is compiled from these names none of them.
  if (path === 'src/fast-path/wasm.ts') return globSync('src/fast-path/assembly/*.ts', { cwd: root })
  return [...textOf(path).matchAll(/'(\.\.?\/[^'\n]+\.ts)'/g)]
    .map(([, target = '']) => normalize(join(dirname(path), target)))
    .filter(target => existsSync(join(root, target)))
}

/** Every file that a test reaches through others. */
function reachedFrom (test: string): ReadonlySet<string> {
  const reached = new Set([test])
  for (const path of reached) for (const target of namedBy(path)) reached.add(target)
  return reached
}

/** The test of a file: that of its name, or the one that the file itself says. */
function testOf (path: string): string | undefined {
  const own = path.replace(/^src/, 'test').replace(/\.ts$/, '.test.ts')
  return existsSync(join(root, own)) ? own : /Tested in (test\/[\w/.-]+\.test\.ts)/.exec(textOf(path))?.[1]
}

t.test('every file of src has a test of its name, or says `// Tested in test/….test.ts`', async t => {
  t.ok(sources.length > 150)
  t.same(sources.filter(path => doesSomething(textOf(path)) && testOf(path) === undefined), [])
})

t.test('the test that a file has or names is there and reaches the file', async t => {
  const wrong = sources.flatMap(path => {
    const test = testOf(path)
    if (test === undefined) return []
    if (!existsSync(join(root, test))) return [`${path} names ${test}, which is not there`]
    return reachedFrom(test).has(path) ? [] : [`${test} does not reach ${path}`]
  })
  t.same(wrong, [])
})

t.test('a file of types alone needs no test', async t => {
  t.notOk(doesSomething('/** A word. */\nexport type A = 1\nexport interface B {\n  const: A\n}\nimport type { C } from \'./c.ts\'\n'))
  for (const code of ['export const a = 1', 'function a () {}', 'export class A {}', 'await a()', 'export async function a () {}']) {
    t.ok(doesSomething(`/** A word. */\n${code}\n`), code)
  }
})
