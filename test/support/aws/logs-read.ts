import { groupClasses, groupName, streamName } from './logs-limits.ts'
import { constraint, invalidParameter } from './logs-members.ts'
import type { Members } from './logs-members.ts'
import type { LogGroup, LogStream } from './state.ts'

const token = { maxLength: 4096 }

interface Page<T> {
  readonly items: readonly T[]
  readonly nextToken?: string
}

/** Cuts a page off a list; the token is the index where the next one starts. */
function paginate<T> (all: readonly T[], members: Members): Page<T> {
  const limit = members.integer('limit', 1, 50) ?? 50
  const given = members.text('nextToken', token) ?? '0'
  if (!/^\d{1,9}$/.test(given)) throw invalidParameter('The specified nextToken is invalid.', 'next-token')
  const start = Number(given)
  const end = start + limit
  return { items: all.slice(start, end), ...(end < all.length ? { nextToken: String(end) } : {}) }
}

const byName = (a: { name: string }, b: { name: string }): number => a.name < b.name ? -1 : a.name > b.name ? 1 : 0
const arnOf = (region: string, accountId: string, group: string): string =>
  `arn:aws:logs:${region}:${accountId}:log-group:${group}`

/** Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html */
export function describeGroups (
  members: Members, groups: Iterable<LogGroup>, place: { readonly region: string, readonly accountId: string }
): object {
  const prefix = members.text('logGroupNamePrefix', groupName)
  const pattern = members.text('logGroupNamePattern', { minLength: 0, maxLength: 512, pattern: /^[.\-_/#A-Za-z0-9]*$/ })
  const wantedClass = members.text('logGroupClass', { maxLength: 32 })
  if (prefix !== undefined && pattern !== undefined) {
    throw invalidParameter('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.')
  }
  if (wantedClass !== undefined && !groupClasses.includes(wantedClass)) {
    throw constraint('logGroupClass', `satisfy enum value set: [${groupClasses.join(', ')}]`)
  }
  const matching = [...groups].sort(byName).filter(group =>
    group.name.startsWith(prefix ?? '') &&
    group.name.toLowerCase().includes((pattern ?? '').toLowerCase()) &&
    (wantedClass ?? group.logGroupClass) === group.logGroupClass)
  const { items, ...next } = paginate(matching, members)
  return {
    logGroups: items.map(group => ({
      logGroupName: group.name,
      logGroupClass: group.logGroupClass,
      creationTime: group.creationTime,
      metricFilterCount: 0,
      storedBytes: 0,
      arn: `${arnOf(place.region, place.accountId, group.name)}:*`,
      logGroupArn: arnOf(place.region, place.accountId, group.name),
      ...(group.kmsKeyId === undefined ? {} : { kmsKeyId: group.kmsKeyId }),
      ...(group.retentionInDays === undefined ? {} : { retentionInDays: group.retentionInDays }),
    })),
    ...next,
  }
}

/** Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export function describeStreams (
  members: Members, group: LogGroup, place: { readonly region: string, readonly accountId: string }
): object {
  const prefix = members.text('logStreamNamePrefix', streamName)
  const orderBy = members.text('orderBy', { maxLength: 32 }) ?? 'LogStreamName'
  const descending = members.flag('descending') ?? false
  if (!['LogStreamName', 'LastEventTime'].includes(orderBy)) {
    throw constraint('orderBy', 'satisfy enum value set: [LogStreamName, LastEventTime]')
  }
  if (prefix !== undefined && orderBy === 'LastEventTime') {
    throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.')
  }
  const matching = [...group.streams.values()].filter(stream => stream.name.startsWith(prefix ?? '')).sort(byName)
  if (orderBy === 'LastEventTime') matching.sort((a, b) => lastTime(a) - lastTime(b))
  if (descending) matching.reverse()
  const { items, ...next } = paginate(matching, members)
  return {
    logStreams: items.map(stream => ({
      logStreamName: stream.name,
      creationTime: stream.creationTime,
      arn: `${arnOf(place.region, place.accountId, group.name)}:log-stream:${stream.name}`,
      storedBytes: 0,
      ...aboutEvents(stream),
    })),
    ...next,
  }
}

function aboutEvents (stream: LogStream): object {
  if (stream.events.length === 0) return {}
  return {
    firstEventTimestamp: stream.events.reduce((least, event) => Math.min(least, event.timestamp), Infinity),
    lastEventTimestamp: lastTime(stream),
    lastIngestionTime: stream.events.at(-1)?.ingestionTime,
    uploadSequenceToken: '0',
  }
}

function lastTime (stream: LogStream): number {
  return stream.events.reduce((most, event) => Math.max(most, event.timestamp), 0)
}

const mostEvents = 10_000
const mostBytes = 1_048_576

/**
 * Reads events back in order of their time. Tokens are positions: `f/` goes on towards newer events, `b/` to older.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
export function getEvents (members: Members, stream: LogStream): object {
  const startTime = members.integer('startTime', 0, Number.MAX_SAFE_INTEGER) ?? 0
  const endTime = members.integer('endTime', 0, Number.MAX_SAFE_INTEGER) ?? Infinity
  const limit = members.integer('limit', 1, mostEvents) ?? mostEvents
  const fromHead = members.flag('startFromHead') ?? false
  const given = members.text('nextToken', token)
  members.flag('unmask')
  const all = stream.events
    .filter(event => event.timestamp >= startTime && event.timestamp < endTime)
    .sort((a, b) => a.timestamp - b.timestamp)
  const newest = all.length

  const parts = given === undefined ? null : /^([fb])\/(\d{1,12})$/.exec(given)
  if (given !== undefined && parts === null) throw invalidParameter('The specified nextToken is invalid.', 'next-token')
  const forward = parts === null ? fromHead : parts[1] === 'f'
  const position = parts === null ? (fromHead ? 0 : newest) : Math.min(Number(parts[2]), newest)

  let start = position
  let end = position
  let bytes = 0
  for (let count = 0; count < limit; count++) {
    const event = forward ? all[end] : all[start - 1]
    if (event === undefined) break
    bytes += Buffer.byteLength(event.message) + 26
    if (bytes > mostBytes) break
    if (forward) end++
    else start--
  }
  return {
    events: all.slice(start, end).map(({ requestId, ...event }) => event),
    nextForwardToken: `f/${end}`,
    nextBackwardToken: `b/${start}`,
  }
}
