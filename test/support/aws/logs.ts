import type { Fault } from './faults.ts'
import { judgeEntity, readEntity } from './logs-entity.ts'
import { failureLogs, noSuchGroup, noSuchStream, refusalLogs } from './logs-errors.ts'
import {
  acceptedEvents, checkBatch, checkSpan, groupClasses, groupName, judgeWindow, logsLimits, retentionDays, streamName,
} from './logs-limits.ts'
import { constraint, invalidParameter, readMembers } from './logs-members.ts'
import type { Members } from './logs-members.ts'
import { describeGroups, describeStreams, getEvents } from './logs-read.ts'
import type { Caller, Service } from './service.ts'
import type { AwsState, LogGroup, LogStream } from './state.ts'
import { AwsError } from './wire.ts'
import type { Answer, AwsRequest } from './wire.ts'

export interface LogsOptions {
  readonly state: AwsState
  readonly region: string
  /** The time that decides which events are too old, too new or expired, ms since the epoch. */
  readonly now: () => number
  /** Most UTF-8 bytes of one message. */
  readonly messageBytes: number
  /** KMS keys that exist; any does when undefined. */
  readonly kmsKeys: readonly string[] | undefined
}

const target = 'Logs_20140328.'
const contentType = 'application/x-amz-json-1.1'
const operations = [
  'CreateLogGroup', 'PutRetentionPolicy', 'CreateLogStream', 'DescribeLogGroups', 'DescribeLogStreams', 'PutLogEvents',
  'GetLogEvents',
]

/** CloudWatch Logs as far as a sidecar writes to it, over awsJson1.1. */
export function createLogs ({ state, region, now, messageBytes, kmsKeys }: LogsOptions): Service {
  function openGroup (members: Members): LogGroup {
    const group = state.groups.get(members.requiredText('logGroupName', groupName))
    if (group === undefined) throw noSuchGroup()
    return group
  }

  function openStream (members: Members): LogStream {
    const streamNameGiven = members.requiredText('logStreamName', streamName)
    const stream = openGroup(members).streams.get(streamNameGiven)
    if (stream === undefined) throw noSuchStream()
    return stream
  }

  function createGroup (members: Members): undefined {
    const name = members.requiredText('logGroupName', groupName)
    const kmsKeyId = members.text('kmsKeyId', { maxLength: 256 })
    const logGroupClass = members.text('logGroupClass', { maxLength: 32 }) ?? 'STANDARD'
    const tags = members.map('tags')
    members.flag('deletionProtectionEnabled')
    if (name.startsWith('aws/')) throw invalidParameter('Log groups starting with aws/ are reserved for AWS.', 'logGroupName')
    if (!groupClasses.includes(logGroupClass)) {
      throw constraint('logGroupClass', `satisfy enum value set: [${groupClasses.join(', ')}]`)
    }
    checkTags(tags)
    if (kmsKeyId !== undefined && kmsKeys?.includes(kmsKeyId) === false) {
      throw new AwsError(400, 'InvalidParameterException', 'The specified KMS key does not exist or is not allowed to be used with log group')
    }
    if (state.groups.has(name)) {
      throw new AwsError(400, 'ResourceAlreadyExistsException', 'The specified log group already exists')
    }
    state.createGroup(name, { logGroupClass, kmsKeyId, tags, creationTime: now() })
  }

  function putRetention (members: Members): undefined {
    const days = members.integer('retentionInDays', 1, Number.MAX_SAFE_INTEGER)
    if (days === undefined || !retentionDays.includes(days)) {
      throw constraint('retentionInDays', `satisfy enum value set: [${retentionDays.join(', ')}]`)
    }
    openGroup(members).retentionInDays = days
  }

  function createStream (members: Members): undefined {
    const name = members.requiredText('logStreamName', streamName)
    const group = openGroup(members)
    if (group.streams.has(name)) {
      throw new AwsError(400, 'ResourceAlreadyExistsException', 'The specified log stream already exists')
    }
    group.streams.set(name, { name, creationTime: now(), events: [] })
  }

  function putEvents (members: Members, request: AwsRequest, fault: Fault | undefined): object {
    members.text('sequenceToken', { maxLength: 4096 })
    const entity = readEntity(members)
    const rejectedEntity = entity === undefined ? undefined : judgeEntity(entity)
    const { events, batchBytes } = checkBatch(members.list('logEvents', 1, logsLimits.eventCount), messageBytes)
    const stream = openStream(members)
    const group = openGroup(members)
    const ingestionTime = now()
    const judged = fault?.mode === 'rejected'
      ? fault.rejected ?? { tooOldLogEventEndIndex: 1 }
      : judgeWindow(events, ingestionTime, group.retentionInDays)
    const rejected = Object.keys(judged).length === 0 ? undefined : judged
    const accepted = acceptedEvents(events, judged)
    checkSpan(accepted)
    const requestId = request.id
    state.keepBatch(
      {
        group: group.name,
        stream: stream.name,
        requestId,
        eventCount: events.length,
        batchBytes,
        rejected,
        entity: rejectedEntity === undefined ? entity : undefined,
      },
      accepted.map(event => ({ ...event, ingestionTime, requestId }))
    )
    return {
      nextSequenceToken: '0',
      ...(rejected === undefined ? {} : { rejectedLogEventsInfo: rejected }),
      ...(rejectedEntity === undefined ? {} : { rejectedEntityInfo: { errorType: rejectedEntity } }),
    }
  }

  function perform (
    operation: string, members: Members, request: AwsRequest, caller: Caller, fault: Fault | undefined
  ): object | undefined {
    const place = { region, accountId: caller.account.accountId }
    switch (operation) {
      case 'CreateLogGroup': return createGroup(members)
      case 'PutRetentionPolicy': return putRetention(members)
      case 'CreateLogStream': return createStream(members)
      case 'DescribeLogGroups': return describeGroups(members, state.groups.values(), place)
      case 'DescribeLogStreams': return describeStreams(members, openGroup(members), place)
      case 'PutLogEvents': return putEvents(members, request, fault)
      case 'GetLogEvents': return getEvents(members, openStream(members))
      default:
        throw new AwsError(400, 'UnknownOperationException', 'The stand-in does not know this operation of Logs', { breach: 'operation' })
    }
  }

  return {
    name: 'logs',
    operationOf (request) {
      const named = request.headers.get('x-amz-target') ?? ''
      const operation = named.slice(target.length)
      return named.startsWith(target) && operations.includes(operation) ? operation : 'Unsupported'
    },
    refusal: refusalLogs,
    failure: failureLogs,
    answer (operation, request, caller, fault) {
      if (caller.region !== region) throw failureLogs({ mode: 'region' }, operation) ?? noSuchGroup()
      checkTransport(request)
      const members = readMembers(request.body)
      if (fault?.mode === 'missing') deleteNamed(state, members, fault)
      const output = perform(operation, members, request, caller, fault)
      for (const name of members.unread()) {
        state.violations.push({ service: 'logs', operation, rule: 'unknown-member', detail: name, requestId: request.id })
      }
      return answerJson(200, request, output)
    },
    errorAnswer: (error, request) =>
      answerJson(error.status, request, { __type: error.code, message: error.message }),
  }
}

