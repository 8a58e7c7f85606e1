import type { Places } from '../contracts/places.ts'
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
  /** Of `lineCount` lines that somebody else has read. */
  countRows (container: string, rows: RequestRows, lineCount: number): void
}

/** The requests of lines, by their order. */
export interface RequestRows {
  /** Index of the method times `statusCount`, and the status. */
  requestOf (line: number): number
  /** Of the response; not over 0 where that is not known. */
  responseBytesOf (line: number): number
  /** Of the request; below 0 where that is not known. */
  secondsOf (line: number): number
}

/** Series of one container; a server that answers with every status and method has these, then `other`. */
const maxSeries = 200

interface OfContainer {
  readonly container: string
  readonly activity: Activity
  /** By method and status: 1 more than the index of its counter, 0 where there is none yet. */
  readonly indexes: Uint8Array
  readonly counters: Counter[]
  readonly bytes: Counter
  durations: Histogram | undefined
}

export const statusCount = 600

export function createRequestMetrics ({ metrics, secondsOfKey, activityOf }: RequestMetricsOptions): RequestMetrics {
  const of = createByContainer((container): OfContainer => ({
    container,
    activity: activityOf(container),
    indexes: new Uint8Array(methodNames.length * statusCount),
    counters: [],
    bytes: metrics.counter('sluice_http_response_bytes_total', container),
    durations: undefined,
  }))

  function counterOf (found: OfContainer, cell: number): Counter {
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

  function count (found: OfContainer, cell: number, responseBytes: number, seconds: number): void {
    counterOf(found, cell).value++
    found.activity.requests++
    if (responseBytes > 0) found.bytes.value += responseBytes
    if (seconds < 0) return
    found.durations ??= metrics.histogram('sluice_http_request_duration_seconds', found.container)
    found.durations.observe(seconds)
    found.activity.timedRequests++
    found.activity.busySeconds += seconds
  }

  function secondsAt (bytes: Uint8Array, places: Places): number {
    const start = places.startOf(accessValue.duration)
    if (start < 0) return -1
    const duration = numberAt(bytes, start, places.endOf(accessValue.duration))
    const unit = secondsOfKey[places.keyOf(accessValue.duration)] ?? 0
    return duration < 0 || unit === 0 ? -1 : duration * unit
  }

  return {
    count (container, bytes, places) {
      const cell = methodOf(bytes, places) * statusCount + statusOf(bytes, places)
      const responseBytes = numberAt(bytes, places.startOf(accessValue.bytes), places.endOf(accessValue.bytes))
      count(of(container), cell, responseBytes, secondsAt(bytes, places))
    },
    countRows (container, rows, lineCount) {
      const found = of(container)
      for (let line = 0; line < lineCount; line++) {
        count(found, rows.requestOf(line), rows.responseBytesOf(line), rows.secondsOf(line))
      }
    },
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
