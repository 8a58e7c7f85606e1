import { globSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'

const root = resolve(import.meta.dirname, '../..')
const shardCount = globSync('[0-9]*.ts', { cwd: import.meta.dirname }).length

/** The subtest of each test file of this process, by the URL of the file. */
const subtests = new Map<string, Test>()
const prefix = 'tap-for:'

/** What `import t from 'tap'` gives in a test file: the subtest of that file, not the root that the process shares. */
export function tapFor (url: string): Test | undefined {
  return subtests.get(url.slice(prefix.length))
}

const tapForFile = `import { tapFor } from '${import.meta.url}'\nexport default tapFor(import.meta.url)`

registerHooks({
  resolve: (specifier, context, next) => specifier === 'tap' && subtests.has(context.parentURL ?? '')
    ? { url: `${prefix}${context.parentURL}`, format: 'module', shortCircuit: true }
    : next(specifier, context),
  load: (url, context, next) => url.startsWith(prefix)
    ? { source: tapForFile, format: 'module', shortCircuit: true }
    : next(url, context),
})

/**
 * Runs one of the parts into which the unit tests are divided, its files one after the other in this process: starting
 * Node and tap for each of them takes more time than most of their tests do. Of a file that passes one line is said:
 * tap's reporters take several times as long over an assertion as it takes itself. Of one that fails all is said.
 */
export async function runShard (number: number): Promise<void> {
  const paths = globSync('test/**/*.test.ts', { cwd: root, exclude: ['test/e2e/**', 'test/faults/**', 'test/alone/**'] }).sort()
  for (const path of paths.filter((_, index) => index % shardCount === number - 1)) {
    // For a process that ends in the middle.
    t.comment(path)
    const results = await t.test(path, { silent: true }, async t => {
      const before = { ...process.env }
      t.teardown(() => {
        if (!isDeepStrictEqual({ ...process.env }, before)) throw new Error(`${path} left the environment changed`)
      })
      const { href } = pathToFileURL(join(root, path))
      subtests.set(href, t)
      await import(href)
    })
    if (results?.ok === true) t.pass(path)
  }
}
