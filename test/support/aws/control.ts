import { faultModes } from './faults.ts'
import type { Fault, FaultMode, Faults } from './faults.ts'
import type { AwsState } from './state.ts'
import { serviceNames, type Answer, type AwsRequest, type ServiceName } from './wire.ts'

const json = { 'content-type': 'application/json' }

/**
 * The stand-in's own pages, unsigned: no bucket can be named `__…`.
 *
 * - `POST /__ctl` `{"logs":{"mode":"throttle","rate":0.3},"s3":[{"mode":"503","count":2}]}`: replaces the faults of
 *   each service named; `{"mode":"ok"}` heals it; answers the faults that now are set
 * - `GET /__state`: counts, violations, buckets, streams; `?bucket=b` lists objects, `&key=k` is the object's bytes;
 *   `?group=g&stream=s` is the events as NDJSON
 */
export function answerControl (request: AwsRequest, state: AwsState, faults: Faults): Answer {
  if (request.method === 'POST' && request.path === '/__ctl') return control(request, faults)
  if (request.method === 'GET' && request.path === '/__state') return show(new Map(request.query), state, faults)
  return { status: 404, headers: json, body: '{"error":"expected POST /__ctl or GET /__state"}\n' }
}

function listed (faults: Faults): Readonly<Record<ServiceName, readonly Fault[]>> {
  return { s3: faults.list('s3'), logs: faults.list('logs'), sts: faults.list('sts') }
}

function control (request: AwsRequest, faults: Faults): Answer {
  try {
    const asked: unknown = JSON.parse(request.body.toString())
    const wanted = Object.entries(asked as object).map(([service, value]) => {
      const name = serviceNames.find(each => each === service)
      if (name === undefined) throw new Error(`expected ${serviceNames.join(', ')}, found ${service}`)
      return { service: name, list: (Array.isArray(value) ? value : [value]).flatMap(readFault) }
    })
    for (const { service, list } of wanted) faults.set(service, ...list)
    return answerJson(listed(faults))
  } catch (error) {
    return { status: 400, headers: json, body: `${JSON.stringify({ error: String(error) })}\n` }
  }
}

const readers: Readonly<Record<string, (value: unknown) => boolean>> = {
  mode: isFaultMode,
  operation: value => typeof value === 'string',
  rate: value => typeof value === 'number' && value >= 0 && value <= 1,
  count: value => Number.isInteger(value),
  ms: value => typeof value === 'number' && value >= 0,
  match: value => typeof value === 'string',
  rejected: value => typeof value === 'object' && value !== null,
  stream: value => typeof value === 'boolean',
}

function readFault (value: unknown): Fault[] {
  if (typeof value !== 'object' || value === null) throw new Error('expected a fault object with a mode')
  const given: Record<string, unknown> = { ...value }
  // Written as a number as often as not.
  if (typeof given['mode'] === 'number') given['mode'] = String(given['mode'])
  if (given['mode'] === 'ok') return []
  for (const [name, member] of Object.entries(given)) {
    if (readers[name]?.(member) !== true) throw new Error(`expected a valid ${Object.keys(readers).join(', ')}; found ${name}`)
  }
  if (!isFaultMode(given['mode'])) throw new Error(`expected mode ok, ${Object.keys(faultModes).join(', ')}`)
  return [{ ...given, mode: given['mode'] }]
}

function isFaultMode (value: unknown): value is FaultMode {
  return typeof value === 'string' && Object.hasOwn(faultModes, value)
}

function show (query: ReadonlyMap<string, string>, state: AwsState, faults: Faults): Answer {
  const bucket = query.get('bucket')
  const key = query.get('key')
  const group = query.get('group')
  if (bucket !== undefined && key !== undefined) {
    const object = state.object(bucket, key)
    if (object === undefined) return { status: 404, headers: json, body: '{"error":"no such object"}\n' }
    return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: object.body }
  }
  if (bucket !== undefined) {
    return answerJson(state.objects(bucket).map(({ body, ...about }) => ({ ...about, bodyBytes: body.length })))
  }
  if (group !== undefined) {
    const events = state.events(group, query.get('stream') ?? '')
    const body = events.map(event => `${JSON.stringify(event)}\n`).join('')
    return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body }
  }
  return answerJson(summarize(state, faults))
}

/** Everything that `GET /__state` says, as a value. */
export function summarize (state: AwsState, faults: Faults): object {
  return {
    requestCount: state.requestCount(),
    mostInFlightCount: state.mostInFlightCount(),
    operations: state.tally.operations(),
    violations: state.violations,
    faults: listed(faults),
    buckets: [...state.buckets.values()].map(({ name, region, objects }) => ({
      name,
      region,
      objectCount: objects.size,
      objectBytes: [...objects.values()].reduce((sum, object) => sum + object.body.length, 0),
    })),
    groups: [...state.groups.values()].map(({ name, logGroupClass, retentionInDays, kmsKeyId, tags, streams }) => ({
      name,
      logGroupClass,
      retentionInDays,
      kmsKeyId,
      tags,
      entities: entitiesOf(state, name),
      streams: [...streams.values()].map(stream => ({ name: stream.name, eventCount: stream.events.length })),
    })),
  }
}

/** The entities that batches for the group came with, each once. */
function entitiesOf (state: AwsState, group: string): readonly unknown[] {
  const texts = state.batches.flatMap(batch =>
    batch.group === group && batch.entity !== undefined ? [JSON.stringify(batch.entity)] : [])
  return [...new Set(texts)].map(text => JSON.parse(text) as unknown)
}

function answerJson (value: unknown): Answer {
  return { status: 200, headers: json, body: `${JSON.stringify(value, null, 2)}\n` }
}
