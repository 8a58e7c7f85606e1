import t from 'tap'
import { createCutLinesTeller } from '../../src/telemetry/cut-lines.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp () {
  const metrics = new Metrics()
  const { log, lines } = recordingLog()
  return { metrics, lines, look: createCutLinesTeller(metrics, log) }
}

t.test('lines that go on in parts are told at once, with the setting that says how long they may be', async t => {
  const { metrics, lines, look } = setUp()
  look(0)
  t.same(lines, [])
  metrics.counter('sluice_lines_cut_total', 'unix').value = 1
  metrics.counter('sluice_lines_cut_total', 'tcp').value = 2
  metrics.counter('sluice_lines_cut_total', 'stdin').value = 4
  metrics.counter('sluice_joins_cut_total', 'partial', 'bytes').value = 5
  metrics.counter('sluice_joins_cut_total', 'trace', 'bytes').value = 6
  metrics.counter('sluice_joins_cut_total', 'trace', 'lines').value = 7
  look(1_000)
  t.match(lines, [
    { level: 'warn', setting: 'forward.maxLineBytes', cuts: 3, total: 3, advice: /or raise forward\.maxLineBytes/ },
    { setting: 'stdin.maxLineBytes', cuts: 4 },
    { setting: 'join.partials.maxBytes', cuts: 5 },
    { setting: 'join.traces.maxBytes', cuts: 6 },
    { setting: 'join.traces.maxLines', cuts: 7 },
  ])
})

t.test('they are told once an hour at most, with how many there were since', async t => {
  const { metrics, lines, look } = setUp()
  const counter = metrics.counter('sluice_lines_cut_total', 'unix')
  for (let second = 0; second <= 7_200; second++) {
    if (second < 3_700) counter.value++
    look(second * 1_000)
  }
  t.match(lines.map(({ cuts, total }) => [cuts, total]), [[1, 1], [3_600, 3_601], [99, 3_700]])
})

t.test('joins that end for another reason than length are not told', async t => {
  const { metrics, lines, look } = setUp()
  for (const reason of ['time', 'count', 'memory', 'stop']) metrics.counter('sluice_joins_cut_total', 'partial', reason).value = 1
  look(0)
  t.same(lines, [])
})
