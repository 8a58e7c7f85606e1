import { join } from 'node:path'
import type { Config } from '../../config/settings.ts'
import { routesOf, type RouteName } from '../../routes.ts'
import { decodeEvent } from '../../transform/event-encoder.ts'
import type { Explanation } from './explainer.ts'

/** What is delivered where, without a sink: one would load the SDK and look for credentials. */
export interface Destinations {
  /** As the start message and the health page call it. */
  wordsOf (route: string): string
  /** What the destination gets of a record: of an event that goes to CloudWatch Logs, its message. */
  deliveredOf (explanation: Explanation): readonly string[]
}

export function createExplainedDestinations (config: Config, hostId: string): Destinations {
  const { bucket, prefix, logGroup, file } = config
  const files = `file: ${file.directory === '' ? join(config.dataDir, hostId, 'delivered') : file.directory}`
  const isEvents = (route: string | undefined) => events.has(route as RouteName)
  const events = new Set(routesOf(config).filter(({ kind }) => kind === 'events').map(({ name }) => name))
  return {
    wordsOf: route => {
      if (isEvents(route)) return logGroup === '' ? files : `cloudwatch: ${logGroup}`
      return bucket === '' ? files : `s3: s3://${bucket}/${prefix}`
    },
    deliveredOf: ({ route, lines }) => {
      if (!isEvents(route) || logGroup === '') return lines
      return lines.map(line => decodeEvent(line)?.message ?? line)
    },
  }
}
