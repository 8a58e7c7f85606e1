import { Histogram } from './histogram.ts'
import type { Counter } from './ledger.ts'

export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  /** Unit in Prometheus' base units; empty for a plain count. */
  readonly unit: string
  readonly help: string
  /** Upper bounds of a histogram's buckets, in `unit`, ascending; the last one, +Inf, is implied. */
  readonly buckets?: readonly number[]
}

/** Bounds for requests to a destination: from a file on a local disk to a request timeout, seconds. */
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Bounds for requests of an application: from a small file to the time at which Apache and load balancers give up. */
const answerBuckets = [0.001, ...requestBuckets, 60]

/** Bounds for one batch, bytes and records: from a line to the most that one request may carry. */
const batchByteBuckets = [1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216]
const batchRecordBuckets = [1, 10, 100, 1000, 10_000, 100_000]

/**
 * Every metric besides the ledger's own: name, type, labels, unit, help. `docs/metrics.md` is checked against it.
 * Names follow https://prometheus.io/docs/practices/naming/
 */
export const metricTable = {
  sluice_received_bytes_total: { type: 'counter', labels: ['source'], unit: 'bytes', help: 'Bytes read from log sockets and standard input.' },
  sluice_source_open: { type: 'gauge', labels: ['source'], unit: '', help: '1 while a socket listens, 0 while it could not be opened and is tried again.' },
  sluice_connections: { type: 'gauge', labels: ['source'], unit: '', help: 'Open connections of senders.' },
  sluice_tls_certificate_expiry_seconds: { type: 'gauge', labels: ['source'], unit: 'seconds', help: 'Time left of the certificate that senders are shown; no series without `tcpTls.cert`.' },
  sluice_connections_total: { type: 'counter', labels: ['source'], unit: '', help: 'Connections accepted since the start.' },
  sluice_connections_refused_total: { type: 'counter', labels: ['source', 'reason'], unit: '', help: 'Connections refused, by reason: `limit` (too many), `network` (not in `tcpAllow`), `tls`, `client_certificate`, `ping` (the sender does not authenticate), `shared_key`, `user`, `handshake_timeout`, `closed` (by the sender, before it was let in).' },
  sluice_connections_displaced_total: { type: 'counter', labels: ['source', 'reason'], unit: '', help: 'Connections closed to make room for a new one at `forward.maxConnections`, by reason: unproven (it never sent a frame) or idle.' },
  sluice_frames_refused_total: { type: 'counter', labels: ['source', 'reason'], unit: '', help: 'Forward frames that closed their connection, by reason.' },
  sluice_frames_skipped_total: { type: 'counter', labels: ['source', 'reason'], unit: '', help: 'Forward frames that hold no log records (metrics, traces): acknowledged and not kept.' },
  sluice_lines_cut_total: { type: 'counter', labels: ['source'], unit: '', help: 'Lines over the limit of their source, received in parts.' },
  sluice_acks_total: { type: 'counter', labels: ['source', 'result'], unit: '', help: 'Chunks that asked for an ack, by result: sent, or withheld because a record was not stored.' },
  sluice_receive_lag_seconds: { type: 'gauge', labels: ['source'], unit: 'seconds', help: 'How long after its time the last record was received.' },
  sluice_classified_total: { type: 'counter', labels: ['class', 'rule'], unit: '', help: 'Records by class and by the rule that decided.' },
  sluice_rule_matched_total: { type: 'counter', labels: ['rule'], unit: '', help: 'Records that a rule of the settings (`rules`) matched, whatever it did with them.' },
  sluice_repaired_total: { type: 'counter', labels: ['kind'], unit: '', help: 'Access lines made into JSON, by what was repaired; a line may count under several.' },
  sluice_invalid_total: { type: 'counter', labels: ['reason'], unit: '', help: 'Access lines that cannot be made into JSON, by reason; they go on as class invalid.' },
  sluice_redacted_total: { type: 'counter', labels: ['kind', 'container'], unit: '', help: 'What was taken out of records before they were written, by kind: `card_number`, `track_data`, `authentication_data`, `secret`, `email`, `client_address`, `pattern`. Containers beyond 50 count as `other`. A card number seen is a mistake of the application.' },
  sluice_processing_errors_total: { type: 'counter', labels: ['stage'], unit: '', help: 'Records that made a stage fail, which is a bug; they went on as they came.' },
  sluice_joins_open: { type: 'gauge', labels: ['kind'], unit: '', help: 'Lines being put together again.' },
  sluice_joins_cut_total: { type: 'counter', labels: ['kind', 'reason'], unit: '', help: 'Joins ended by a bound (bytes, lines, time, age, count, memory) or by the stop, before their last piece.' },
  sluice_memory_used_bytes: { type: 'gauge', labels: ['share'], unit: 'bytes', help: 'Memory that is held by frames of senders, joins, write buffers, and batches and objects being sent.' },
  sluice_memory_limit_bytes: { type: 'gauge', labels: ['share'], unit: 'bytes', help: 'What each of them may hold: its settings, or less where the container (`memory.maxBytes`) is small.' },
  sluice_spool_bytes: { type: 'gauge', labels: ['route'], unit: 'bytes', help: 'Bytes of a route in the spool, on disk and in write buffers.' },
  sluice_spool_quota_bytes: { type: 'gauge', labels: ['route'], unit: 'bytes', help: 'Disk quota of a route now: its setting, or less where the disk is small.' },
  sluice_spool_segments: { type: 'gauge', labels: ['route', 'state'], unit: '', help: 'Segments of a route, open or sealed.' },
  sluice_spool_directories: { type: 'gauge', labels: ['state'], unit: '', help: 'Directories that other processes left: adopted (their lines are delivered here), or left (their lines go elsewhere: see the log).' },
  sluice_spool_write_errors_total: { type: 'counter', labels: ['route', 'code'], unit: '', help: 'File operations of the spool that failed, by the system\'s error code.' },
  sluice_spool_blocked: { type: 'gauge', labels: ['route'], unit: '', help: '1 while the spool of a route cannot be written or read: the disk refuses, or does not answer. While it cannot be written, lines wait in memory.' },
  sluice_oldest_pending_seconds: { type: 'gauge', labels: ['route'], unit: 'seconds', help: 'Age of the oldest record of a route that is not delivered; 0 when there is none.' },
  sluice_delivery_requests_total: { type: 'counter', labels: ['route', 'sink', 'outcome'], unit: '', help: 'Tries to store a batch at its destination, by outcome: `ok`, or why not.' },
  sluice_delivery_request_duration_seconds: { type: 'histogram', labels: ['route', 'sink', 'outcome'], unit: 'seconds', help: 'Time that tries to store a batch took, whatever requests each needed, by outcome.', buckets: requestBuckets },
  sluice_delivery_bytes_total: { type: 'counter', labels: ['route', 'sink'], unit: 'bytes', help: 'Bytes of batches that a destination has confirmed, before compression; of one that it took in part, all of them.' },
  sluice_delivery_rebuilds_total: { type: 'counter', labels: ['route', 'sink'], unit: '', help: 'Times a destination was reconnected, with new connections and credentials, after failing for `delivery.reconnectAfter`.' },
  sluice_dead_letters_lost_total: { type: 'counter', labels: ['route'], unit: '', help: 'Records refused for good of which no copy is left: none could be kept, or `deadLetter.maxBytes` was full and it was removed.' },
  sluice_dead_letters_local: { type: 'gauge', labels: ['route'], unit: '', help: 'Records refused for good whose only copy is on this disk, because S3 has not taken theirs; no series without a bucket.' },
  sluice_delivery_paused: { type: 'gauge', labels: ['route'], unit: '', help: '1 from a failed request of a route until what failed is answered: the next one waits, or is under way.' },
  sluice_sink_requests_total: { type: 'counter', labels: ['sink', 'operation', 'outcome'], unit: '', help: 'Requests to AWS by operation and outcome: `ok`, `exists` (an object that an earlier request stored), or why not.' },
  sluice_sink_request_duration_seconds: { type: 'histogram', labels: ['sink', 'operation'], unit: 'seconds', help: 'Time that requests to AWS took, whatever their outcome.', buckets: requestBuckets },
  sluice_sink_sent_bytes_total: { type: 'counter', labels: ['sink'], unit: 'bytes', help: 'Bytes of request bodies that AWS has confirmed, as sent: after compression.' },
  sluice_sink_batch_bytes: { type: 'histogram', labels: ['sink'], unit: 'bytes', help: 'Bodies of requests with records, as sent.', buckets: batchByteBuckets },
  sluice_sink_batch_records: { type: 'histogram', labels: ['sink'], unit: '', help: 'Records of requests with records.', buckets: batchRecordBuckets },
  sluice_http_requests_total: { type: 'counter', labels: ['container', 'method', 'status'], unit: '', help: 'Requests that access lines tell of, but for health checks. Methods beyond nine are `other`, as are containers beyond 50 and what is no status.' },
  sluice_http_request_duration_seconds: { type: 'histogram', labels: ['container'], unit: 'seconds', help: 'How long they took, where a key says in which unit (`access.durationKeys`).', buckets: answerBuckets },
  sluice_http_response_bytes_total: { type: 'counter', labels: ['container'], unit: 'bytes', help: 'Bytes of their responses.' },
  sluice_health_checks_total: { type: 'counter', labels: ['container', 'status'], unit: '', help: 'Access lines of health checks, which are left out (`healthChecks.filter`).' },
  sluice_errors_total: { type: 'counter', labels: ['container', 'origin', 'level'], unit: '', help: 'Errors by what wrote them (apache, php, php-fpm, modsecurity, app) and by level, filtered ones too, but for second reports of php-fpm.' },
  sluice_storms_total: { type: 'counter', labels: ['container'], unit: '', help: 'Windows (`storms.window`) in which one error came more often than `storms.count`. Containers beyond 50 count as `other`.' },
  sluice_signals_total: { type: 'counter', labels: ['signal', 'container'], unit: '', help: 'Lines that show a trouble which docs/signals.md explains.' },
  sluice_clock_error_bound_seconds: { type: 'gauge', labels: [], unit: 'seconds', help: 'How far the clock of the task may be off, as the task metadata endpoint says; no series where it does not.' },
  sluice_sink_entities_refused_total: { type: 'counter', labels: ['reason'], unit: '', help: 'Batches that CloudWatch Logs stored without the entity of `cloudwatch.entity`, by the reason that it gives.' },
  sluice_credentials_expiry_seconds: { type: 'gauge', labels: ['sink'], unit: 'seconds', help: 'Time left of the credentials for AWS that were used last; they are renewed before it ends, also while nothing is sent. No series when they have no end.' },
} as const satisfies Readonly<Record<string, MetricDefinition>>

