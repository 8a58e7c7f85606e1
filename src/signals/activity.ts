import { createByContainer } from './containers.ts'

/** What requests show of a container's workers. */
export interface Activity {
  readonly container: string
  /** Requests that have ended, without health checks. */
  requests: number
  healthChecks: number
  /** Requests whose duration is known, and their durations together. */
  timedRequests: number
  busySeconds: number
}

export type ActivityOf = (container: string) => Activity

export function createActivity (): ActivityOf {
  return createByContainer(container => ({ container, requests: 0, healthChecks: 0, timedRequests: 0, busySeconds: 0 }))
}

// Tested in test/signals/signals.test.ts
