import { arrival, recordMsOf, traceOfPayment, type InvalidLine, type Request } from './requests.ts'
import type { Row } from './engine.ts'

/** A request as the page's view shows it, computed from what was sent. */
interface Seen extends Request {
  readonly startMs: number
  readonly endMs: number
  /** `2026-11-23/23`: day and UTC hour of the folder. */
  readonly folder: string
  readonly client: string
  readonly isHealthCheck: boolean
}

const hourMs = 3_600_000
const minuteMs = 60_000
const aroundMidnight = ['2026-11-23/23', '2026-11-24/00']

/** What the questions of the page have to answer, in their order: computed without SQL. */
export function expectedAnswers (requests: readonly Request[], invalid: readonly InvalidLine[]): Row[][] {
  const seen = requests.map(see)
  const within = (...folders: readonly string[]) => seen.filter(({ folder }) => folders.includes(folder))
  const hour = within('2026-11-23/23')
  const midnight = within(...aroundMidnight)
  return [
    failing(hour),
    minutes(midnight),
    slow(within('2026-11-23/22', '2026-11-23/23')),
    payment(midnight),
    workers(midnight),
    healthChecks(midnight),
    scanners(hour),
    longRequests(midnight),
    shares(midnight),
    unreadable(invalid.filter(({ timeMs }) => folderOf(timeMs) === '2026-11-23/23')),
  ]
}

function see (request: Request): Seen {
  const startMs = Math.floor(request.startUs / 1000)
  const { xff, remoteIp, userAgent } = request
  return {
    ...request,
    startMs,
    endMs: startMs + Math.ceil(request.durationUs / 1000),
    folder: folderOf(recordMsOf(request)),
    client: xff === '-' ? remoteIp : xff.split(', ').at(-1) ?? '',
    isHealthCheck: userAgent.startsWith('ELB-HealthChecker/'),
  }
}

/** The folder of the record's hour; of the hour of arrival, for one of more than two hours before. */
function folderOf (timeMs: number): string {
  const arrivedHour = Math.floor(Date.parse(arrival) / hourMs)
  const hour = Math.floor(timeMs / hourMs)
  return new Date((hour < arrivedHour - 2 ? arrivedHour : hour) * hourMs).toISOString().slice(0, 13).replace('T', '/')
}

const iso = (ms: number) => new Date(ms).toISOString()
const rounded = (value: number) => Math.round(value * 10) / 10
const most = (values: readonly number[]) => Math.max(...values)
const least = (values: readonly number[]) => Math.min(...values)
const minuteOf = (ms: number) => ms - ms % minuteMs
const countOf = <T>(values: readonly T[], test: (value: T) => boolean) => values.filter(test).length

function groups<T> (values: readonly T[], keyOf: (value: T) => string): T[][] {
  return [...Map.groupBy(values, keyOf).values()]
}

type Key = string | number

/** By several values, each ascending; a number that is to descend is given negative. */
function sorted<T> (rows: readonly T[], keysOf: (row: T) => readonly Key[]): T[] {
  return [...rows].sort((left, right) => {
    const others = keysOf(right)
    for (const [index, key] of keysOf(left).entries()) {
      const other = others[index] as Key
      if (key !== other) return key < other ? -1 : 1
    }
    return 0
  })
}

function firstOf<T> (rows: readonly T[]): T {
  const [first] = rows
  if (first === undefined) throw new Error('expected a group to hold something')
  return first
}

function failing (requests: readonly Seen[]): Row[] {
  const failed = requests.filter(({ status }) => status >= 500)
  const rows = groups(failed, each => `${each.method} ${each.path} ${each.status}`).map(group => {
    const { method, path, status } = firstOf(group)
    const times = group.map(({ startMs }) => startMs)
    return { method, path, status, failed: group.length, first_at: iso(least(times)), last_at: iso(most(times)) }
  })
  return sorted(rows, row => [-row.failed, row.path, row.method, row.status]).slice(0, 20)
}

function minutes (requests: readonly Seen[]): Row[] {
  const counted = requests.filter(({ isHealthCheck, status }) => !isHealthCheck && status !== 408)
  return Array.from({ length: 20 }, (_, index) => {
    const minute = Date.parse('2026-11-23T23:50:00Z') + index * minuteMs
    const within = counted.filter(({ startMs }) => minuteOf(startMs) === minute)
    const failed = countOf(within, ({ status }) => status >= 500)
    const percent = within.length === 0 ? null : rounded(100 * failed / within.length)
    return { minute: iso(minute), requests: within.length, failed, failed_percent: percent }
  })
}

