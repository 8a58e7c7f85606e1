import t from 'tap'
import { metricsPage } from '../../../scripts/docs/metrics-page.ts'
import { ledgerTable } from '../../../src/telemetry/ledger-metrics.ts'
import { metricTable } from '../../../src/telemetry/metrics.ts'
import { processTable } from '../../../src/telemetry/process-metrics.ts'

t.test('every metric has one row, and no other has', async t => {
  const names = [...metricsPage().matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  t.same(names, [...Object.keys(ledgerTable), ...Object.keys(metricTable), ...Object.keys(processTable)])
})
