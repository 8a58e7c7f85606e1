import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../..')

t.test('what scripts and benches say of themselves fits a terminal of 80 columns', async t => {
  const texts = globSync('{scripts,bench}/**/*.ts', { cwd: root }).flatMap(path =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/^(?:export )?const \w*[hH]elp = `([^`]*)`/gm)]
      .map(([, text = '']) => ({ path, text })))
  t.ok(texts.length > 15, String(texts.length))
  t.same(texts.flatMap(({ path, text }) => text.split('\n').filter(line => line.length > 80).map(line => `${path}: ${line}`)), [])
})
