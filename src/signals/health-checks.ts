import { ascii, hasBytes, nextByte } from '../bytes/ascii.ts'
import type { Places } from '../contracts/places.ts'
import { accessValue } from '../formats/access-values.ts'
import { methodNames } from '../formats/http-method.ts'
import type { Counter } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Activity, ActivityOf } from './activity.ts'
import { createByContainer } from './containers.ts'
import { methodOf, statusOf } from './request-metrics.ts'

export interface HealthChecksOptions {
  readonly filter: boolean
  readonly paths: readonly string[]
  readonly metrics: Metrics
  readonly activityOf: ActivityOf
}

/** Whether an access line is a health check by all marks; if it is, it is counted. */
export type CountHealthCheck = (container: string, bytes: Uint8Array, places: Places) => boolean

export const healthCheckRule = 'health-check'

/**
 * Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html and
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-router-firewall-rules.html
 */
const probes = ['ELB-HealthChecker/', 'Amazon-Route53-Health-Check-Service', 'kube-probe/'].map(text => Buffer.from(text))
/** Anybody may use these, so they count only from the container itself. */
const tools = ['curl/', 'Wget/', 'Wget'].map(text => Buffer.from(text))
/** By byte: 1 where one of them begins with it. */
export const isAgentStart = new Uint8Array(256)
for (const text of [...probes, ...tools]) isAgentStart[text[0] as number] = 1
const loopback = Buffer.from('127.')
const loopback6 = Buffer.from('::1')

const get = methodNames.indexOf('GET')
const head = methodNames.indexOf('HEAD')
const { space, minus, questionMark } = ascii

interface OfContainer {
  readonly name: string
  readonly activity: Activity
  readonly byStatus: (Counter | undefined)[]
}

/** undefined: they are kept, and no line is looked at for it. */
export function createHealthChecks (options: HealthChecksOptions): CountHealthCheck | undefined {
  const { filter, paths, metrics, activityOf } = options
  if (!filter || paths.length === 0) return undefined
  const texts = paths.map(path => Buffer.from(path))
  const of = createByContainer((name): OfContainer => ({ name, activity: activityOf(name), byStatus: [] }))

  function isListed (bytes: Uint8Array, start: number, end: number): boolean {
    for (const text of texts) if (text.length === end - start && hasBytes(bytes, start, end, text)) return true
    return false
  }

  function isHealthPath (bytes: Uint8Array, places: Places): boolean {
    const path = places.startOf(accessValue.path)
    if (path >= 0) return isListed(bytes, path, places.endOf(accessValue.path))
    const request = places.startOf(accessValue.request)
    if (request < 0) return false
    const requestEnd = places.endOf(accessValue.request)
    const start = nextByte(bytes, request, requestEnd, space) + 1
    return isListed(bytes, start, nextByte(bytes, start, requestEnd, space))
  }

  return (container, bytes, places) => {
    // What tells most lines apart comes first.
    if (!isKnownAgent(bytes, places) || !isHealthPath(bytes, places) || !hasNoQuery(bytes, places)) return false
    const method = methodOf(bytes, places)
    const status = statusOf(bytes, places)
    if ((method !== get && method !== head) || status === 0 || status >= 400) return false
    const { name, byStatus, activity } = of(container)
    const counter = byStatus[status] ??= metrics.counter('sluice_health_checks_total', name, String(status))
    counter.value++
    activity.healthChecks++
    return true
  }
}

function isKnownAgent (bytes: Uint8Array, places: Places): boolean {
  const start = places.startOf(accessValue.agent)
  const end = places.endOf(accessValue.agent)
  if (start < 0 || isAgentStart[bytes[start] as number] === 0) return false
  for (const text of probes) if (hasBytes(bytes, start, end, text)) return true
  for (const text of tools) if (hasBytes(bytes, start, end, text)) return isFromLoopback(bytes, places)
  return false
}

function isFromLoopback (bytes: Uint8Array, places: Places): boolean {
  const start = places.startOf(accessValue.client)
  const end = places.endOf(accessValue.client)
  if (start < 0) return false
  if (hasBytes(bytes, start, end, loopback)) return true
  return end - start === loopback6.length && hasBytes(bytes, start, end, loopback6)
}

/** A query that is there and empty, or written `-`, is none; Apache's `%q` begins with `?`. */
function hasNoQuery (bytes: Uint8Array, places: Places): boolean {
  const request = places.startOf(accessValue.request)
  const requestEnd = places.endOf(accessValue.request)
  if (request >= 0 && nextByte(bytes, request, requestEnd, questionMark) < requestEnd) return false
  const start = places.startOf(accessValue.query)
  const length = places.endOf(accessValue.query) - start
  return start < 0 || length === 0 || (length === 1 && (bytes[start] === minus || bytes[start] === questionMark))
}
