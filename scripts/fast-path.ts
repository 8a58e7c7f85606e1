import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { ownAt, pageCount } from '../src/fast-path/layout.ts'

const root = join(import.meta.dirname, '..')
const compiler = join(dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')), 'bin/asc.js')

/** Compiles the fast path, `src/fast-path/assembly`, to a module that holds the bytes of its WebAssembly. */
export function fastPathModule (): string {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-fast-path-'))
  const outFile = join(directory, 'fast-path.wasm')
  try {
    execFileSync(process.execPath, [
      compiler,
      'src/fast-path/assembly/index.ts',
      '-O3',
      '--noAssert',
      '--runtime=stub',
      '--enable=simd',
      // Of fixed size and made by the host; what the compiler itself would place goes behind all else.
      '--importMemory',
      `--initialMemory=${pageCount}`,
      `--maximumMemory=${pageCount}`,
      `--memoryBase=${ownAt}`,
      `--outFile=${relative(root, outFile)}`,
    ], { cwd: root })
    const base64 = readFileSync(outFile).toString('base64')
    return `/** Compiled from \`assembly/\` by \`npm run generate\`; base64. */
export const wasm = '${base64}'

// Tested in test/pipeline/ordinary-frames.test.ts
`
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