function slow (requests: readonly Seen[]): Row[] {
  const counted = requests.filter(({ isHealthCheck, status }) => !isHealthCheck && status !== 408)
  const rows = groups(counted, each => `${each.method} ${each.path}`).filter(group => group.length >= 5).map(group => {
    const { method, path } = firstOf(group)
    const durations = sorted(group.map(({ durationUs }) => durationUs), us => [us])
    const p95 = Math.trunc((durations[Math.ceil(durations.length * 0.95) - 1] ?? NaN) / 1000)
    const slowest = Math.trunc((durations.at(-1) ?? NaN) / 1000)
    return { method, path, requests: group.length, p95_ms: p95, slowest_ms: slowest }
  })
  return sorted(rows, row => [-row.p95_ms, row.path, row.method]).slice(0, 20)
}

function payment (requests: readonly Seen[]): Row[] {
  const found = requests.filter(({ traceId }) => traceId.includes(traceOfPayment))
  return sorted(found, ({ startMs }) => [startMs])
    .map(({ startMs, endMs, task, client, method, path, status, durationUs }) => ({
      started: iso(startMs), ended: iso(endMs), task, client, method, path, status, ms: Math.trunc(durationUs / 1000),
    }))
}

/** Counts, at every moment at which a request begins or ends, those that have begun and not ended. */
function workers (requests: readonly Seen[]): Row[] {
  const rows = groups(requests, ({ task }) => task).flatMap(group => {
    const moments = group.flatMap(({ startMs, endMs, pid }) => [{ ms: startMs, pid }, { ms: endMs, pid }])
    return groups(moments, ({ ms }) => String(minuteOf(ms))).map(within => ({
      task: firstOf(group).task,
      minute: iso(minuteOf(firstOf(within).ms)),
      in_flight: most(within.map(({ ms }) => countOf(group, ({ startMs, endMs }) => startMs <= ms && ms < endMs))),
      workers: new Set(within.map(({ pid }) => pid)).size,
    }))
  })
  return sorted(rows, row => [-row.in_flight, row.task, row.minute]).slice(0, 20)
}

function healthChecks (requests: readonly Seen[]): Row[] {
  const rows = groups(requests.filter(({ isHealthCheck }) => isHealthCheck), ({ task }) => task).map(group => {
    const starts = sorted(group.map(({ startMs }) => startMs), ms => [ms])
    return {
      task: firstOf(group).task,
      checks: group.length,
      failed: countOf(group, ({ status }) => status !== 200),
      slowest_ms: Math.trunc(most(group.map(({ durationUs }) => durationUs)) / 1000),
      longest_pause_s: Math.trunc(most(starts.slice(1).map((ms, index) => ms - (starts[index] ?? NaN))) / 1000),
    }
  })
  return sorted(rows, row => [-row.longest_pause_s, row.task])
}

function scanners (requests: readonly Seen[]): Row[] {
  const people = requests.filter(({ isHealthCheck }) => !isHealthCheck)
  const rows = groups(people, ({ client }) => client).map(group => ({
    client: firstOf(group).client,
    requests: group.length,
    refused: countOf(group, ({ status }) => [401, 403, 404].includes(status)),
    paths: new Set(group.map(({ path }) => path)).size,
    last_user_agent: sorted(group, ({ startMs }) => [startMs]).at(-1)?.userAgent,
  }))
  return sorted(rows.filter(({ refused }) => refused >= 5), row => [-row.refused, row.client]).slice(0, 20)
}

function longRequests (requests: readonly Seen[]): Row[] {
  const found = requests.filter(({ durationUs, status }) => durationUs > 5_000_000 && status !== 408)
  return sorted(found, ({ durationUs, startMs }) => [-durationUs, startMs]).slice(0, 50)
    .map(({ startMs, endMs, task, client, method, path, status, durationUs }) => ({
      started: iso(startMs), ended: iso(endMs), task, client, method, path, status, seconds: rounded(durationUs / 1e6),
    }))
}

function shares (requests: readonly Seen[]): Row[] {
  const rows = groups(requests, ({ task }) => task).map(group => ({
    task: firstOf(group).task,
    first_at: iso(least(group.map(({ startMs }) => startMs))),
    last_at: iso(most(group.map(({ endMs }) => endMs))),
    lines: group.length,
    health_checks: countOf(group, ({ isHealthCheck }) => isHealthCheck),
    unused_connections: countOf(group, ({ status }) => status === 408),
    failed: countOf(group, ({ status }) => status >= 500),
    bytes: group.reduce((sum, { bytes }) => sum + bytes, 0),
  }))
  return sorted(rows, row => [row.first_at, row.task])
}

function unreadable (lines: readonly InvalidLine[]): Row[] {
  const rows = groups(lines, ({ reason }) => reason).map(group => {
    const inOrder = sorted(group, ({ timeMs }) => [timeMs])
    return {
      reason: firstOf(group).reason,
      lines: group.length,
      first_at: iso(firstOf(inOrder).timeMs),
      last_at: iso(inOrder.at(-1)?.timeMs ?? NaN),
      first_line: firstOf(inOrder).line,
    }
  })
  return sorted(rows, row => [-row.lines, row.reason])
}
