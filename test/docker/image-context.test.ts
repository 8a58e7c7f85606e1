import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import t from 'tap'

const root = join(import.meta.dirname, '../..')

t.test('what makes the bundle in the image is let through .dockerignore, with all it imports', async t => {
  const passed = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
    .filter(line => line.startsWith('!')).map(line => line.slice(1))
  const { metafile } = await build({
    entryPoints: [join(root, 'scripts/bundle.ts')],
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    metafile: true,
    write: false
  })
  const inputs = Object.keys(metafile.inputs)
  t.ok(inputs.length > 5, inputs.join(' '))
  t.same(inputs.filter(input => !passed.some(path => input === path || input.startsWith(`${path}/`))), [])
})
