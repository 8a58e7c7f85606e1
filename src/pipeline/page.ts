import type { Config } from '../config/settings.ts'
import type { Clock } from '../contracts/clock.ts'
import type { FrequentError } from '../contracts/insight.ts'
import type { Tail } from '../contracts/tail.ts'
import type { TaskFacts } from '../ecs/task-facts.ts'
import type { HealthReport } from '../http/health.ts'
import { consoleLinks, taskLinks, type ConsoleLink } from '../http/page/console-links.ts'
import type { PageOptions } from '../http/page/routes.ts'
import { createSession } from '../http/page/session.ts'
import { noLinesWords, shownOn } from '../http/page/shown.ts'
import { drawnMetrics, type PageRoute, type PageTask } from '../http/page/status.ts'
import { expandTemplate } from '../sinks/names.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { routeClasses, type Route } from './routes.ts'

export interface PipelinePageOptions {
  readonly config: Config
  readonly routes: readonly Route[]
  readonly facts: TaskFacts
  /** `{task}` of names. */
  readonly instance: string
  /** Whether it may name destinations. */
  readonly isDetailed: boolean
  readonly tail: Tail
  readonly quotaBytesOf: (route: string) => number
  readonly metrics: Metrics
  readonly health: () => HealthReport
  /** The most frequent errors, as in the report. */
  readonly errors: () => readonly FrequentError[]
  readonly clock: Clock
}

const classes: readonly string[] = routeClasses

/** What the page of this process shows, as the settings have it; undefined: there is none. */
export function createPage (options: PipelinePageOptions): Pick<PageOptions, 'tail' | 'session' | 'status'> | undefined {
  const { config, facts, isDetailed, tail, quotaBytesOf, metrics, health, errors, clock } = options
  const { http, httpPage, httpToken } = config
  if (http === 'off') return undefined
  const settings = { page: httpPage, token: httpToken, host: http.host }
  const shown = shownOn(settings)
  if (shown === 'off') return undefined
  const routes: PageRoute[] = options.routes.map(route => ({
    name: route.name,
    class: classes.find(name => name === route.classWord) ?? '',
    quotaBytes: () => quotaBytesOf(route.name),
    links: isDetailed ? linksOf(route, options.instance) : [],
  }))
  return {
    tail: shown === 'samples' ? tail : undefined,
    session: createSession(httpToken, () => clock.wallMs()),
    status: () => ({
      health: health(),
      routes: routes.map(({ quotaBytes, ...route }) => ({ ...route, quotaBytes: quotaBytes() })),
      metrics: drawnMetrics(metrics),
      task: taskOf(facts, isDetailed),
      examples: Object.fromEntries(errors().map(({ fingerprint, example }) => [fingerprint, example])),
      noLines: shown === 'samples' ? '' : noLinesWords(settings),
    }),
  }
}

function taskOf ({ cluster, family, revision, task }: TaskFacts, isDetailed: boolean): PageTask {
  const words = [family === '' ? '' : `${family}${revision === '' ? '' : `:${revision}`}`, task === '' ? '' : `task ${task}`]
  return {
    words: words.filter(word => word !== '').join(', '),
    links: isDetailed ? taskLinks({ region: ownRegion(), cluster, task }) : [],
  }
}

function linksOf (route: Route, instance: string): readonly ConsoleLink[] {
  const { destination, prefix, classWord } = route
  if (destination.sink === 'file') return []
  const region = destination.region === '' ? ownRegion() : destination.region
  // As much of the names as is the same for all of this task; the time is not.
  const names = expandTemplate(route.template.replaceAll('%', '{time}'), '', { prefix, class: classWord, task: instance })
  const start = /^[^{]*/.exec(names)?.[0] ?? ''
  const nowhere = { region, group: '', streamStart: '', inStream: '', bucket: '', prefix: '' }
  return destination.sink === 's3'
    ? consoleLinks({ ...nowhere, bucket: destination.bucket, prefix: start.slice(0, start.lastIndexOf('/') + 1) })
    : consoleLinks({ ...nowhere, group: destination.group, streamStart: start, inStream: route.template.includes('{task}') ? instance : '' })
}

function ownRegion (): string {
  return process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? ''
}
