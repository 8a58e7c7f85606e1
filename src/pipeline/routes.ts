import { join } from 'node:path'
import { isFile, kindWith, namedKind, namedRoutes, type Kind, type NamedRoute } from '../config/destinations-in.ts'
import { namedQuotaBytes, objectMaxBytesOf } from '../config/reconcile.ts'
import type { Config } from '../config/settings.ts'
import { routeClasses, type RouteClass } from '../contracts/verdict.ts'

type ContainerConfig = Config['containers'][string]

/** Where a route's records go, as the settings have it. */
export type RouteDestination =
  | { readonly sink: 'file' }
  | {
    readonly sink: 'cloudwatch'
    readonly group: string
    readonly region: string
    readonly roleArn: string
    readonly createGroup: boolean
    readonly retentionDays: number
    readonly groupClass: Config['cloudwatch']['groupClass']
  }
  | S3Destination

export interface S3Destination {
  readonly sink: 's3'
  readonly bucket: string
  readonly region: string
  readonly roleArn: string
  readonly storageClass: Config['s3']['storageClass']
}

/** What a route is, as the settings have it. */
export interface Route {
  /** The class, or `class.container` for a container's own route: a directory, and a label of metrics. */
  readonly name: string
  /** Whose records it takes; undefined: it takes what rules and `copyTo` give it. */
  readonly class: RouteClass | undefined
  /** `{class}` in its key or stream. */
  readonly classWord: string
  /** Start of its object keys. */
  readonly prefix: string
  /** Whose records it takes; undefined: those of every container that has no route of its own. */
  readonly container: string | undefined
  /** `objects`: a segment becomes one object, as it is. `events`: its lines are events, sent in batches. */
  readonly kind: Kind
  readonly destination: RouteDestination
  /** Key or stream name; whether it names the container decides whether containers share segments. */
  readonly template: string
  /** Of objects. */
  readonly compression: Config['objects']['compression']
  /** The setting; the spool reduces it where all routes together would hold more than they may. */
  readonly quotaBytes: number
  readonly segmentMaxBytes: number
  readonly segmentMaxAgeMs: number
}

/**
 * A route for each class, and one more for each class and container where the container's records go elsewhere, or
 * under another name.
 */
export function routesOf (config: Config): readonly Route[] {
  const shared = routeClasses.map(name => routeOf(config, name, undefined, {}))
  const own = Object.entries(config.containers).flatMap(([container, settings]) => routeClasses
    .map(name => routeOf(config, name, container, settings))
    .filter((route, index) => isDifferent(route, shared[index] as Route)))
  const named = Object.entries(namedRoutes(config)).map(([name, settings]) => namedRouteOf(config, name, settings))
  const copies = config.error.copyToS3 ? [errorCopyRoute(config)] : []
  return [...shared, ...own, ...copies, ...(config.storms.divert ? stormRoutes(config) : []), ...named]
}

/** Where copies of errors go with `error.copyToS3`. */
export const errorCopyName = 'error-s3'

/** Where the surplus of storms goes with `storms.divert`; of a container with a bucket of its own, `storm.NAME`. */
export const stormName = 'storm'

/** Gives the name of the route that takes the surplus of a container's storms. */
export function stormRouteOf (routes: readonly Route[]): (container: string) => string {
  const own = new Map(routes.filter(({ classWord, container }) => classWord === stormName && container !== undefined)
    .map(({ container, name }) => [container, name]))
  return container => own.get(container) ?? stormName
}

/** Names of the routes that take a copy of every record of a class of a container. */
export function copiesOf (config: Config, name: RouteClass, container: string | undefined): readonly string[] {
  const own = container === undefined ? {} : config.containers[container] ?? {}
  const isCopied = name === 'error' && config.error.copyToS3 && !isCopyAlready(routeOf(config, name, container, own), errorCopyRoute(config))
  return [...new Set([...isCopied ? [errorCopyName] : [], ...config.routes[name].copyTo, ...own.copyTo ?? []])]
}

/** Whether what the route stores lies where its copies would. */
function isCopyAlready ({ kind, destination }: Route, copy: Route): boolean {
  const bucketOf = (stored: RouteDestination) => stored.sink === 's3' ? stored.bucket : ''
  return kind === 'objects' && bucketOf(destination) === bucketOf(copy.destination)
}

function namedRouteOf (config: Config, name: string, own: NamedRoute): Route {
  const kind = namedKind(own)
  return {
    name,
    class: undefined,
    classWord: name,
    prefix: own.prefix ?? config.prefix,
    container: undefined,
    kind,
    destination: destinationOf(config, kind, own),
    quotaBytes: own.maxBytes ?? namedQuotaBytes,
    ...layoutOf(config, kind, own),
  }
}

