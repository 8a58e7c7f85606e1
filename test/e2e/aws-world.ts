import { gunzipSync } from 'node:zlib'
import type { Test } from 'tap'
import type { SentRecord } from '../support/forward-frames.ts'
import { startAws, type Aws } from '../support/aws/server.ts'
import { observed } from '../support/operator.ts'
import { shortDirectory, startSluice, type SluiceProcess } from '../support/sluice-process.ts'

export const bucket = 'shop-logs'
export const group = '/ecs/shop/error'

export interface World {
  readonly aws: Aws
  /** Starts Sluice on the same directory, with nothing of AWS but what a task on ECS has, and the two variables. */
  start (env?: Readonly<Record<string, string>>, args?: readonly string[], inputPath?: string): SluiceProcess
}

/** A stand-in of AWS with the bucket and the group, and a directory for one Sluice after the other. */
export async function startWorld (t: Test): Promise<World> {
  const aws = await startAws({ buckets: [bucket], groups: [group] })
  t.teardown(() => aws.close())
  const directory = shortDirectory(t)
  return {
    aws,
    start: (env = {}, args = [], inputPath = undefined) => startSluice(t, {
      ...inputPath === undefined ? {} : { inputPath },
      directory,
      args,
      env: {
        ...observed,
        ...aws.environment,
        SLUICE_LOG_GROUP: group,
        SLUICE_BUCKET: bucket,
        // No error line waits long for the rest of a trace.
        SLUICE_JOIN_TRACES_MAX_QUIET: '10ms',
        ...env,
      },
    }),
  }
}

/** Lines of all three classes, `count` of each, no two alike. */
export function lines (count: number, name = 'line'): SentRecord[] {
  const record = (source: string, log: string) =>
    ({ timeMs: Date.now(), fields: { source, log, container_name: '/web' } })
  return Array.from({ length: count }, (_, index) => [
    record('stdout', `{"status":200,"path":"/","id":"access-${name}-${index}."}`),
    record('stderr', `PHP Warning:  error-${name}-${index}.`),
    record('stdout', `plain app-${name}-${index}.`),
  ]).flat()
}

const markPattern = /(?:access|error|app)-[\w-]+\./

/** What tells a line from all others. */
export function markOf (text: string): string {
  return markPattern.exec(text)?.[0] ?? `no mark: ${text}`
}

/** The marks of what was sent, sorted. */
export function sentMarks (records: readonly SentRecord[], source?: string): string[] {
  return records.filter(({ fields }) => (source ?? fields['source']) === fields['source'])
    .map(({ fields }) => markOf(fields['log'] ?? '')).sort()
}

/** What a dead letter in S3 says. */
export interface StoredLetter {
  readonly key: string
  readonly time: string
  readonly route: string
  readonly reason: string
  readonly record: { readonly t: number, readonly c: string, readonly m: string }
}

const isLetters = ({ key }: { readonly key: string }) => /(?:^|\/)dead-letter\//.test(key)

/** Every dead letter in the bucket, in the order of keys. */
export function storedLetters ({ state }: Aws): StoredLetter[] {
  return state.objects(bucket).filter(isLetters).flatMap(({ key, body }) =>
    gunzipSync(body).toString().split('\n').slice(0, -1)
      .map(line => ({ key, ...JSON.parse(line) as Omit<StoredLetter, 'key'> })))
}

/** Marks of every line of every object of the bucket, but for dead letters, by their class in the key, sorted. */
export function objectMarks ({ state }: Aws): string[] {
  return state.objects(bucket).filter(object => !isLetters(object)).flatMap(({ key, body }) => {
    const texts = gunzipSync(body).toString().split('\n').slice(0, -1)
    return texts.map(markOf).map(mark => key.startsWith(mark.split('-')[0] ?? '') ? mark : `${mark} in ${key}`)
  }).sort()
}

/** Marks of every event of every stream, in the order of their arrival. */
export function eventMarks ({ state }: Aws): string[] {
  return state.streams().flatMap(([group, stream]) => state.events(group, stream).map(({ message }) => markOf(message)))
}

/** Keys that were stored more than once, whatever became of the first: there must be none. */
export function storedTwice ({ state }: Aws): string[] {
  const stored = state.puts(bucket).filter(({ outcome }) => outcome === 'stored').map(({ key }) => key)
  return stored.filter((key, index) => stored.indexOf(key) < index)
}
