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

/** Counts the request of one access line, by the places of its values. Makes nothing for an ordinary line. */
export type CountRequest = (container: string, bytes: Uint8Array, places: Places) => void

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

const statusCount = 600

export function createRequestMetrics ({ metrics, secondsOfKey, activityOf }: RequestMetricsOptions): CountRequest {
  const of = createByContainer((container): OfContainer => ({
    container,
    activity: activityOf(container),
    indexes: new Uint8Array(methodNames.length * statusCount),
    counters: [],
    bytes: metrics.counter('sluice_http_response_bytes_total', container),
    durations: undefined,
  }))

  function counterOf (found: OfContainer, method: number, status: number): Counter {
    const cell = method * statusCount + status
    const index = found.indexes[cell] as number
    if (index > 0) return found.counters[index - 1] as Counter
    const isFull = found.counters.length >= maxSeries
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

  return (container, bytes, places) => {
    const found = of(container)
    counterOf(found, methodOf(bytes, places), statusOf(bytes, places)).value++
    found.activity.requests++
    const length = numberAt(bytes, places.startOf(accessValue.bytes), places.endOf(accessValue.bytes))
    if (length > 0) found.bytes.value += length
    const durationStart = places.startOf(accessValue.duration)
    if (durationStart < 0) return
    const duration = numberAt(bytes, durationStart, places.endOf(accessValue.duration))
    const seconds = secondsOfKey[places.keyOf(accessValue.duration)] ?? 0
    if (duration < 0 || seconds === 0) return
    found.durations ??= metrics.histogram('sluice_http_request_duration_seconds', found.container)
    found.durations.observe(duration * seconds)
    found.activity.timedRequests++
    found.activity.busySeconds += duration * seconds
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