/** How records become objects, or log events: as the route or the container says, else as for all. */
function layoutOf (
  { objects, events }: Config, kind: Route['kind'], own: Pick<ContainerConfig, 'compression' | 'key' | 'stream'>
): Pick<Route, 'compression' | 'template' | 'segmentMaxBytes' | 'segmentMaxAgeMs'> {
  const compression = own.compression ?? objects.compression
  if (kind === 'objects') {
    const { key, maxAge } = objects
    const segmentMaxBytes = objectMaxBytesOf(compression, objects)
    return { compression, template: own.key ?? key, segmentMaxBytes, segmentMaxAgeMs: maxAge }
  }
  const { stream, segmentMaxBytes, maxAge } = events
  return { compression, template: own.stream ?? stream, segmentMaxBytes, segmentMaxAgeMs: maxAge }
}

/** Errors as objects, under the keys of their class. */
function errorCopyRoute (config: Config): Route {
  const maxBytes = config.routes.error.maxBytes
  return { ...namedRouteOf(config, errorCopyName, { to: 's3', maxBytes }), classWord: 'error' }
}

/** What is too much for log events becomes objects, in the container's own bucket where it has one. */
function stormRoutes (config: Config): readonly Route[] {
  const routeOf = (container: string | undefined, own: ContainerConfig): Route => ({
    ...namedRouteOf(config, stormName, { ...own, to: 's3', maxBytes: config.storms.maxBytes }),
    name: container === undefined ? stormName : `${stormName}.${container}`,
    container,
  })
  const shared = routeOf(undefined, {})
  const own = Object.entries(config.containers).map(([container, settings]) => routeOf(container, settings))
  return [shared, ...own.filter(route => isDifferent(route, shared))]
}

/** The bucket that outlives the disk, for what the route's destination refuses; undefined without one. */
export function deadLetterBucketOf (config: Config, { container }: Route): S3Destination | undefined {
  const own = container === undefined ? {} : config.containers[container] ?? {}
  return config.bucket === '' && (own.bucket ?? '') === '' ? undefined : s3Destination(config, own)
}

export function isByContainer (route: Route): boolean {
  return route.template.includes('{container}')
}

/** Where files are delivered: as the settings say, else below `directory`, which is that of the instance. */
export function filesDirectory ({ file }: Config, directory: string): string {
  return file.directory === '' ? join(directory, 'delivered') : file.directory
}

/** A route's destination in words: a directory, `s3://bucket/prefix`, a log group. */
export function destinationWords ({ destination, prefix }: Route, directory: string): string {
  if (destination.sink === 'cloudwatch') return destination.group
  return destination.sink === 's3' ? `s3://${destination.bucket}/${prefix}` : directory
}

function routeOf (config: Config, name: RouteClass, container: string | undefined, own: ContainerConfig): Route {
  const { to } = config.routes[name === 'invalid' ? 'access' : name]
  const kind = kindWith(config, to === 's3' ? 'objects' : 'events', own)
  return {
    name: container === undefined ? name : `${name}.${container}`,
    class: name,
    classWord: name,
    prefix: config.prefix,
    container,
    kind,
    destination: destinationOf(config, kind, own),
    quotaBytes: config.routes[name].maxBytes,
    ...layoutOf(config, kind, own),
  }
}

function destinationOf (config: Config, kind: Kind, own: Omit<NamedRoute, 'to' | 'prefix'>): RouteDestination {
  if (isFile(config, kind, own)) return { sink: 'file' }
  return kind === 'objects' ? s3Destination(config, own) : cloudwatchDestination(config, own)
}

function s3Destination (config: Config, own: Pick<ContainerConfig, 'bucket' | 'region' | 'roleArn' | 'storageClass'>): S3Destination {
  const { bucket = '' } = own
  const isOwn = bucket !== ''
  return {
    sink: 's3',
    bucket: isOwn ? bucket : config.bucket,
    region: (isOwn ? own.region : undefined) ?? config.s3.region,
    roleArn: (isOwn ? own.roleArn : undefined) ?? config.aws.roleArn,
    storageClass: own.storageClass ?? config.s3.storageClass,
  }
}

function cloudwatchDestination ({ cloudwatch, aws, logGroup }: Config, own: Omit<NamedRoute, 'to' | 'prefix'>): RouteDestination {
  const { logGroup: ownGroup = '' } = own
  const isOwn = ownGroup !== ''
  return {
    sink: 'cloudwatch',
    group: isOwn ? ownGroup : logGroup,
    region: (isOwn ? own.region : undefined) ?? cloudwatch.region,
    roleArn: (isOwn ? own.roleArn : undefined) ?? aws.roleArn,
    createGroup: own.createGroup ?? cloudwatch.createGroup,
    retentionDays: own.retentionDays ?? cloudwatch.retentionDays,
    groupClass: own.groupClass ?? cloudwatch.groupClass,
  }
}

function isDifferent (route: Route, shared: Route): boolean {
  const whatMatters = ({ destination, template, compression, kind }: Route) =>
    JSON.stringify([destination, template, kind === 'objects' ? compression : ''])
  return whatMatters(route) !== whatMatters(shared)
}
