/** What a sender may ask of us. Every bound is checked before memory is taken; the caller holds the defaults. */
export interface ForwardLimits {
  /** Longest frame, and longest single entry of a packed one. */
  readonly maxFrameBytes: number
  /** Most that one compressed chunk may unpack to. */
  readonly maxDecompressedBytes: number
  /** Most arrays and maps within one another. */
  readonly maxNesting: number
  /** Most elements of one array, and most pairs of one map. */
  readonly maxItems: number
  /** Most entries of one frame. */
  readonly maxEntries: number
  /** Longest line of a record; a longer one goes on as records of its parts. */
  readonly maxLineBytes: number
  /** Open connections of one source; for one more, another gives way. */
  readonly maxConnections: number
}
