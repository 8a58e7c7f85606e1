import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { stormSummary } from '../../src/signals/storm-summary.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/storms.md'), 'utf8')
const load = (yaml: string) => loadConfig({ env: { SLUICE_CONFIG_YAML: yaml, SLUICE_FIRELENS_CONFIG: 'off' }, readFile: () => '' })

t.test('the settings of docs/storms.md are settings, and what they show besides the switch are the defaults', async t => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? []
  const { config, warnings } = load(yaml)
  t.same(warnings, [])
  t.same(config.storms, { ...load('').config.storms, divert: true })
})

t.test('the summary that docs/storms.md shows is one', async t => {
  const [, shown = ''] = /\n\n((?: {4}.*\n)+)/.exec(page) ?? []
  t.equal(shown.trim().replace(/\n +/g, ' '), stormSummary({
    container: 'web',
    fingerprint: '3f2a9b1c22dd',
    example: { message: 'SQLSTATE[HY000] [2002] Connection refused' },
    count: 4_812,
    surplus: 4_712,
    firstAtMs: Date.UTC(2026, 10, 23, 10, 0, 0, 5),
    lastAtMs: Date.UTC(2026, 10, 23, 10, 0, 59, 990),
    openMs: 60_000,
  }, { format: 'text', maxMessageBytes: 1_000_000, enrichment: '', route: 'storm' }))
})
