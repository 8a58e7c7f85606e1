import { join } from 'node:path'
import type { Config } from '../../config/settings.ts'
import { destinationWords, filesDirectory, routesOf, type Route } from '../../pipeline/routes.ts'
import { decodeEvent } from '../../encode/event-encoder.ts'
import type { Explanation } from './explainer.ts'

/** What is delivered where, without a sink: one would load the SDK and look for credentials. */
export interface Destinations {
  /** As the start message and the health page call it. */
  readonly wordsOf: (route: string) => string
  /** What the destination gets of a record: of an event that goes to CloudWatch Logs, its message. */
  readonly deliveredOf: (explanation: Explanation) => readonly string[]
}

export function createExplainedDestinations (config: Config, hostId: string): Destinations {
  const files = filesDirectory(config, join(config.dataDir, hostId))
  const routes = new Map(routesOf(config).map(route => [route.name, route]))
  const routeOf = (name: string): Route => {
    const route = routes.get(name)
    if (route === undefined) throw new TypeError(`no route ${name}`)
    return route
  }
  return {
    wordsOf: name => `${routeOf(name).destination.sink}: ${destinationWords(routeOf(name), files)}`,
    deliveredOf: ({ route, lines }) => {
      if (route === undefined || routeOf(route).destination.sink !== 'cloudwatch') return lines
      return lines.map(line => decodeEvent(line)?.message ?? line)
    },
  }
}

// Tested in test/cli/explain.test.ts
