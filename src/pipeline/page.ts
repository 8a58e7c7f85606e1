import type { Config } from '../config/settings.ts'
import type { FrequentError } from '../contracts/insight.ts'
import type { Tail } from '../contracts/tail.ts'
import { isRouteClass } from '../contracts/verdict.ts'
import { regionFor } from '../ecs/region.ts'
import type { TaskFacts } from '../ecs/task-facts.ts'
import type { HealthReport } from '../http/health.ts'
import { taskLinks } from '../http/page/console-links.ts'
import type { PageOptions } from '../http/page/routes.ts'
import { createSession } from '../http/page/session.ts'
import { noLinesWords, shownOn } from '../http/page/shown.ts'
import { drawnMetrics, type PageRoute, type PageTask } from '../http/page/status.ts'
import type { History } from '../telemetry/history.ts'
import type { Instruments } from '../telemetry/instruments.ts'
import { routeLinks } from './route-links.ts'
import type { Route } from './routes.ts'

export interface PipelinePageOptions extends Pick<Instruments, 'clock' | 'metrics'> {
  readonly config: Config
  readonly routes: readonly Route[]
  readonly facts: TaskFacts
  /** `{task}` of names. */
  readonly instance: string
  /** Whether it may name destinations. */
  readonly isDetailed: boolean
  readonly tail: Tail
  readonly quotaBytesOf: (route: string) => number
  /** Undefined: there is no page. */
  readonly history: History | undefined
  readonly health: () => HealthReport
  /** The most frequent errors, as in the report. */
  readonly errors: () => readonly FrequentError[]
}

/** What the page of this process shows, as the settings have it; undefined: there is none. */
export function createPage (options: PipelinePageOptions): Pick<PageOptions, 'tail' | 'session' | 'status' | 'history'> | undefined {
  const { config, facts, instance, isDetailed, tail, quotaBytesOf, metrics, history, health, errors, clock } = options
  const { http, httpPage, httpToken } = config
  if (http === 'off' || history === undefined) return undefined
  const settings = { page: httpPage, token: httpToken, host: http.host }
  const shown = shownOn(settings)
  if (shown === 'off') return undefined
  const region = regionFor(process.env, facts) ?? ''
  const routes: PageRoute[] = options.routes.map(route => ({
    name: route.name,
    class: isRouteClass(route.classWord) ? route.classWord : '',
    quotaBytes: () => quotaBytesOf(route.name),
    links: () => isDetailed ? routeLinks(route, { facts, instance, wallMs: clock.wallMs(), region }) : [],
  }))
  return {
    tail: shown === 'samples' ? tail : undefined,
    session: createSession(httpToken, () => clock.wallMs()),
    history: () => history.report(clock.monotonicMs()),
    status: () => ({
      health: health(),
      routes: routes.map(({ quotaBytes, links, ...route }) => ({ ...route, quotaBytes: quotaBytes(), links: links() })),
      metrics: drawnMetrics(metrics),
      task: taskOf(facts, region, isDetailed),
      examples: Object.fromEntries(errors().map(({ fingerprint, example }) => [fingerprint, example])),
      noLines: shown === 'samples' ? '' : noLinesWords(settings),
    }),
  }
}

function taskOf ({ cluster, family, revision, task }: TaskFacts, region: string, isDetailed: boolean): PageTask {
  const words = [family === '' ? '' : `${family}${revision === '' ? '' : `:${revision}`}`, task === '' ? '' : `task ${task}`]
  return {
    words: words.filter(word => word !== '').join(', '),
    links: isDetailed ? taskLinks({ region, cluster, task }) : [],
  }
}
