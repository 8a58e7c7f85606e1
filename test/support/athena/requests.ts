import { readFileSync } from 'node:fs'
import { createRandom } from '../access-lines.ts'

export const logsConf = readFileSync(new URL('../../../docker/apache-php/apache/logs.conf', import.meta.url), 'utf8')

/** What a client sent and what became of it. Absent values are "-", as Apache writes them. */
export interface Request {
  readonly task: string
  /** Microseconds since the epoch. */
  readonly startUs: number
  readonly durationUs: number
  readonly method: string
  readonly path: string
  readonly query: string
  readonly status: number
  readonly bytes: number
  readonly remoteIp: string
  readonly xff: string
  readonly user: string
  readonly referer: string
  readonly userAgent: string
  readonly traceId: string
  readonly pid: number
  /** The record's time where it is not the end of the request: a sender with a wrong clock. */
  readonly recordMs?: number
}

/** Two tasks of a shop, whose Apaches write times of their own zones. */
export const zoneMinutes: Readonly<Record<string, number>> = { 'web-1': 0, 'web-2': 9 * 60 }
export const tasks = Object.keys(zoneMinutes)
/** Sluice's clock when the lines come. */
export const arrival = '2026-11-24T00:20:00Z'
export const traceOfPayment = '1-6743fb2e-0a1b2c3d4e5f60718293a4b5'

/** When the container's log driver has the line. */
export function recordMsOf ({ startUs, durationUs, recordMs }: Request): number {
  return recordMs ?? Math.ceil((startUs + durationUs) / 1000)
}

const defaults = {
  method: 'GET',
  path: '/',
  query: '',
  status: 200,
  bytes: 5120,
  remoteIp: '10.0.1.7',
  xff: '198.51.100.4',
  user: '-',
  referer: 'https://shop.example/',
  userAgent: 'Mozilla/5.0 (iPhone)',
  traceId: '-',
  pid: 100,
} as const

