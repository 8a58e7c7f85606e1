import type { Config } from './config/settings.ts'

/** The classes that are delivered; each has a route of the same name. */
export const routeNames = ['access', 'error', 'app', 'invalid'] as const
export type RouteName = typeof routeNames[number]

/** What a route is, as the settings have it. */
export interface Route {
  readonly name: RouteName
  /** `objects`: a segment becomes one object, as it is. `events`: its lines are events, sent in batches. */
  readonly kind: 'objects' | 'events'
  /** Key or stream name; whether it names the container decides whether containers share segments. */
  readonly template: string
  readonly quotaBytes: number
  readonly segmentMaxBytes: number
  readonly segmentMaxAgeMs: number
}

export function routesOf (config: Config): readonly Route[] {
  const objects = {
    kind: 'objects',
    template: config.objects.key,
    segmentMaxBytes: config.objects.maxBytes,
    segmentMaxAgeMs: config.objects.maxAge,
  } as const
  const events = {
    kind: 'events',
    template: config.events.stream,
    segmentMaxBytes: config.events.segmentMaxBytes,
    segmentMaxAgeMs: config.events.maxAge,
  } as const
  return [
    { name: 'access', quotaBytes: config.routes.access.maxBytes, ...objects },
    { name: 'error', quotaBytes: config.routes.error.maxBytes, ...events },
    { name: 'invalid', quotaBytes: config.routes.invalid.maxBytes, ...objects },
    { name: 'app', quotaBytes: config.routes.app.maxBytes, ...(config.routes.app.to === 's3' ? objects : events) },
  ]
}

export function isByContainer (route: Route): boolean {
  return route.template.includes('{container}')
}
