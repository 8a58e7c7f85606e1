import { join } from 'node:path'
import t from 'tap'
import { generatedFiles, staleFiles } from '../../scripts/generate.ts'

t.test('the generated files are what the sources say: npm run generate', async t => {
  t.same([...staleFiles(join(import.meta.dirname, '../..')).keys()], [])
})

t.test('a file that is missing or changed is stale', async t => {
  const directory = t.testdir({ docs: { 'configuration.md': 'changed' } })
  const stale = staleFiles(directory)
  t.same([...stale.keys()], [...generatedFiles.keys()])
  t.match(stale.get('docs/configuration.md'), /^# Configuration\n/)
})
