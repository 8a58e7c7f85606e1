import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'

/**
 * What one caller can take from the process. Nothing that is served depends on what the sidecar does with records, and
 * nothing a caller does may hold it up.
 */
const limits = {
  /** Connections at once. One more closes the oldest, so that a health check always gets in. */
  connections: 64,
  headerBytes: 8_192,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  /** Without a byte in either direction: also a reader that takes no answer. */
  silenceMs: 30_000,
  keepAliveMs: 20_000,
} as const

/** On every answer: a browser shows it as what it is, keeps it nowhere, and runs nothing of it. */
const strictHeaders = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'",
  'x-frame-options': 'DENY',
} as const

const options = {
  maxHeaderSize: limits.headerBytes,
  headersTimeout: limits.headersTimeoutMs,
  requestTimeout: limits.requestTimeoutMs,
  keepAliveTimeout: limits.keepAliveMs,
  connectionsCheckingInterval: 1_000,
  // A check made with `nc` says none.
  requireHostHeader: false,
} as const satisfies ServerOptions

/** The server under the pages: limits of connections and headers, whatever `handle` answers. Not listening. */
export function createBoundedServer (handle: RequestListener, log: Logger): Server {
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(strictHeaders)) response.setHeader(name, value)
    // Nobody reads a body here, so the connection ends with the answer.
    if (hasBody(request)) response.setHeader('connection', 'close')
    handle(request, response)
  }
  const server = createServer(options, take)
  server.setTimeout(limits.silenceMs)
  // Without these, Node asks for the body, or answers by itself.
  server.on('checkContinue', take)
  server.on('checkExpectation', take)
  boundConnections(server, limits.connections)
  surviveFailedAccepts(server, log)
  return server
}

/** Answers what is no HTTP, and closes. Such a request reaches no page. */
export function refuseMalformed (error: Error & { readonly code?: string }, socket: Socket): void {
  const status = error.code === 'HPE_HEADER_OVERFLOW'
    ? '431 Request Header Fields Too Large'
    : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
  const body = `{"error":"${status.slice(4).toLowerCase()}"}\n`
  const headers = {
    'content-type': 'application/json', 'content-length': body.length, connection: 'close', ...strictHeaders,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\n${lines}\r\n${body}`)
  socket.destroy()
}

function hasBody ({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** The newest connection wins: whoever holds all of them cannot keep a health check out. */
function boundConnections (server: Server, maxCount: number): void {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    const [oldest] = open
    if (open.size > maxCount) oldest?.destroy()
  })
}

/** A failed accept (no descriptor left) is an 'error' of the socket, which would end the process. Told once a row. */
function surviveFailedAccepts (server: Server, log: Logger): void {
  let isRefusing = false
  server.on('connection', () => { isRefusing = false })
  server.on('error', error => {
    // A failed `listen` is the listener's to tell.
    if (!isRefusing && server.listening) log.warn({ error }, 'http connections refused')
    isRefusing = server.listening
  })
}
