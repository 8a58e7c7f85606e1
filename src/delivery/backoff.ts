export interface BackoffPolicy {
  /** Longest pause after the first failure, ms; it doubles with each further one. */
  readonly baseMs: number
  /** Longest pause at all, ms. */
  readonly capMs: number
}

/** Pause between attempts while the process stops, ms: too short to miss what is left, long enough not to spin. */
export const drainingPauseMs = 200

/**
 * Pause before attempt `failures + 1`, ms: anywhere between 0 and the doubled base ("full jitter"), so that a fleet
 * which failed together does not return together.
 *
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs (policy: BackoffPolicy, failures: number, random: number): number {
  // 2 ** 30 is past every cap and below the range where doubling loses precision.
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(failures - 1, 30))
  return random * ceiling
}
