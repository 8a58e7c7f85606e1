import type { RouteFacts } from '../../src/contracts/route-facts.ts'
import { healthReport, readinessReport, type HealthFacts } from '../../src/http/health.ts'
import type { HttpDependencies } from '../../src/http/server.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { ManualClock } from './manual-clock.ts'
import { recordingLog } from './recording-log.ts'

/** A route at rest; give what differs. */
export function routeFacts (differs: Partial<RouteFacts> = {}): RouteFacts {
  return {
    route: 'error',
    sink: 'file',
    destination: '/delivered',
    pendingRecords: 0,
    pendingBytes: 0,
    oldestPendingMs: undefined,
    lastSuccessMs: undefined,
    lastError: undefined,
    delivery: { kind: 'flowing' },
    spoolProblem: undefined,
    ...differs,
  }
}

/** A process that has run for 60 s, since the epoch; give what differs. */
export function healthFacts (differs: Partial<HealthFacts> = {}): HealthFacts {
  return {
    nowMs: 60_000,
    wallMs: 60_000,
    startedMs: 0,
    version: '1.2.3',
    state: 'running',
    sources: [{ name: 'unix', isOpen: true }],
    routes: [routeFacts()],
    ledger: new Ledger().snapshot(),
    lostDeadLetters: 0,
    watched: { losses: [], blockedSinceMs: new Map(), unbalancedSinceMs: undefined },
    memory: { maxBytes: 268_435_456, shares: [{ name: 'frames', usedBytes: 1_024, maxBytes: 2_048 }] },
    signals: [],
    errors: [],
    warnings: [],
    ...differs,
  }
}

/** A healthy process; give what differs. */
export function dependencies (differs: Partial<HttpDependencies> = {}): HttpDependencies {
  return {
    isReady: () => readinessReport('running', healthFacts().sources),
    health: () => healthReport(healthFacts()),
    metrics: () => '# TYPE up gauge\nup 1\n',
    uptimeMs: () => 3_725_000,
    hosts: [],
    clock: new ManualClock(),
    log: recordingLog().log,
    ...differs,
  }
}
