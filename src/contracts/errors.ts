/**
 * Every failure that Sluice names itself, with what it means for the work in hand. `docs/errors.md` says the same, and
 * a test keeps the two equal.
 *
 * - `retry`: the same work may succeed later
 * - `reject`: the same work never succeeds; it is set aside and counted
 * - `close`: the connection that brought it is closed, nothing else
 * - `fatal`: the process cannot start; only configuration may do this
 */
export const errorTable = {
  ERR_CONFIG: { disposition: 'fatal', help: 'the configuration cannot be understood; every mistake is listed' },
  ERR_FRAME: { disposition: 'close', help: 'bytes on a log socket are not the Forward protocol, or over a limit' },
  ERR_SPOOL_WRITE: { disposition: 'retry', help: 'the spool directory does not take writes' },
  ERR_SPOOL_READ: { disposition: 'retry', help: 'a segment of the spool cannot be read; after ten seconds it is set aside' },
  ERR_SINK_UNAVAILABLE: { disposition: 'retry', help: 'the destination did not take a batch; it may be sent again' },
  ERR_SINK_REJECTED: { disposition: 'reject', help: 'the destination refused a batch for good' },
} as const satisfies Record<string, { disposition: 'retry' | 'reject' | 'close' | 'fatal', help: string }>

export type ErrorCode = keyof typeof errorTable

/** The one class of errors that Sluice throws. Messages say what was expected and found, never what a log line held. */
export class SluiceError extends Error {
  readonly code: ErrorCode
  /** A stable word for metrics: `reason` labels are made of it. */
  readonly reason: string
  /** Least pause before trying again, ms, when the destination asked for one. */
  readonly retryAfterMs: number

  constructor (
    code: ErrorCode,
    message: string,
    options: { readonly reason?: string, readonly retryAfterMs?: number, readonly cause?: unknown } = {}
  ) {
    super(message, { cause: options.cause })
    this.name = 'SluiceError'
    this.code = code
    this.reason = options.reason ?? code.slice('ERR_'.length).toLowerCase()
    this.retryAfterMs = options.retryAfterMs ?? 0
  }

  get disposition (): typeof errorTable[ErrorCode]['disposition'] {
    return errorTable[this.code].disposition
  }
}

export function isRetryable (error: unknown): error is SluiceError {
  return error instanceof SluiceError && error.disposition === 'retry'
}
