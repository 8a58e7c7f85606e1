import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { createRecord } from '../../src/contracts/record.ts'
import { createRedaction } from '../../src/pipeline/redaction.ts'
import { workloadLine } from '../support/workload.ts'

t.test('a million ordinary lines come out unaltered', { timeout: 300_000 }, async t => {
  const { config } = loadConfig({ env: {}, readFile: () => '' })
  const redaction = createRedaction({ config, metrics: new Metrics() })
  if (redaction === undefined) return t.fail('redaction is off')
  const record = createRecord()
  const altered: string[] = []
  for (let number = 0; number < 1_000_000; number++) {
    record.bytes = Buffer.from(workloadLine(number))
    record.end = record.bytes.length
    if (redaction.redact(record, record.bytes[0] === 0x7b) !== record) altered.push(record.bytes.toString())
  }
  t.same(altered, [])
})
