/** What a client put into one request, as bytes; undefined where it sent nothing. */
export interface Sent {
  readonly method: string
  /** Still percent-encoded, without the query. */
  readonly path: Buffer
  /** Without its question mark. */
  readonly query: Buffer | undefined
  readonly host: Buffer | undefined
  readonly userAgent: Buffer | undefined
  readonly referer: Buffer | undefined
  readonly xff: Buffer | undefined
}

export interface ClientRequest {
  readonly bytes: Buffer
  /**
   * What the client does after it has sent `bytes`: waits until the server closes, goes away at once, or goes away when
   * the server has said something.
   */
  readonly end: 'wait' | 'abort' | 'leave'
  /** The requests in `bytes` whose access lines can be told by their trace id; `sent` may be more than is logged. */
  readonly expected: readonly { readonly traceId: string, readonly sent: Sent }[]
}

type Text = string | Buffer

export interface RequestOptions {
  readonly method?: string
  readonly path?: Text
  readonly query?: Text
  readonly version?: string
  readonly host?: Text
  readonly userAgent?: Text
  readonly referer?: Text
  readonly xff?: Text
  readonly headers?: readonly (readonly [string, Text])[]
  readonly body?: Text
  readonly keepAlive?: boolean
  readonly end?: ClientRequest['end']
  /** No access line that has the trace id is expected: the server refuses the request or dies of it. */
  readonly isLost?: boolean
}

/** Makes requests whose trace ids no other request of the run has. */
export function createRequests (prefix: string): (options: RequestOptions) => ClientRequest {
  let count = 0
  return options => {
    const { method = 'GET', path = '/', version = 'HTTP/1.1', host = 'www.example.com', keepAlive = false } = options
    const traceId = `${prefix}-${++count}`
    const query = options.query === undefined ? undefined : bytesOf(options.query)
    const headers: (readonly [string, Text])[] = [
      ['Host', host],
      ['X-Amzn-Trace-Id', traceId],
      ...optional('User-Agent', options.userAgent),
      ...optional('Referer', options.referer),
      ...optional('X-Forwarded-For', options.xff),
      ...optional('Content-Length', options.body === undefined ? undefined : String(bytesOf(options.body).length)),
      ...options.headers ?? [],
      ['Connection', keepAlive ? 'keep-alive' : 'close'],
    ]
    const target = query === undefined ? [bytesOf(path)] : [bytesOf(path), Buffer.from('?'), query]
    const bytes = Buffer.concat([
      Buffer.from(`${method} `), ...target, Buffer.from(` ${version}\r\n`),
      ...headers.flatMap(([name, value]) => [Buffer.from(`${name}: `), bytesOf(value), Buffer.from('\r\n')]),
      Buffer.from('\r\n'), bytesOf(options.body ?? ''),
    ])
    const sent: Sent = {
      method,
      path: bytesOf(path),
      query,
      host: bytesOf(host),
      userAgent: options.userAgent === undefined ? undefined : bytesOf(options.userAgent),
      referer: options.referer === undefined ? undefined : bytesOf(options.referer),
      xff: options.xff === undefined ? undefined : bytesOf(options.xff),
    }
    return { bytes, end: options.end ?? 'wait', expected: options.isLost === true ? [] : [{ traceId, sent }] }
  }
}

/** Several requests on one connection, all sent at once. */
export function pipelined (requests: readonly ClientRequest[]): ClientRequest {
  return {
    bytes: Buffer.concat(requests.map(request => request.bytes)),
    end: 'wait',
    expected: requests.flatMap(request => request.expected),
  }
}

/** Bytes that are no request. */
export function noise (bytes: Buffer, end: ClientRequest['end'] = 'wait'): ClientRequest {
  return { bytes, end, expected: [] }
}

function bytesOf (text: Text): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : text
}

function optional (name: string, value: Text | undefined): (readonly [string, Text])[] {
  return value === undefined ? [] : [[name, value]]
}
