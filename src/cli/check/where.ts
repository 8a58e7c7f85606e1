import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../config/settings.ts'
import type { Segment } from '../../contracts/segment.ts'
import { mergeFacts, noFacts } from '../../ecs/task-facts.ts'
import { destinationWords, errorCopyName, filesDirectory, stormName, type Route } from '../../pipeline/routes.ts'
import { groupArn } from '../../sinks/aws/partitions.ts'
import { extensionOf } from '../../sinks/compression.ts'
import { objectKey, pathParts, streamName } from '../../sinks/names.ts'
import { permissionsFor } from '../../sinks/s3/setting-errors.ts'
import { formatHour } from '../../spool/segment-name.ts'

/** What the settings do not say, for the names that are shown. */
export interface Example { readonly container: string, readonly nowMs: number, readonly region: string }

/** What the routes take that nobody has named in the settings. */
const madeRoutes: ReadonlyMap<string, string> = new Map([[errorCopyName, 'copies of error'], [stormName, 'surplus of storms of error']])

/** Where the lines of each class and container go: the destination, a name as an example, permissions. */
export function whatGoesWhere (config: Config, routes: readonly Route[], example: Example): string[] {
  return routes.flatMap(route => {
    const { class: name, container, destination } = route
    const what = name ?? madeRoutes.get(route.classWord === stormName ? stormName : route.name) ?? `route ${route.name}`
    const whose = container === undefined ? '' : ` of ${container}`
    const files = filesDirectory(config, join(config.dataDir, taskOf(config)))
    return [
      `${what}${whose} -> ${destination.sink}: ${destinationWords(route, files)}`,
      `  ${route.kind === 'events' ? 'stream' : 'key'} ${exampleName(config, route, example)}`,
      ...permissionsOf(config, route, example.region).map(words => `  needs ${words}`),
    ]
  })
}

/** The key or stream that a line of now has. */
function exampleName (config: Config, route: Route, { container, nowMs }: Example): string {
  const hour = formatHour(nowMs)
  const { cluster, family, revision } = mergeFacts(config.ecs, noFacts)
  const names = { task: taskOf(config), cluster, family, revision, az: '' }
  const fixed = { prefix: route.prefix, class: route.classWord }
  const segment = {
    route: route.name, container: route.container ?? container, hour, id: `${hour}-SEGMENT`, names: {},
  } as unknown as Segment
  if (route.kind === 'events') return streamName(segment, route.template, { ...names, ...fixed })
  return objectKey(segment, route.template, extensionOf[route.compression], { ...pathParts(names), ...fixed })
}

/** What the role of the task must be allowed to do. */
export function permissionsOf (config: Config, { destination, prefix }: Route, ownRegion: string): string[] {
  if (destination.sink === 'file') return []
  const region = destination.region === '' ? ownRegion : destination.region
  const { roleArn } = destination
  const role = roleArn === '' ? [] : [`sts:AssumeRole on ${roleArn}, which has what follows`]
  if (destination.sink === 's3') {
    const { bucket } = destination
    return [...role, permissionsFor({ bucket, prefix, region }, { ...config.s3, ...destination })]
  }
  const { group, createGroup, retentionDays } = destination
  const arn = groupArn(region, group)
  const actions = [
    'logs:CreateLogStream', 'logs:PutLogEvents',
    ...(createGroup ? ['logs:CreateLogGroup'] : []),
    ...(createGroup && retentionDays > 0 ? ['logs:PutRetentionPolicy'] : []),
  ]
  const tags = createGroup && config.cloudwatch.groupTags.length > 0 ? [`logs:TagResource on ${arn}`] : []
  return [...role, `${actions.join(', ')} on ${arn}:*`, ...tags]
}

function taskOf ({ hostId, ecs }: Config): string {
  if (hostId !== '') return hostId
  const { task } = mergeFacts(ecs, noFacts)
  return task === '' ? hostname() : task
}

// Tested in test/cli/check.test.ts