function checkTransport (request: AwsRequest): void {
  if (request.overlong || request.body.length > logsLimits.requestBytes) {
    throw new AwsError(413, 'RequestEntityTooLargeException', 'The request is larger than the service takes.', { breach: 'request-bytes' })
  }
  if (request.method !== 'POST' || request.path !== '/' || request.headers.get('content-type') !== contentType) {
    throw new AwsError(400, 'SerializationException', `expected POST / of ${contentType}`, { breach: 'transport' })
  }
}

function deleteNamed (state: AwsState, members: Members, fault: Fault): void {
  const group = members.text('logGroupName', groupName) ?? ''
  if (fault.stream === true) state.deleteStream(group, members.text('logStreamName', streamName) ?? '')
  else state.deleteGroup(group)
}

/** Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
function checkTags (tags: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(tags)
  if (pairs.length > 50) throw constraint('tags', 'have length less than or equal to 50')
  const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u
  for (const [key, value] of pairs) {
    if (key === '' || key.length > 128 || !allowed.test(key)) throw constraint('tags', 'satisfy constraint on keys')
    if (/^aws:/i.test(key)) throw invalidParameter('aws: prefixed tag key names are not allowed for external use.', 'tags')
    if (value.length > 256 || !allowed.test(value)) throw constraint('tags', 'satisfy constraint on values')
  }
}

function answerJson (status: number, request: AwsRequest, output: object | undefined): Answer {
  return {
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': request.id },
    body: output === undefined ? '' : JSON.stringify(output),
  }
}
