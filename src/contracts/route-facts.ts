/** Something that went wrong: when, by the monotonic clock, what, in words with what to do, and its word in metrics. */
export interface Problem {
  readonly atMs: number
  readonly message: string
  readonly reason: string
}

export type DeliveryState =
  | { readonly kind: 'flowing' }
  /** A batch has failed; the next try is due at `nextTryMs`. Stamps are those of the monotonic clock. */
  | { readonly kind: 'paused', readonly sinceMs: number, readonly failures: number, readonly nextTryMs: number }

/** What the pipeline knows of one route at the moment of asking. Every stamp is one of the monotonic clock. */
export interface RouteFacts {
  readonly route: string
  /** `file`, `s3`, `cloudwatch`. */
  readonly sink: string
  /** Where the sink writes to, as an operator names it: a directory, `s3://bucket/prefix`, a log group. Empty: not told. */
  readonly destination: string
  readonly pendingRecords: number
  readonly pendingBytes: number
  /** When the oldest pending record was accepted; undefined when none waits. */
  readonly oldestPendingMs: number | undefined
  readonly lastSuccessMs: number | undefined
  readonly lastError: Problem | undefined
  readonly delivery: DeliveryState
  /** What keeps the spool from writing to disk now; undefined while it writes. */
  readonly spoolProblem: Problem | undefined
}
