import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { RouteClass } from '../../src/contracts/verdict.ts'

/** Every line that was delivered to files below `dataDir`, by class, in the order of file names. */
export function deliveredLines (dataDir: string): Readonly<Record<RouteClass, readonly string[]>> {
  const lines: Record<RouteClass, string[]> = { access: [], app: [], error: [], invalid: [] }
  for (const name of globSync('*/delivered/**/*.{ndjson,gz,zst}', { cwd: dataDir }).sort()) {
    const found = (/\/delivered\/(access|app|invalid)\/dt=/.exec(name) ?? /\/(error|app)\.ndjson$/.exec(name))?.[1]
    if (found === undefined) throw new Error(`expected a class in the path, found ${name}`)
    const content = readFileSync(join(dataDir, name))
    const text = name.endsWith('.gz')
      ? gunzipSync(content)
      : name.endsWith('.zst') ? zstdDecompressSync(content) : content
    // latin1 keeps each byte apart, whatever it is.
    for (const line of text.toString('latin1').split('\n').slice(0, -1)) lines[found as keyof typeof lines].push(line)
  }
  return lines
}
