import type { Places } from '../contracts/places.ts'
import type { AccessFields } from '../contracts/verdict.ts'

/** Values of an access line that somebody may ask for; each is one slot of `Places`. */
export const accessValue = {
  status: 0,
  method: 1,
  path: 2,
  query: 3,
  /** `GET /a?b=c HTTP/1.1` */
  request: 4,
  /** Length of the response. */
  bytes: 5,
  /** How long the request took; its key says in which unit. */
  duration: 6,
  client: 7,
  agent: 8,
  host: 9,
  referer: 10,
  time: 11,
} as const
export type AccessValue = keyof typeof accessValue

/** The slots above; those of keys that rules name lie behind them. */
export const accessValueCount = Object.keys(accessValue).length

/**
 * The keys under which lines have the values: those of docs/apache.md, Apache's and nginx's usual ones, W3C's and the
 * Elastic Common Schema's.
 */
const keysOf: Readonly<Record<Exclude<AccessValue, 'duration'>, readonly string[]>> = {
  status: ['status', 'status_code', 'statusCode', 'response_code', 'responseCode', 'http_status', 'httpStatus',
    'response', 'response_status', 'sc_status', 'sc-status', 'http.response.status_code'],
  method: ['method', 'request_method', 'requestMethod', 'http_method', 'httpMethod', 'verb', 'cs_method', 'cs-method',
    'http.request.method'],
  path: ['path', 'uri', 'url', 'request_uri', 'requestURI', 'requestUri', 'request_url', 'requestUrl', 'request_path',
    'requestPath', 'cs_uri_stem', 'cs-uri-stem', 'url.path', 'url.original'],
  query: ['query', 'query_string', 'queryString', 'cs_uri_query', 'cs-uri-query', 'url.query'],
  request: ['request', 'request_line', 'requestLine'],
  bytes: ['bytes', 'size', 'bytes_sent', 'bytesSent', 'body_bytes_sent', 'response_size', 'responseSize',
    'response_bytes', 'sc_bytes', 'sc-bytes', 'http.response.body.bytes'],
  client: ['remote_ip', 'client_ip', 'clientIp', 'clientip', 'client', 'remote_addr', 'remoteAddr', 'remoteIP',
    'remote_host', 'remoteHost', 'ip', 'c_ip', 'c-ip', 'client.ip', 'source.ip', 'client.address'],
  agent: ['user_agent', 'userAgent', 'http_user_agent', 'useragent', 'agent', 'ua', 'cs_user_agent',
    'cs(User-Agent)', 'user_agent.original'],
  host: ['host', 'vhost', 'server_name', 'serverName', 'http_host', 'virtual_host', 'cs_host', 'url.domain'],
  referer: ['referer', 'referrer', 'http_referer', 'cs_referer', 'http.request.referrer'],
  time: ['time', 'timestamp', '@timestamp', 'datetime', 'time_local', 'time_iso8601', 'date'],
}

/** The keys under which lines name the client. */
export const clientKeys = keysOf.client

export interface AccessValueKeys {
  /** Which of the usual values somebody asks for; each costs a little on every line. */
  readonly asked: readonly AccessValue[]
  /** Keys for the status and for the duration, beside the usual ones. */
  readonly status?: readonly string[]
  readonly duration: readonly string[]
  /** Any other keys, whose values are asked for in slots behind the usual ones, in this order. */
  readonly others?: readonly string[]
}

/** Slot by key, for a key table. A key that stands twice has its first slot. */
export function accessSlots ({ asked, status = [], duration, others = [] }: AccessValueKeys): Map<string, number> {
  const slots = new Map<string, number>()
  const add = (keys: readonly string[], slot: number) => {
    for (const key of keys) if (!slots.has(key)) slots.set(key, slot)
  }
  const all = { ...keysOf, status: [...keysOf.status, ...status], duration }
  for (const value of asked) add(all[value], accessValue[value])
  for (const [index, key] of others.entries()) add([key], accessValueCount + index)
  return slots
}

const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1 }

/**
 * Names that say their unit: those of docs/apache.md, what `%D`, `%T` and `%{ms}T` are usually called, and ECS's. Names
 * such as `duration` and `request_time` are used for any unit, so they say nothing.
 */
const namesByUnit = {
  ns: ['event.duration', 'duration_ns'],
  us: ['duration_us', 'time_us', 'response_time_us', 'request_time_us', 'elapsed_us', 'latency_us', 'took_us',
    'duration_usec', 'time_taken_us', 'duration_micros', 'durationMicros'],
  ms: ['duration_ms', 'time_ms', 'response_time_ms', 'request_time_ms', 'elapsed_ms', 'latency_ms', 'took_ms',
    'duration_msec', 'time_taken_ms', 'durationMs', 'responseTimeMs', 'duration_millis'],
  s: ['duration_s', 'time_s', 'response_time_s', 'request_time_s', 'elapsed_s', 'latency_s', 'duration_sec',
    'duration_seconds', 'time_taken_s'],
}

/** By name of a key, the seconds that one of its unit is. `own` are the `name=unit` of an operator, and win. */
export function durationSecondsByKey (own: readonly string[]): Map<string, number> {
  const all = Object.entries(namesByUnit).flatMap(([unit, names]) => names.map(name => `${name}=${unit}`))
  return new Map([...all, ...own].map(text => {
    const at = text.lastIndexOf('=')
    return [text.slice(0, at), units[text.slice(at + 1)] ?? 0]
  }))
}

/** The value that a field of Apache's plain formats, or of php-fpm's, is. */
const valueOfField: ReadonlyMap<string, number> = new Map([
  ['status', accessValue.status],
  ['request', accessValue.request],
  ['bytes', accessValue.bytes],
  ['remote_ip', accessValue.client],
  ['user_agent', accessValue.agent],
  ['vhost', accessValue.host],
  ['referer', accessValue.referer],
  ['time', accessValue.time],
])

/** Notes the fields of an access line that is not JSON as values; those written `-` are not there. */
export function notePlainFields ({ fields }: AccessFields, bytes: Uint8Array, places: Places): void {
  places.clear()
  for (const { name, start, end } of fields) {
    const slot = valueOfField.get(name)
    if (slot === undefined || start < 0 || (end - start === 1 && bytes[start] === 0x2d)) continue
    places.set(slot, start, end, -1)
  }
}
