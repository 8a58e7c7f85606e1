import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a browser is sent, by name. In the bundle, the texts are in place of this file (`scripts/bundle.ts`). */
export function pageFile (name: PageFileName): string {
  return readFileSync(join(import.meta.dirname, 'browser', name), 'utf8')
}

export const pageFileNames = [
  'page.html', 'page.css', 'page.js', 'boxes.js', 'counts.js', 'elements.js', 'errors.js', 'flow.js', 'ledger.js', 'quantile.js', 'rates.js',
  'requests.js', 'said.js', 'signals.js', 'spark.js', 'tail-filter.js', 'tail.js', 'words.js',
] as const
export type PageFileName = typeof pageFileNames[number]

// Tested in test/http/page/routes.test.ts
