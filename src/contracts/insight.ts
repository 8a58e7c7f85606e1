/** A trouble that lines show, as the health page tells it. Stamps are of the monotonic clock. */
export interface SignalFacts {
  readonly signal: string
  readonly container: string
  /** Lines that showed it since the start. */
  readonly count: number
  readonly sinceMs: number
  readonly lastMs: number
  /** One sentence each. */
  readonly means: string
  readonly lookAt: string
}

/** One error by its fingerprint. Times are those of its lines, ms since the epoch. */
export interface FrequentError {
  readonly fingerprint: string
  readonly origin: string
  readonly level: string
  /** Of its last line. */
  readonly container: string
  readonly count: number
  /** By how much `count` may be too high, because the table was full when it came. */
  readonly overcount: number
  readonly firstAtMs: number
  readonly lastAtMs: number
  readonly example: string
}
