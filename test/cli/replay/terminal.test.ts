import t from 'tap'
import type { ReplayInput } from '../../../src/cli/replay/input.ts'
import { showProgress } from '../../../src/cli/replay/terminal.ts'
import { Ledger } from '../../../src/telemetry/ledger.ts'

t.test('one line says what is read, delivered and left, and its last state stays', async t => {
  const written: string[] = []
  const ledger = new Ledger()
  const inputs = [{ bytes: 1_500_000 }, { bytes: 600_000 }] as ReplayInput[]
  const counts = { records: 0, sentBefore: 0, unreadable: 0, inputs: 0, failed: [] }
  const shown = showProgress({ write: text => written.push(text) }, ledger, counts, inputs)
  counts.records = 1_234
  counts.inputs = 2
  ledger.counter('delivered', 'error').value = 1_200
  ledger.addPending('error', () => 34)
  shown.end()
  t.same(written, ['\r\x1b[K2 of 2 files (2.0 MiB): 1,234 records read, 1,200 delivered, 34 to go', '\n'])
})
