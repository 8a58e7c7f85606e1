import type { Activity } from './activity.ts'

/** Looks at what requests show while all workers of a container are said to be taken. */
export interface WorkerWatch {
  /** It has been said again. */
  begin (nowMs: number): void
  /** How many workers requests that ended kept busy, over a minute at most; undefined while that is not known. */
  busyWorkers (nowMs: number): number | undefined
  /** Whether requests show that workers are free again. */
  areFree (nowMs: number): boolean
}

/** For so long what was under way when the workers ran out may still end. */
const settleMs = 3_000
const windowMs = 60_000
/** A health check opens a connection of its own, so one that is answered has found a free worker. */
const wantedChecks = 2
const leastMs = 10_000
/** Without health checks: requests in each of so many stretches. A server whose workers are all held answers none. */
const stretchMs = 10_000
const wantedStretches = 6

export function createWorkerWatch (activity: Activity, startMs: number): WorkerWatch {
  let sinceMs = startMs
  let checksBefore = activity.healthChecks
  let stretchStartMs = startMs
  let stretchRequests = activity.requests
  let stretches = 0
  // Oldest first: at most one a second, so 60.
  const samples = [{ ms: startMs, busySeconds: activity.busySeconds }]

  function lookAtStretch (nowMs: number): void {
    if (nowMs - stretchStartMs < stretchMs) return
    stretches = activity.requests > stretchRequests ? stretches + 1 : 0
    stretchStartMs = nowMs
    stretchRequests = activity.requests
  }

  return {
    begin (nowMs) {
      sinceMs = stretchStartMs = nowMs
      checksBefore = activity.healthChecks
      stretchRequests = activity.requests
      stretches = 0
    },
    busyWorkers (nowMs) {
      const newest = samples.at(-1)
      const { busySeconds } = activity
      if (newest === undefined || nowMs - newest.ms >= 1_000) samples.push({ ms: nowMs, busySeconds })
      while (samples.length > 2 && nowMs - (samples[1]?.ms ?? nowMs) >= windowMs) samples.shift()
      const [oldest] = samples
      if (oldest === undefined || nowMs - oldest.ms < settleMs || activity.timedRequests === 0) return undefined
      return (activity.busySeconds - oldest.busySeconds) / ((nowMs - oldest.ms) / 1_000)
    },
    areFree (nowMs) {
      lookAtStretch(nowMs)
      if (nowMs - sinceMs < leastMs) return false
      if (activity.healthChecks > 0) return activity.healthChecks - checksBefore >= wantedChecks
      return stretches >= wantedStretches
    },
  }
}

// Tested in test/signals/signals.test.ts
