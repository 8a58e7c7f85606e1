import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { configurationPage } from './docs/configuration-page.ts'
import { defaultYaml } from './docs/default-yaml.ts'
import { configSchema } from './docs/json-schema.ts'
import { settings } from '../src/config/settings.ts'
import { errorsPage } from './docs/errors-page.ts'
import { metricsPage } from './docs/metrics-page.ts'

/** Every file that is made of a table in the sources, by its path in the checkout. One more is one more line. */
export const generatedFiles: Readonly<Record<string, () => string>> = {
  'docs/configuration.md': () => configurationPage(settings),
  'config/default.yaml': () => defaultYaml(settings),
  'config/schema.json': () => configSchema(settings),
  'docs/metrics.md': metricsPage,
  'docs/errors.md': errorsPage,
}

/** The files whose content on disk is not what the sources say now. */
export function staleFiles (root: string): string[] {
  return Object.entries(generatedFiles)
    .filter(([path, build]) => readOrEmpty(join(root, path)) !== build())
    .map(([path]) => path)
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

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  const stale = staleFiles(root)
  const isCheck = process.argv.includes('--check')
  for (const path of stale) {
    if (isCheck) {
      console.error(`${path} is not what the sources say: run npm run generate`)
    } else {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), generatedFiles[path]?.() ?? '')
      console.log(`wrote ${path}`)
    }
  }
  if (isCheck && stale.length > 0) process.exitCode = 1
}