export type MetricName = keyof typeof metricTable
type NamesOf<Type> = { [Name in MetricName]: typeof metricTable[Name]['type'] extends Type ? Name : never }[MetricName]
export type CounterName = NamesOf<'counter'>
export type GaugeName = NamesOf<'gauge'>
export type HistogramName = NamesOf<'histogram'>

/** One series as a scrape finds it; label values in the order of the table. */
export type Series =
  | { readonly labels: readonly string[], readonly value: number }
  | { readonly labels: readonly string[], readonly histogram: Histogram }

/**
 * A sum whose every change is a change of bytes: the property of an object that holds more than 31 bits gets a new
 * number on the heap each time.
 */
class Count implements Counter {
  readonly #sum = new Float64Array(1)
  get value (): number { return this.#sum[0] as number }
  set value (to: number) { this.#sum[0] = to }
}

/**
 * Plain numbers that a scrape reads: counting is `counter.value++`, timing is `histogram.observe(seconds)`, and a gauge
 * is a function called at the scrape. What counts often asks for its counter once and keeps it.
 */
export class Metrics {
  readonly #counters = new Map<MetricName, SeriesMap<Counter>>()
  readonly #gauges = new Map<MetricName, SeriesMap<() => number>>()
  readonly #histograms = new Map<MetricName, SeriesMap<Histogram>>()

  /** The one counter of `name` for these label values, given in the order of the table. */
  counter (name: CounterName, ...labels: readonly string[]): Counter {
    const series = seriesOf(this.#counters, name, labels)
    const key = labels.join('\0')
    const counter = series.get(key)?.item ?? new Count()
    series.set(key, { labels, item: counter })
    return counter
  }

  /** The one histogram of `name` for these label values, given in the order of the table. */
  histogram (name: HistogramName, ...labels: readonly string[]): Histogram {
    const series = seriesOf(this.#histograms, name, labels)
    const key = labels.join('\0')
    const histogram = series.get(key)?.item ?? new Histogram(metricTable[name].buckets)
    series.set(key, { labels, item: histogram })
    return histogram
  }

  /** Registers the function that a scrape calls for this series; the last one registered wins. It must not throw. */
  gauge (name: GaugeName, labels: readonly string[], read: () => number): void {
    seriesOf(this.#gauges, name, labels).set(labels.join('\0'), { labels, item: read })
  }

  /** All series of a counter, or those whose label at `at` begins with `start`. Makes no object for a series. */
  sum (name: CounterName, at = 0, start = ''): number {
    let sum = 0
    for (const { labels, item } of this.#counters.get(name)?.values() ?? []) {
      if (labels[at]?.startsWith(start) === true || start === '') sum += item.value
    }
    return sum
  }

  /** The series of a counter, added up by what `keyOf` makes of their labels. */
  sums (name: CounterName, keyOf: (labels: readonly string[]) => string): ReadonlyMap<string, number> {
    const sums = new Map<string, number>()
    for (const { labels, item } of this.#counters.get(name)?.values() ?? []) {
      const key = keyOf(labels)
      sums.set(key, (sums.get(key) ?? 0) + item.value)
    }
    return sums
  }

  /** Adds all series of a histogram to `counts`, from `start` on, as `Histogram.addTo` does. */
  addTo (name: HistogramName, counts: Float64Array, start: number): void {
    for (const { item } of this.#histograms.get(name)?.values() ?? []) item.addTo(counts, start)
  }

  /** Every series of `name` with its label values and its value now. */
  * series (name: MetricName): Generator<Series> {
    for (const { labels, item } of this.#counters.get(name)?.values() ?? []) yield { labels, value: item.value }
    for (const { labels, item } of this.#gauges.get(name)?.values() ?? []) yield { labels, value: item() }
    for (const { labels, item } of this.#histograms.get(name)?.values() ?? []) yield { labels, histogram: item }
  }
}

type SeriesMap<Item> = Map<string, { readonly labels: readonly string[], readonly item: Item }>

function seriesOf<Item> (all: Map<MetricName, SeriesMap<Item>>, name: MetricName, labels: readonly string[]) {
  if (labels.length !== metricTable[name].labels.length) throw new TypeError(`${name} takes its labels in full`)
  const series: SeriesMap<Item> = all.get(name) ?? new Map()
  all.set(name, series)
  return series
}
