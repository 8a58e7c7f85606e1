import t, { type Test } from 'tap'
import { createProcessMetrics, processTable } from '../../src/telemetry/process-metrics.ts'

function build (t: Test) {
  const metrics = createProcessMetrics({ version: '1.2.3' })
  t.teardown(() => metrics.close())
  const value = (name: string) => {
    const [series] = metrics.series(name)
    return series !== undefined && 'value' in series ? series.value : undefined
  }
  return { metrics, value }
}

t.test('says what runs, since when, and what it takes', async t => {
  const { metrics, value } = build(t)
  t.same([...metrics.series('sluice_build_info')], [{ labels: ['1.2.3', process.version], value: 1 }])
  t.ok(Math.abs((value('process_start_time_seconds') ?? 0) - Date.now() / 1e3) < 3_600)
  t.ok((value('process_resident_memory_bytes') ?? 0) > 1e6)
  t.ok((value('process_cpu_seconds_total') ?? 0) > 0)
  t.ok((value('nodejs_heap_size_used_bytes') ?? 0) > 1e6)
})

t.test('every gauge and counter of the table has a value on this system', async t => {
  const { metrics } = build(t)
  for (const [name, { type, labels }] of Object.entries(processTable)) {
    const series = [...metrics.series(name)]
    for (const one of series) t.equal(one.labels.length, labels.length, `${name} has its labels`)
    const isLinuxOnly = name.endsWith('_fds')
    if (type !== 'histogram' && !(isLinuxOnly && process.platform !== 'linux')) t.ok(series.length > 0, name)
  }
  t.same([...metrics.series('unknown')], [])
})

t.test('the event loop lag leaves out the pause between samples, and is counted from one scrape to the next', async t => {
  let delaysNs: number[] = []
  const metrics = createProcessMetrics({
    version: '1.2.3',
    monitor: {
      get max () { return Math.max(0, ...delaysNs) },
      percentile: percentile => {
        const sorted = delaysNs.toSorted((a, b) => a - b)
        return sorted[Math.ceil(sorted.length * percentile / 100) - 1] ?? 0
      },
      reset: () => { delaysNs = [] },
      disable: () => {},
    },
  })
  t.teardown(() => metrics.close())
  const lag = () => [...metrics.series('sluice_event_loop_lag_seconds')].map(one => 'value' in one ? one.value : -1)
  delaysNs = [100e6, 101e6, 600e6]
  t.same(lag().map(seconds => Math.round(seconds * 1e6) / 1e6), [0.001, 0.5, 0.5])
  t.same(lag(), [0, 0, 0])
})

t.test('a collection of garbage is timed by its kind', async t => {
  const { metrics } = build(t)
  let kept: unknown[] = []
  for (let turn = 0; turn < 500 && [...metrics.series('nodejs_gc_duration_seconds')].length === 0; turn++) {
    kept = Array.from({ length: 10_000 }, (_, index) => ({ index }))
    await new Promise(resolve => setImmediate(resolve))
  }
  t.ok(kept.length > 0)
  const [series] = metrics.series('nodejs_gc_duration_seconds')
  t.match(series?.labels, [/^(minor|major|incremental|weakcb)$/])
  t.ok(series !== undefined && 'histogram' in series && (series.histogram.cumulated().at(-1) ?? 0) > 0)
})
