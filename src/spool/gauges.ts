import type { Clock } from '../contracts/clock.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RouteSpool } from './spool.ts'

/** What a route's gauges read besides what it shows to everyone. */
interface CountedRoute extends RouteSpool {
  readonly openCount: number
  readonly sealedCount: number
}

/** Lets a scrape read what a route holds. */
export function registerGauges (route: CountedRoute, metrics: Metrics, clock: Clock): void {
  metrics.gauge('sluice_spool_bytes', [route.name], () => route.bytes)
  metrics.gauge('sluice_spool_quota_bytes', [route.name], () => route.quotaBytes)
  metrics.gauge('sluice_spool_segments', [route.name, 'open'], () => route.openCount)
  metrics.gauge('sluice_spool_segments', [route.name, 'sealed'], () => route.sealedCount)
  metrics.gauge('sluice_spool_blocked', [route.name], () => route.problem === undefined ? 0 : 1)
  metrics.gauge('sluice_oldest_pending_seconds', [route.name], () => {
    const oldestMs = route.oldestPendingMs
    return oldestMs === undefined ? 0 : Math.max(0, clock.monotonicMs() - oldestMs) / 1000
  })
}

// Tested in test/spool/route-spool.test.ts
