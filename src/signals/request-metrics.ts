import type { Places } from '../contracts/places.ts'
import { RequestRows, rowNumbers, statusCount } from '../contracts/request-rows.ts'
import { accessValue } from '../formats/access-values.ts'
import { methodAt, methodNames, otherMethod } from '../formats/http-method.ts'
import { numberAt, statusAt } from '../formats/line-number.ts'
import type { Histogram } from '../telemetry/histogram.ts'
import type { Counter } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Activity, ActivityOf } from './activity.ts'
import { createByContainer } from './containers.ts'

export interface RequestMetricsOptions {
  readonly metrics: Metrics
  /** By number of the key of a duration: the seconds that one of its unit is. */
  readonly secondsOfKey: Float64Array
  readonly activityOf: ActivityOf
}

/** Counts the requests of access lines. Makes nothing for an ordinary line. */
export interface RequestMetrics {
  /** By the places of the values of one line. */
  count (container: string, bytes: Uint8Array, places: Places): void
  /** For `countRows`: what is counted of a container, from its first request on. It stays the same. */
  of (container: string): RequestsOf
  /** Of the rows `[from, to)`: lines of the container that somebody else has read. */
  countRows (found: RequestsOf, rows: RequestRows, from: number, to: number): void
}

/** Series of one container; a server that answers with every status and method has these, then `other`. */
const maxSeries = 200

/** What is counted of one container. */
export interface RequestsOf {
  readonly container: string
  readonly activity: Activity
  /** By method and status: 1 more than the index of its counter, 0 where there is none yet. */
  readonly indexes: Uint8Array
  readonly counters: Counter[]
  readonly bytes: Counter
  durations: Histogram | undefined
}

export function createRequestMetrics ({ metrics, secondsOfKey, activityOf }: RequestMetricsOptions): RequestMetrics {
  const of = createByContainer((container): RequestsOf => ({
    container,
    activity: activityOf(container),
    indexes: new Uint8Array(methodNames.length * statusCount),
    counters: [],
    bytes: metrics.counter('sluice_http_response_bytes_total', container),
    durations: undefined,
  }))

  function counterOf (found: RequestsOf, cell: number): Counter {
    const index = found.indexes[cell] as number
    if (index > 0) return found.counters[index - 1] as Counter
    const isFull = found.counters.length >= maxSeries
    const method = Math.floor(cell / statusCount)
    const status = cell % statusCount
    const [methodName = '', statusName] = isFull
      ? ['other', 'other']
      : [methodNames[method], status === 0 ? 'other' : String(status)]
    const counter = metrics.counter('sluice_http_requests_total', found.container, methodName, statusName)
    if (isFull && found.counters.length > maxSeries) {
      found.indexes[cell] = maxSeries + 1
    } else {
      found.counters.push(counter)
      found.indexes[cell] = found.counters.length
    }
    return counter
  }

  function countRows (found: RequestsOf, rows: RequestRows, from: number, to: number): void {
    const { activity, bytes } = found
    const { numbers } = rows
    activity.requests += to - from
    for (let row = from; row < to; row++) {
      counterOf(found, rows.requestOf(row)).value++
      const responseBytes = numbers[row * rowNumbers] as number
      if (responseBytes > 0) bytes.value += responseBytes
      const seconds = numbers[row * rowNumbers + 1] as number
      if (seconds < 0) continue
      found.durations ??= metrics.histogram('sluice_http_request_duration_seconds', found.container)
      found.durations.observe(seconds)
      activity.timedRequests++
      activity.busySeconds += seconds
    }
  }

  const row = new RequestRows(new ArrayBuffer(rowNumbers * 8), 0, 1)
  return {
    count (container, bytes, places) {
      const request = methodOf(bytes, places) * statusCount + statusOf(bytes, places)
      const start = places.startOf(accessValue.duration)
      const duration = numberAt(bytes, start, places.endOf(accessValue.duration))
      const unit = secondsOfKey[places.keyOf(accessValue.duration)] ?? 0
      const seconds = start < 0 || duration < 0 || unit === 0 ? -1 : duration * unit
      row.set(0, request, numberAt(bytes, places.startOf(accessValue.bytes), places.endOf(accessValue.bytes)), seconds)
      countRows(of(container), row, 0, 1)
    },
    of,
    countRows,
  }
}

/** Of the line's own value, else of the request line. */
export function methodOf (bytes: Uint8Array, places: Places): number {
  const start = places.startOf(accessValue.method)
  if (start >= 0) return methodAt(bytes, start, places.endOf(accessValue.method))
  const request = places.startOf(accessValue.request)
  return request < 0 ? otherMethod : methodAt(bytes, request, places.endOf(accessValue.request))
}

/** 0 where the line has none. */
export function statusOf (bytes: Uint8Array, places: Places): number {
  return statusAt(bytes, places.startOf(accessValue.status), places.endOf(accessValue.status))
}
