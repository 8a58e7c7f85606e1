import type { Config } from '../config/settings.ts'
import type { Clock } from '../contracts/clock.ts'
import type { Tail } from '../contracts/tail.ts'
import type { HealthReport } from '../http/health.ts'
import { consoleLinks, type ConsoleLink } from '../http/page/console-links.ts'
import type { PageOptions } from '../http/page/routes.ts'
import { createSession } from '../http/page/session.ts'
import { shownOn } from '../http/page/shown.ts'
import { drawnMetrics, type PageRoute } from '../http/page/status.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Route } from './routes.ts'

export interface PipelinePageOptions {
  readonly config: Config
  readonly routes: readonly Route[]
  /** Whether it may name destinations. */
  readonly isDetailed: boolean
  readonly tail: Tail
  readonly quotaBytesOf: (route: string) => number
  readonly metrics: Metrics
  readonly health: () => HealthReport
  readonly clock: Clock
}

/** What the page of this process shows, as the settings have it; undefined: there is none. */
export function createPage (options: PipelinePageOptions): Pick<PageOptions, 'tail' | 'session' | 'status'> | undefined {
  const { config, isDetailed, tail, quotaBytesOf, metrics, health, clock } = options
  const { http, httpPage, httpToken, prefix } = config
  const shown = http === 'off' ? 'off' : shownOn({ page: httpPage, token: httpToken, host: http.host })
  if (shown === 'off') return undefined
  const routes: PageRoute[] = options.routes.map(route => ({
    name: route.name,
    class: route.classWord,
    quotaBytes: () => quotaBytesOf(route.name),
    links: isDetailed ? linksOf(route, prefix) : [],
  }))
  return {
    tail: shown === 'samples' ? tail : undefined,
    session: createSession(httpToken, () => clock.wallMs()),
    status: () => ({
      health: health(),
      routes: routes.map(({ quotaBytes, ...route }) => ({ ...route, quotaBytes: quotaBytes() })),
      metrics: drawnMetrics(metrics),
    }),
  }
}

function linksOf ({ destination }: Route, prefix: string): readonly ConsoleLink[] {
  if (destination.sink === 'file') return []
  const region = destination.region === '' ? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? '' : destination.region
  return destination.sink === 's3'
    ? consoleLinks({ region, group: '', bucket: destination.bucket, prefix })
    : consoleLinks({ region, group: destination.group, bucket: '', prefix: '' })
}

// Tested in test/e2e/page.test.ts
