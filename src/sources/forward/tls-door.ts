import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'

export interface TlsDoorOptions {
  readonly cert: Buffer
  readonly key: Buffer
  /** Who has to have issued the certificate of a sender; undefined: it need not show one. */
  readonly clientCa: Buffer | undefined
}

/** What became of a handshake. `closed`: the sender went away. */
export type Secured =
  | { readonly kind: 'socket', readonly socket: TLSSocket }
  | { readonly kind: 'refused', readonly reason: 'tls' | 'client_certificate' | 'closed', readonly detail: string }

/** Only with a key of its own for each connection: who steals the certificate's key can read nothing of the past. */
const ciphers = [
  'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** TLS with one certificate, for connections that somebody else has accepted. */
export class TlsDoor {
  /** It never listens. */
  readonly #server: Server
  readonly #asksForCertificate: boolean
  /** Those in the handshake, by their addresses. */
  readonly #waiting = new Map<string, (outcome: Secured) => void>()

  /** @throws Error when the key is none, or not that of the certificate */
  constructor ({ cert, key, clientCa }: TlsDoorOptions) {
    this.#asksForCertificate = clientCa !== undefined
    this.#server = createServer({
      cert,
      key,
      ciphers,
      minVersion: 'TLSv1.2',
      // Something, so that the roots of the whole web are not loaded, which nobody here is asked for.
      ca: clientCa ?? cert,
      requestCert: this.#asksForCertificate,
      // Refused below, where the reason is known.
      rejectUnauthorized: false,
      // Every connection shows its certificate anew.
      secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
    })
    this.#server.on('secureConnection', socket => {
      socket.on('error', () => undefined)
      this.#end(socket, this.#judge(socket))
    })
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      socket.on('error', () => undefined)
      this.#end(socket, { kind: 'refused', reason: 'tls', detail: error.code ?? error.message })
    })
  }

  /** Makes the handshake with the sender behind a socket. It ends at the latest when that is closed. Never rejects. */
  async secure (raw: Socket): Promise<Secured> {
    const id = idOf(raw)
    if (id === undefined) return gone
    return await new Promise<Secured>(resolve => {
      const onClose = () => {
        this.#waiting.delete(id)
        resolve(gone)
      }
      raw.once('close', onClose)
      this.#waiting.set(id, outcome => {
        raw.off('close', onClose)
        resolve(outcome)
      })
      this.#server.emit('connection', raw)
    })
  }

  #judge (socket: TLSSocket): Secured {
    if (!this.#asksForCertificate) return { kind: 'socket', socket }
    // A session that goes on shows no certificate. There are none: see above.
    if (socket.authorized && !socket.isSessionReused()) return { kind: 'socket', socket }
    const error: unknown = socket.authorizationError
    const detail = Object.keys(socket.getPeerCertificate()).length === 0 ? 'no certificate shown' : String(error)
    return { kind: 'refused', reason: 'client_certificate', detail }
  }

  #end (socket: TLSSocket, outcome: Secured): void {
    const id = idOf(socket)
    const end = id === undefined ? undefined : this.#waiting.get(id)
    if (id !== undefined) this.#waiting.delete(id)
    if (end !== undefined) end(outcome)
    // Nobody waits for it any more.
    else socket.destroy()
  }
}

const gone = { kind: 'refused', reason: 'closed', detail: 'closed by the sender' } as const

/** No two open connections have the same; undefined when it is closed. */
function idOf ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string | undefined {
  if (remoteAddress === undefined) return undefined
  return `${remoteAddress} ${remotePort ?? 0} ${localAddress ?? ''} ${localPort ?? 0}`
}