/** A morning rush in Tokyo, around midnight UTC, in which paying hangs for ten minutes. */
export function makeRequests (): Request[] {
  const random = createRandom(20261124)
  let count = 0
  const at = (time: string) => Date.parse(`2026-11-${time}Z`) * 1000
  const request = (time: string, durationMs: number, given: Partial<Request> = {}): Request => ({
    ...defaults,
    task: tasks[random(2)] ?? '',
    // No two begin at the same moment.
    startUs: at(time) + ++count * 1000 + random(1000),
    durationUs: durationMs * 1000 + random(1000),
    ...given,
  })
  const clock = (startMinute: number, seconds: number) =>
    new Date(Date.parse('2026-11-23T22:00:00Z') + startMinute * 60_000 + seconds * 1000).toISOString().slice(8, 19)
  const quietMinute = '23T23:57'

  const people = Array.from({ length: 400 }, () => {
    const [path = '', method = ''] = ([
      ['/', 'GET'], ['/cart', 'GET'], ['/cart', 'POST'], ['/item/%E8%8C%B6', 'GET'], ['/pay', 'POST'],
    ] as const)[random(5)] ?? []
    return request(clock(random(131), random(60)), 5 + random(path === '/pay' ? 900 : 300), {
      method,
      path,
      query: random(3) === 0 ? 'q=%22' : '',
      bytes: random(40_000),
      pid: 100 + random(12),
      status: random(20) === 0 ? 404 : random(25) === 0 ? 500 : 200,
      xff: `198.51.100.${random(30)}`,
    })
  })
  const hanging = Array.from({ length: 30 }, (_, index) =>
    request(clock(112 + random(5), random(60)), 5_000 + random(25_000), {
      method: 'POST', path: '/pay', status: index % 3 === 0 ? 200 : 503, pid: 100 + index % 16,
    }))
  // One answers late, some are of a page that was moved, and none gets through to web-1 for three minutes.
  const checks = tasks.flatMap(task => Array.from({ length: 4 * 70 }, (_, index) =>
    request(clock(60, index * 15), index === 40 ? 800 : 2, {
      task,
      path: '/health.php',
      status: index === 200 ? 500 : index < 6 ? 404 : 200,
      bytes: 3,
      xff: '-',
      referer: '-',
      userAgent: 'ELB-HealthChecker/2.0',
    })
  )).filter(({ task, startUs }) => task !== 'web-1' || startUs < at('23T23:53:00') || startUs > at('23T23:56:00'))
  const scanners = [
    ...Array.from({ length: 12 }, (_, index) => request('23T23:20:00', 1, {
      path: `/${index}/.env`,
      status: [404, 403, 401][index % 3] ?? 404,
      xff: '10.9.9.9, 203.0.113.66',
      userAgent: `zgrab/0.${index}`,
    })),
    ...Array.from({ length: 9 }, (_, index) => request('23T23:21:00', 1, {
      method: 'POST', path: '/login', status: index < 7 ? 401 : 200, xff: '203.0.113.67',
    })),
    // From within, past the load balancer.
    ...Array.from({ length: 5 }, () => request('23T23:22:00', 1, { path: '/moved', status: 404, xff: '-' })),
    ...Array.from({ length: 4 }, () => request('23T23:23:00', 1, { path: '/gone', status: 404, xff: '203.0.113.68' })),
  ]
  const unused = Array.from({ length: 9 }, (_, index) => request(clock(105 + index * 2, 0), 20_000, {
    method: '-', path: '-', query: '', status: 408, bytes: 0, xff: '-', referer: '-', userAgent: '-', remoteIp: '10.0.1.8',
  }))
  return [
    ...people, ...hanging, ...checks, ...scanners, ...unused,
    request('23T23:58:10', 800, { method: 'POST', path: '/pay', traceId: `Root=${traceOfPayment}`, status: 502 }),
    request('24T00:01:10', 300, { method: 'POST', path: '/pay', traceId: `Self=1-2-3;Root=${traceOfPayment}` }),
    // Over the end of an hour, and of a day.
    request('23T22:59:59', 2_500, { status: 500 }),
    request('23T23:59:58', 9_000, { method: 'POST', path: '/pay', status: 504 }),
    // More bytes and microseconds than an int holds.
    request('23T23:05:00', 2_400_000, { path: '/export.zip', bytes: 3_000_000_000 }),
    // What Apache writes of these is no JSON until it is repaired.
    request('23T23:30:00', 10, { path: '/search/\u8336"\\', status: 500, userAgent: '\u65e5\u672c\u8a9e/1.0 "quoted" \\x41' }),
    request('23T23:31:00', 10, { user: '', referer: 'https://evil.example/\v\x01', status: 404, path: '/wp-login.php', pid: 321 }),
    request('23T23:32:00', 10, { task: 'web-2', recordMs: Date.parse('2026-11-20T05:00:00Z'), path: '/late', status: 500 }),
  ].filter(({ startUs, status, userAgent }) => !isIn(startUs, quietMinute) || status === 408 || userAgent.startsWith('ELB'))
}

function isIn (startUs: number, minute: string): boolean {
  return new Date(startUs / 1000).toISOString().startsWith(`2026-11-${minute}`)
}

/** `LogFormat` without the quoting of the configuration file. */
const logFormat = (/^LogFormat "(.*)" sluice_json$/m.exec(logsConf)?.[1] ?? '').replaceAll('\\"', '"')

/** The keys that the `LogFormat` writes, in order. */
export const loggedKeys = [...logFormat.matchAll(/"(\w+)":/g)].map(([, key]) => key)

