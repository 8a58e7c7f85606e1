import type { Counter } from '../../telemetry/ledger.ts'
import type { Metrics } from '../../telemetry/metrics.ts'

/** What the connections of one source count together. */
export interface ForwardCounts {
  readonly receivedBytes: Counter
  readonly connections: Counter
  /** Those refused for want of room. */
  readonly connectionsRefused: Counter
  /** Those of senders that are not let in. */
  sendersRefused (reason: string): Counter
  /** Connections closed so that a new one finds room: of senders that never sent anything, and of quiet ones. */
  readonly connectionsDisplaced: Readonly<Record<'unproven' | 'idle', Counter>>
  readonly linesCut: Counter
  readonly acksSent: Counter
  readonly acksWithheld: Counter
  readonly framesForeign: Counter
  framesRefused (reason: string): Counter
  /** When bytes came last, and how late the last record then was; ms. */
  lastReceivedMs: number
  lagMs: number
}

/** Finds the counters of a source and registers its gauge of lag. */
export function createForwardCounts (metrics: Metrics, source: string): ForwardCounts {
  const counts: ForwardCounts = {
    receivedBytes: metrics.counter('sluice_received_bytes_total', source),
    connections: metrics.counter('sluice_connections_total', source),
    connectionsRefused: metrics.counter('sluice_connections_refused_total', source, 'limit'),
    sendersRefused: reason => metrics.counter('sluice_connections_refused_total', source, reason),
    connectionsDisplaced: {
      unproven: metrics.counter('sluice_connections_displaced_total', source, 'unproven'),
      idle: metrics.counter('sluice_connections_displaced_total', source, 'idle'),
    },
    linesCut: metrics.counter('sluice_lines_cut_total', source),
    acksSent: metrics.counter('sluice_acks_total', source, 'sent'),
    acksWithheld: metrics.counter('sluice_acks_total', source, 'withheld'),
    framesForeign: metrics.counter('sluice_frames_skipped_total', source, 'signal'),
    framesRefused: reason => metrics.counter('sluice_frames_refused_total', source, reason),
    lastReceivedMs: 0,
    lagMs: 0,
  }
  metrics.gauge('sluice_receive_lag_seconds', [source], () => counts.lagMs / 1000)
  return counts
}

// Tested in test/sources/forward/server.test.ts
