import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { oneAtATime } from './one-at-a-time.ts'

/**
 * What one caller can take from the process. Nothing that is served depends on what the sidecar does with records, and
 * nothing a caller does may hold it up.
 */
const limits = {
  /** Connections at once. One more closes the oldest, so that a health check always gets in. */
  connections: 64,
  /** Requests of a connection that are not answered. One more closes it. */
  requests: 8,
  /** What is parsed of a connection before it may be closed. */
  pieceBytes: 1_024,
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
  // Each look wakes the process.
  connectionsCheckingInterval: 5_000,
  // A check made with `nc` says none.
  requireHostHeader: false,
} as const satisfies ServerOptions

/** The server under the pages: limits of connections and headers, whatever `handle` answers. Not listening. */
export function createBoundedServer (handle: RequestListener, log: Logger): Server {
  const take = oneAtATime(limits.requests, (request, response) => {
    for (const [name, value] of Object.entries(strictHeaders)) response.setHeader(name, value)
    // Nobody reads a body here, so the connection ends with the answer.
    if (hasBody(request)) response.setHeader('connection', 'close')
    handle(request, response)
  })
  const server = createServer(options, take)
  server.setTimeout(limits.silenceMs)
  // Without these, Node asks for the body, or answers by itself.
  server.on('checkContinue', take)
  server.on('checkExpectation', take)
  boundConnections(server, limits.connections)
  server.on('connection', (socket: Socket) => readInPieces(socket, limits.pieceBytes))
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

/**
 * Has the parser take little at a time. Node parses all that one read brought, 64 KiB and so thousands of requests,
 * even when one of the first made us close the connection, and keeps them until it is closed: megabytes for each.
 */
function readInPieces (socket: Socket, pieceBytes: number): void {
  // Else the parser takes the bytes before they come here.
  socket.on('data', () => undefined)
  const push = socket.push.bind(socket)
  socket.push = (chunk: Buffer | null) => {
    if (chunk === null) return push(chunk)
    let takesMore = true
    for (let start = 0; start < chunk.length && !socket.destroyed; start += pieceBytes) {
      takesMore = push(chunk.subarray(start, start + pieceBytes))
    }
    return takesMore
  }
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

// Tested in test/http/server.test.ts
