import { isRouteClass } from '../contracts/verdict.ts'
import type { ConfigOf } from './setting.ts'
import type { Config, settings } from './settings.ts'

/** What an entry below `containers`, or a route of one's own, may say of where records go. */
export interface Entry {
  readonly to?: 's3' | 'cloudwatch'
  readonly bucket?: string
  readonly logGroup?: string
  readonly key?: string
  readonly prefix?: string
  readonly stream?: string
  readonly roleArn?: string
  readonly createGroup?: boolean
}

export type Kind = 'objects' | 'events'

/** Where records of all go. */
type Shared = Pick<Config, 'bucket' | 'logGroup'>

/** Which kinds of destinations the settings have, as `routesOf` would make them. */
export interface DestinationsIn {
  readonly hasObjects: boolean
  readonly hasEvents: boolean
  /** Records of some container go to files. */
  readonly hasFiles: boolean
  /** A bucket, or a group, is named anywhere. */
  readonly hasBucket: boolean
  readonly hasGroup: boolean
  /** `logGroup` is the group of a route. */
  readonly takesGroup: boolean
  /** Of containers and of routes of one's own. */
  readonly entries: readonly Entry[]
}

export function destinationsIn (config: Config): DestinationsIn {
  const { bucket, logGroup, error, storms } = config
  const containers: readonly Entry[] = Object.values(config.containers)
  const named = Object.values(namedRoutes(config))
  const entries = [...containers, ...named]
  // Copies and the surplus of storms are objects, whatever errors are.
  const shared = [...classKinds(config), ...error.copyToS3 || storms.divert ? ['objects' as const] : []]
  const ofContainers = containers.flatMap(own => kindsOf(config, own))
  const kinds = new Set([...shared, ...ofContainers, ...named.map(namedKind)])
  return {
    hasObjects: kinds.has('objects'),
    hasEvents: kinds.has('events'),
    hasFiles: shared.some(kind => isFile(config, kind, {})) || named.some(own => isFile(config, namedKind(own), own)),
    hasBucket: !isUnset(bucket) || entries.some(own => !isUnset(own.bucket)),
    hasGroup: !isUnset(logGroup) || entries.some(own => !isUnset(own.logGroup)),
    takesGroup: shared.includes('events') || named.some(own => namedKind(own) === 'events' && isUnset(own.logGroup)),
    entries,
  }
}

/** Settings of a route of one's own. */
export type NamedRoute = Partial<ConfigOf<typeof settings.routes.others.each>>

/** Routes of one's own, by name. */
export function namedRoutes ({ routes }: Config): Readonly<Record<string, NamedRoute>> {
  const all: Readonly<Record<string, NamedRoute>> = routes
  return Object.fromEntries(Object.entries(all).filter(([name]) => !isRouteClass(name)))
}

export function namedKind ({ to, logGroup }: Entry): Kind {
  return to === 's3' || (to === undefined && isUnset(logGroup)) ? 'objects' : 'events'
}

/** What records of a container become, with its own destinations: those that would go to files go to the one it has. */
export function kindsOf (config: Config, own: Entry): Kind[] {
  return classKinds(config).map(wanted => kindWith(config, wanted, own))
}

/**
 * The kind that is wanted, or the other where the container has only a destination of that: one that is named for a
 * container is meant for all of its lines.
 */
export function kindWith (config: Shared, wanted: Kind, own: Entry): Kind {
  const hasOther = !isUnset(wanted === 'objects' ? own.logGroup : own.bucket)
  if (!hasOther || !isFile(config, wanted, own)) return wanted
  return wanted === 'objects' ? 'events' : 'objects'
}

/** Neither the settings nor an entry name where these go. */
export function isFile ({ bucket, logGroup }: Shared, kind: Kind, own: Entry): boolean {
  return kind === 'objects' ? isUnset(bucket) && isUnset(own.bucket) : isUnset(logGroup) && isUnset(own.logGroup)
}

export function isUnset (name: string | undefined): boolean {
  return name === undefined || name === ''
}

function classKinds ({ routes: { access, app, error } }: Config): Kind[] {
  return [access, app, error].map(({ to }) => to === 's3' ? 'objects' : 'events')
}

// Tested in test/config/idle-settings.test.ts
