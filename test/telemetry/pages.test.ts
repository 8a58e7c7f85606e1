import { readFileSync } from 'node:fs'
import t from 'tap'
import { errorTable } from '../../src/contracts/errors.ts'
import { errorsPage } from '../../scripts/docs/errors-page.ts'
import { ledgerTable } from '../../src/telemetry/ledger-metrics.ts'
import { metricTable } from '../../src/telemetry/metrics.ts'
import { metricsPage } from '../../scripts/docs/metrics-page.ts'
import { processTable } from '../../src/telemetry/process-metrics.ts'

const docs = new URL('../../docs/', import.meta.url)

t.test('docs/metrics.md and docs/errors.md are what the tables say', async t => {
  t.equal(readFileSync(new URL('metrics.md', docs), 'utf8'), metricsPage(), 'npm run generate')
  t.equal(readFileSync(new URL('errors.md', docs), 'utf8'), errorsPage(), 'npm run generate')
})

t.test('every metric and every error code has one row, and no other has', async t => {
  const rows = (page: string) => [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  t.same(rows(metricsPage()), [...Object.keys(ledgerTable), ...Object.keys(metricTable), ...Object.keys(processTable)])
  t.same(rows(errorsPage()), Object.keys(errorTable))
})