/** What stands for each token of the `LogFormat`, before Apache escapes it. */
function loggedValues (request: Request): Readonly<Record<string, string>> {
  return {
    '%{%Y-%m-%dT%H:%M:%S}t.%{usec_frac}t%{%z}t': formatTime(request.startUs, zoneMinutes[request.task] ?? 0),
    '%a': request.remoteIp,
    '%<{log_xff}e': request.xff,
    '%<{log_host}e': request.path === '-' ? '-' : 'shop.example',
    '%<{log_method}e': request.method,
    '%<{log_path}e': request.path,
    '%<{log_query}e': request.query === '' ? '-' : request.query,
    '%H': request.path === '-' ? 'HTTP/1.0' : 'HTTP/1.1',
    '%>s': String(request.status),
    '%B': String(request.bytes),
    '%D': String(request.durationUs),
    '%!401u': request.user,
    '%<{log_referer}e': request.referer,
    '%<{log_user_agent}e': request.userAgent,
    '%<{log_trace_id}e': request.traceId,
    '%P': String(request.pid),
  }
}

/** The line that Apache writes, in the format of logs.conf and with Apache's escapes. */
export function apacheLine (request: Request): string {
  const values = loggedValues(request)
  return logFormat.replace(/%\{%Y[^"]*|%[<>!]?(?:\d+)?(?:\{\w+\})?\w/g, token => {
    const value = values[token]
    if (value === undefined) throw new Error(`expected a token of the LogFormat that is known here, found ${token}`)
    // An empty name is two quotes, which Apache does not escape.
    return token === '%!401u' && value === '' ? '""' : escaped(value)
  })
}

/** What a reader finds under each key once the line is delivered. */
export function loggedRow (request: Request): Readonly<Record<string, unknown>> {
  const values = loggedValues(request)
  return Object.fromEntries([...logFormat.matchAll(/"(\w+)":(.*?)(?=,"|\}$)/g)].map(([, key, token = '']) => {
    const isText = token.startsWith('"')
    const bare = isText ? token.slice(1, -1) : token
    const text = values[bare] ?? bare
    return [key, isText ? text : Number(text)]
  }))
}

function formatTime (us: number, zone: number): string {
  const local = new Date(Math.floor(us / 1000) + zone * 60_000).toISOString().slice(0, 19)
  const offset = `+${String(Math.trunc(zone / 60)).padStart(2, '0')}${String(zone % 60).padStart(2, '0')}`
  return `${local}.${String(us % 1_000_000).padStart(6, '0')}${offset}`
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"', '\\': '\\\\', '\b': '\\b', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v',
}

/** Source: ap_escape_logitem, https://github.com/apache/httpd/blob/trunk/server/util.c */
function escaped (value: string): string {
  return [...Buffer.from(value)].map(byte => {
    const character = String.fromCharCode(byte)
    return shortEscapes[character] ??
      (byte >= 0x20 && byte < 0x7f ? character : `\\x${byte.toString(16).padStart(2, '0')}`)
  }).join('')
}

export interface InvalidLine {
  readonly timeMs: number
  readonly line: string
  readonly reason: string
}

/** Lines that another was written into, and lines that end too early. */
export function makeInvalidLines ([first, second, third]: readonly Request[]): InvalidLine[] {
  const [one = '', two = '', three = ''] = [first, second, third].map(each => each === undefined ? '' : apacheLine(each))
  const timeMs = Date.parse('2026-11-23T23:40:00.250Z')
  const intoNumber = one.indexOf('"bytes":') + '"bytes":'.length
  return [
    { timeMs, line: one.slice(0, intoNumber) + two, reason: 'torn' },
    { timeMs: timeMs + 60_000, line: two.slice(0, -8), reason: 'truncated' },
    { timeMs: timeMs + 120_000, line: three.slice(0, -30), reason: 'truncated' },
    // Of the next day, which nobody asks about.
    { timeMs: timeMs + 1_800_000, line: one.slice(0, -25), reason: 'truncated' },
  ]
}

/** A line of an application that is JSON with a status and a method, which makes it an access line. */
export const foreignLine = {
  timeMs: Date.parse('2026-11-23T23:45:00Z'),
  line: '{"time":"now","status":"ok","method":"card","bytes":"few"}',
}
