import type { Config } from '../config/settings.ts'
import type { TaskFacts } from '../ecs/task-facts.ts'
import type { About } from '../spool/about.ts'
import type { Route } from './routes.ts'

/**
 * What a directory of the spool says of itself. Lines may be delivered by another process of the same service whose
 * routes lead to the same places.
 */
export function aboutOf (config: Config, routes: readonly Route[], facts: TaskFacts): About {
  const { task, cluster, family, revision, az } = facts
  return {
    destinations: {
      service: [cluster, family].filter(name => name !== '').join('/'),
      prefix: config.prefix,
      ...Object.fromEntries(routes.map(({ name, destination, prefix }) => [`route ${name}`, wordsOf(destination) + (prefix === config.prefix ? '' : ` ${prefix}`)])),
    },
    names: { task, cluster, family, revision, az },
  }
}

function wordsOf (destination: Route['destination']): string {
  switch (destination.sink) {
    case 'cloudwatch': return `${destination.region} log group ${destination.group}`.trim()
    case 's3': return `s3://${destination.bucket}`
    case 'file': return 'files'
  }
}
