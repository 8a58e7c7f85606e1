import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { settings } from '../src/config/settings.ts'
import { scriptArguments } from './arguments.ts'
import { configurationPage } from './docs/configuration-page.ts'
import { costPicture } from './docs/cost-picture.ts'
import { defaultYaml } from './docs/default-yaml.ts'
import { errorsPage } from './docs/errors-page.ts'
import { configSchema } from './docs/json-schema.ts'
import { metricsPage } from './docs/metrics-page.ts'
import { fastPathModule } from './fast-path.ts'

/** Every file that is made of a table in the sources, by its path in the checkout. One more is one more line. */
export const generatedFiles: ReadonlyMap<string, () => string> = new Map([
  ['docs/configuration.md', () => configurationPage(settings)],
  ['config/default.yaml', () => defaultYaml(settings)],
  ['config/schema.json', () => configSchema(settings)],
  ['docs/metrics.md', metricsPage],
  ['docs/errors.md', errorsPage],
  ['docs/pictures/cost.svg', costPicture],
  ['src/fast-path/wasm.ts', fastPathModule],
])

let texts: ReadonlyArray<readonly [path: string, text: string]> | undefined

/** The files whose content on disk is not what the sources say now, with what they say. */
export function staleFiles (root: string): ReadonlyMap<string, string> {
  // Once in a process: to compile the fast path takes seconds.
  texts ??= [...generatedFiles].map(([path, build]) => [path, build()])
  return new Map(texts.filter(([path, text]) => readOrEmpty(join(root, path)) !== text))
}

function readOrEmpty (path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    // A file that is not there yet is stale like any other.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

const help = `Writes again what is made of a table in the sources: pages, schema, default
settings, the fast path. It names the files that changed.

  npm run generate
  node scripts/generate.ts --check    writes nothing; exits 1 if one is stale
`

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const { check: isCheck } = scriptArguments(help, { check: { type: 'boolean', help: '' } }, 'none')
  for (const [path, text] of staleFiles(root)) {
    if (isCheck) {
      console.error(`${path} is not what the sources say: run npm run generate`)
      process.exitCode = 1
    } else {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
      console.log(`wrote ${path}`)
    }
  }
}
