import { constants, monitorEventLoopDelay, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { Histogram } from './histogram.ts'
import type { MetricDefinition, Series } from './metrics.ts'
import { ownFiles } from './open-files.ts'

const gcBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1]

/**
 * The numbers of the process itself, under the names that Prometheus' clients share, so that ready-made dashboards fit.
 *
 * Not prom-client's own set: its event loop numbers include the sampling interval, its garbage collection histogram
 * sees one collection of each batch, and two of its gauges end in `_total`, which promtool refuses.
 * Source: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
export const processTable: Readonly<Record<string, MetricDefinition>> = {
  sluice_build_info: { type: 'gauge', labels: ['version', 'node'], unit: '', help: 'Always 1; the labels tell the versions of Sluice and of Node.' },
  sluice_event_loop_lag_seconds: { type: 'gauge', labels: ['percentile'], unit: 'seconds', help: 'Delay of the event loop since the scrape before: 50, 99 and 100, the longest; 0 at the first scrape.' },
  sluice_event_loop_busy_ratio: { type: 'gauge', labels: [], unit: 'ratio', help: 'Share of the time since the scrape before in which the event loop was not idle.' },
  process_cpu_user_seconds_total: { type: 'counter', labels: [], unit: 'seconds', help: 'User CPU time of the process.' },
  process_cpu_system_seconds_total: { type: 'counter', labels: [], unit: 'seconds', help: 'System CPU time of the process.' },
  process_cpu_seconds_total: { type: 'counter', labels: [], unit: 'seconds', help: 'User and system CPU time of the process.' },
  process_resident_memory_bytes: { type: 'gauge', labels: [], unit: 'bytes', help: 'Resident memory of the process.' },
  process_start_time_seconds: { type: 'gauge', labels: [], unit: 'seconds', help: 'When the process started, in seconds since the epoch.' },
  process_open_fds: { type: 'gauge', labels: [], unit: '', help: 'Open file descriptors; Linux only.' },
  process_max_fds: { type: 'gauge', labels: [], unit: '', help: 'Most file descriptors that may be open; Linux only.' },
  nodejs_heap_size_total_bytes: { type: 'gauge', labels: [], unit: 'bytes', help: 'Memory that V8 holds for its heap.' },
  nodejs_heap_size_used_bytes: { type: 'gauge', labels: [], unit: 'bytes', help: 'Memory of the heap that is in use.' },
  nodejs_external_memory_bytes: { type: 'gauge', labels: [], unit: 'bytes', help: 'Memory outside the heap that is bound to objects in it, buffers included.' },
  nodejs_gc_duration_seconds: { type: 'histogram', labels: ['kind'], unit: 'seconds', help: 'Garbage collections by kind: minor, major, incremental, weakcb.', buckets: gcBuckets },
}

export interface ProcessMetrics {
  series (name: string): Iterable<Series>
  /** Ends the sampling. Safe twice. */
  close (): void
}

/**
 * How often the event loop's delay is sampled, ms: ten times a second, so that an idle process stays idle. A stall
 * longer than this is always seen, with its length short by less than this.
 */
const lagSampleMs = 100

/** Delays of the event loop, in nanoseconds, from one sample to the next. */
export interface DelayMonitor {
  readonly max: number
  percentile (percentile: number): number
  reset (): void
  disable (): void
}

export interface ProcessMetricsOptions {
  readonly version: string
  /** Node's own unless given, started here. */
  readonly monitor?: DelayMonitor
}

/**
 * `series` reads the numbers of the moment. The event loop is sampled from the first time that its delay is asked for:
 * that wakes the process ten times a second, which would be a tenth of what it takes for a hundred lines a second.
 */
export function createProcessMetrics (options: ProcessMetricsOptions): ProcessMetrics {
  let lag: DelayMonitor | undefined
  const collections = new Map<string, Histogram>()
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) collectionsOf(collections, entry).observe(entry.duration / 1000)
  })
  observer.observe({ entryTypes: ['gc'] })
  const files = ownFiles()
  let utilization = performance.eventLoopUtilization()
  const readers: Readonly<Record<string, () => Iterable<Series>>> = {
    sluice_build_info: () => [{ labels: [options.version, process.version], value: 1 }],
    sluice_event_loop_lag_seconds: () => {
      const monitor = lag ??= options.monitor ?? startMonitor()
      // The monitor measures from one sample to the next, the pause between them included.
      const seconds = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - lagSampleMs / 1e3)
      const series = [
        { labels: ['50'], value: seconds(monitor.percentile(50)) },
        { labels: ['99'], value: seconds(monitor.percentile(99)) },
        { labels: ['100'], value: seconds(monitor.max) },
      ]
      monitor.reset()
      return series
    },
    sluice_event_loop_busy_ratio: () => {
      const now = performance.eventLoopUtilization()
      const { utilization: share } = performance.eventLoopUtilization(now, utilization)
      utilization = now
      return single(share)
    },
    process_cpu_user_seconds_total: () => single(process.cpuUsage().user / 1e6),
    process_cpu_system_seconds_total: () => single(process.cpuUsage().system / 1e6),
    process_cpu_seconds_total: () => single((process.cpuUsage().user + process.cpuUsage().system) / 1e6),
    process_resident_memory_bytes: () => single(process.memoryUsage.rss()),
    process_start_time_seconds: () => single(performance.timeOrigin / 1e3),
    process_open_fds: () => single(files.open()),
    process_max_fds: () => single(files.limit),
    nodejs_heap_size_total_bytes: () => single(process.memoryUsage().heapTotal),
    nodejs_heap_size_used_bytes: () => single(process.memoryUsage().heapUsed),
    nodejs_external_memory_bytes: () => single(process.memoryUsage().external),
    nodejs_gc_duration_seconds: () => Array.from(collections, ([kind, histogram]) => ({ labels: [kind], histogram })),
  }
  return {
    series: name => readers[name]?.() ?? [],
    close: () => {
      lag?.disable()
      observer.disconnect()
    },
  }
}

function startMonitor (): DelayMonitor {
  const monitor = monitorEventLoopDelay({ resolution: lagSampleMs })
  monitor.enable()
  return monitor
}

function single (value: number | undefined): Series[] {
  return value === undefined ? [] : [{ labels: [], value }]
}

const kindOfCollection: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
}

function collectionsOf (collections: Map<string, Histogram>, entry: PerformanceEntry): Histogram {
  const detail = (entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } }).detail
  const kind = kindOfCollection[detail?.kind ?? -1] ?? 'other'
  const histogram = collections.get(kind) ?? new Histogram(gcBuckets)
  collections.set(kind, histogram)
  return histogram
}
