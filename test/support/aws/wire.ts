export const serviceNames = ['s3', 'logs', 'sts'] as const
export type ServiceName = typeof serviceNames[number]

/** One HTTP request, whole: nothing is judged before its last byte has arrived. */
export interface AwsRequest {
  /** As answered in `x-amzn-RequestId` (a UUID) or `x-amz-request-id` (sixteen hex digits); unique. */
  readonly id: string
  readonly method: string
  /** As on the request line, still percent-encoded, without the query. */
  readonly path: string
  /** Decoded, in the order sent. */
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  /** Lower-case names; values trimmed, repeated ones joined by a comma as SigV4 wants them. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
  /** The body was longer than the stand-in keeps; `body` is cut. */
  readonly overlong: boolean
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | string
}

export interface AwsErrorOptions {
  /** Further elements of S3's error XML. */
  readonly details?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** The rule that was broken, when a correct client never breaks it: it becomes a violation. */
  readonly breach?: string
}

/** A refusal as AWS words it. The service that catches it decides the form (XML or JSON). */
export class AwsError extends Error {
  readonly status: number
  readonly code: string
  readonly details: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly breach: string | undefined

  constructor (status: number, code: string, message: string, options: AwsErrorOptions = {}) {
    super(message)
    this.name = 'AwsError'
    this.status = status
    this.code = code
    this.details = options.details ?? {}
    this.headers = options.headers ?? {}
    this.breach = options.breach
  }
}

/** Reads the headers as sent, before Node merges or drops any. */
export function readHeaders (rawHeaders: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = (rawHeaders[index + 1] ?? '').trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before},${value}`)
  }
  return headers
}

/** Splits a query by hand: `URLSearchParams` would read `+` as a space, SigV4 does not. */
export function readQuery (text: string): Array<readonly [string, string]> {
  if (text === '') return []
  return text.split('&').map(pair => {
    const at = pair.indexOf('=')
    const name = at === -1 ? pair : pair.slice(0, at)
    return [decodeURIComponent(name), at === -1 ? '' : decodeURIComponent(pair.slice(at + 1))] as const
  })
}
