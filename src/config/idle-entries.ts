import { isUnset, kindsOf, namedKind, namedRoutes, type Entry } from './destinations-in.ts'
import type { Config } from './settings.ts'

/** When settings do nothing: those whose paths are, or begin with, one of `paths`; `because` goes on a sentence. */
export interface Idle {
  readonly paths: readonly string[]
  readonly isIdle: boolean
  readonly because: string
}

/** What only objects, or only log events, have. */
const ofObjects = ['bucket', 'prefix', 'key', 'compression', 'storageClass']
const ofEvents = ['logGroup', 'stream', 'createGroup', 'retentionDays', 'groupClass']

/** Settings of single containers, and of routes of one's own, that do nothing beside the others. */
export function idleEntries (config: Config): Idle[] {
  const containers = Object.entries(config.containers).flatMap(([name, own]) => ofContainer(config, `containers.${name}`, own))
  const routes = Object.entries(namedRoutes(config)).flatMap(([name, own]) => ofRoute(config, `routes.${name}`, own))
  return [...containers, ...routes].filter(({ isIdle }) => isIdle)
}

function ofContainer (config: Config, at: string, own: Entry): Idle[] {
  const kinds = kindsOf(config, own)
  const hasObjects = kinds.includes('objects') || config.storms.divert
  const hasEvents = kinds.includes('events')
  return [
    ...ofOwnDestination(at, isUnset(own.bucket) && isUnset(own.logGroup), 'without a bucket or a logGroup of its own'),
    idle(!hasObjects, 'since its records become log events', at, ofObjects),
    idle(!hasEvents, 'since its records become objects', at, ofEvents),
    ...ofStore(config, at, own),
  ]
}

function ofRoute (config: Config, at: string, own: Entry): Idle[] {
  const isObjects = namedKind(own) === 'objects'
  const why = own.to === undefined ? 'it has a logGroup' : `to: ${own.to}`
  const needed = isObjects ? 'bucket' : 'logGroup'
  return [
    idle(!isObjects, `since its records become log events (${why})`, at, ofObjects),
    idle(isObjects, `since its records become objects (${own.to === undefined ? 'it has no logGroup' : why})`, at, ofEvents),
    ...ofOwnDestination(at, isUnset(own[needed]), `without a ${needed} of its own`),
    ...ofStore(config, at, own),
  ]
}

function ofOwnDestination (at: string, isIdle: boolean, because: string): Idle[] {
  return [idle(isIdle, because, at, ['region', 'roleArn'])]
}

/** What a bucket or a group is told. */
function ofStore (config: Config, at: string, own: Entry): Idle[] {
  const { bucket, logGroup, cloudwatch } = config
  return [
    idle(isUnset(bucket) && isUnset(own.bucket), 'without a bucket', at, ['storageClass']),
    idle(isUnset(logGroup) && isUnset(own.logGroup), 'without a logGroup', at, ['createGroup', 'retentionDays', 'groupClass']),
    idle(!(own.createGroup ?? cloudwatch.createGroup), 'without createGroup: only a group that Sluice makes gets it', at, ['retentionDays', 'groupClass']),
  ]
}

function idle (isIdle: boolean, because: string, at: string, names: readonly string[]): Idle {
  return { isIdle, because, paths: names.map(name => `${at}.${name}`) }
}

// Tested in test/config/idle-settings.test.ts
