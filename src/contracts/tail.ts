/** One record as the live tail shows it: what is delivered of it, where, and why. Texts are cut to a few KiB. */
export interface TailLine {
  /** Wall time at which it was written, as its sender says; ISO 8601. Undefined where that is no time. */
  readonly time: string | undefined
  readonly container: string
  readonly stream: 'stdout' | 'stderr' | ''
  readonly class: string | undefined
  readonly level: string | undefined
  readonly rule: string | undefined
  /** The rule that left it out. */
  readonly filter: string | undefined
  readonly repairs: readonly string[]
  /** What was taken out of it. */
  readonly redactions: readonly string[]
  /** Why it could not be repaired. */
  readonly reason: string | undefined
  readonly route: string | undefined
  /** False if it, or a part of it, was dropped. */
  readonly isAccepted: boolean
  /** The stage that failed on it. */
  readonly failed: string | undefined
  /** Redacted, as it is delivered; empty where that is nowhere. */
  readonly line: string
  /** Of the whole line, as it came. */
  readonly bytes: number
  /** Lines that were joined to it. */
  readonly joined: number
  readonly fields: Readonly<Record<string, unknown>> | undefined
  /** What its destination gets; empty where that is nothing. */
  readonly delivered: readonly string[]
  readonly deliveredBytes: number
}

/** What a reader of the tail wants to see. */
export interface TailWanted {
  /** Undefined: every class. */
  readonly class: string | undefined
  /** The least level, as `error.level` has it; records without a level are then not shown. */
  readonly level: string | undefined
  /** Text that a shown line contains, in whatever case. */
  readonly text: string | undefined
}

export interface TailReader {
  /** Takes a line as the JSON of a `TailLine`; false where there is no room for it. Must not throw. */
  take (json: string): boolean
}

export interface TailSubscription {
  /** Lines that this reader would have been shown, and was not: it was slow, or they were too many. */
  readonly missed: number
  /** Safe twice. */
  close (): void
}

/** The live tail. While nobody reads it, it costs nothing. */
export interface Tail {
  open (wanted: TailWanted, reader: TailReader): TailSubscription
}
