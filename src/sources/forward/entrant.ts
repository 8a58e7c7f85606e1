import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Clock } from '../../contracts/clock.ts'
import { SluiceError } from '../../contracts/errors.ts'
import type { Credentials } from './credentials.ts'
import { FrameScanner, incomplete } from './frame-scanner.ts'
import { Handshake, type ForwardSecrets } from './handshake.ts'
import type { ForwardLimits } from './limits.ts'
import { hex } from './refusal.ts'
import type { Place } from './place.ts'

/** Why a sender is not let in: `reason` labels of `sluice_connections_refused_total`. */
export type EntryRefusal = 'tls' | 'client_certificate' | 'ping' | 'shared_key' | 'user' | 'handshake_timeout' | 'closed'

export interface EntrantOptions {
  readonly credentials: Credentials
  /** For TLS and authentication together, ms. */
  readonly timeoutMs: number
  readonly place: Place
  readonly clock: Clock
  /** It is not let in. */
  readonly onRefused: (reason: EntryRefusal, detail: string, peer: string | undefined) => void
}

interface LastWords { readonly socket: Socket, readonly bytes: Buffer }

/** Longest PING, bytes: three short texts and two digests of 128. */
const maxPingBytes = 4096
const pingLimits: ForwardLimits = {
  maxFrameBytes: maxPingBytes,
  maxNesting: 4,
  maxItems: 16,
  maxEntries: 1,
  maxDecompressedBytes: 0,
  maxLineBytes: 0,
  maxConnections: 0,
}
const noBytes = Buffer.alloc(0)
/** The head of a TLS record that begins a handshake, and its greatest length. Source: RFC 8446, 5.1 */
const tlsHandshake = 0x16
const tlsHeadBytes = 5
const maxTlsRecordBytes = 16_384

/**
 * A connection whose sender has not shown yet who it is. It counts like any other, as one that never sent a frame, and
 * ends after a while.
 */
export class Entrant {
  /** Resolves with what its sender is read from; undefined when it is not let in. Never rejects. */
  readonly admitted: Promise<Socket | undefined>
  readonly isProven = false
  readonly isIdle = true
  readonly lastFrameMs: number
  readonly peer: string | undefined

  readonly #raw: Socket
  readonly #options: EntrantOptions
  /** Aborts when it is known whether its sender is let in. */
  readonly #over = new AbortController()
  /** Aborts when the sender is let in, or the connection closed. */
  readonly #ended = new AbortController()

  /** Begins the handshake. The socket is closed unless it is let in. */
  constructor (raw: Socket, options: EntrantOptions) {
    this.#raw = raw
    this.#options = options
    this.peer = raw.remoteAddress
    this.lastFrameMs = options.clock.monotonicMs()
    raw.on('error', () => undefined)
    raw.once('close', () => this.#ended.abort())
    void this.#endInTime()
    this.admitted = this.#admit()
  }

  /** As of `Connection`: no records come from it. */
  get hasRead (): Promise<unknown> { return this.admitted }
  get done (): Promise<unknown> { return this.admitted }
  stop (): void { this.close() }
  destroy (): void { this.close() }
  /** It has a timer of its own. */
  endOverdue (): boolean { return false }

  close (): void {
    this.#over.abort()
    this.#options.place.cancel()
    this.#raw.destroy()
  }

  async #admit (): Promise<Socket | undefined> {
    const { credentials: { tls, secrets } } = this.#options
    const socket = tls === undefined ? this.#raw : await this.#secure(tls)
    const isLetIn = socket !== undefined && (secrets === undefined || await this.#authenticate(socket, secrets))
    if (this.#isOver || !isLetIn) return undefined
    this.#over.abort()
    this.#ended.abort()
    return socket
  }

  get #isOver (): boolean { return this.#over.signal.aborted }

  async #endInTime (): Promise<void> {
    const { clock, timeoutMs } = this.#options
    await clock.sleep(timeoutMs, this.#ended.signal)
    if (this.#ended.signal.aborted) return
    // Also one that is refused, and does not take what it is told.
    this.#raw.destroy()
    this.#refuse('handshake_timeout', `expected the handshake to end within ${timeoutMs} ms`)
  }

  /** Says why it is not let in, once. */
  #refuse (reason: EntryRefusal, detail: string, lastWords?: LastWords): void {
    if (this.#isOver) return
    this.#options.onRefused(reason, detail, this.peer)
    if (lastWords === undefined) {
      this.close()
      return
    }
    this.#over.abort()
    lastWords.socket.end(lastWords.bytes, () => this.#raw.destroy())
  }

  /** The handshake takes a signature, a millisecond or more, so it waits for its turn like the frames of others. */
  async #secure (tls: NonNullable<Credentials['tls']>): Promise<Socket | undefined> {
    const raw = this.#raw
    const hello = await this.#read(raw, helloEnd)
    if (hello === undefined) return undefined
    raw.unshift(hello)
    const { place } = this.#options
    await place.begin(hello.length)
    if (this.#isOver) {
      place.end()
      return undefined
    }
    const secured = tls.secure(raw)
    // It takes what was read in a `nextTick` that is due before this one.
    await new Promise<void>(resolve => { process.nextTick(resolve) })
    place.end()
    const outcome = await secured
    if (outcome.kind === 'socket') return outcome.socket
    this.#refuse(outcome.reason, outcome.detail)
    return undefined
  }

  async #authenticate (socket: Socket, secrets: ForwardSecrets): Promise<boolean> {
    const handshake = new Handshake(secrets)
    const scanner = new FrameScanner(pingLimits)
    socket.write(handshake.helo)
    const ping = await this.#read(socket, bytes => scanner.scan(bytes, 0, bytes.length))
    if (ping === undefined) return false
    const { refusal, pong } = handshake.answer(ping)
    if (refusal === undefined) {
      socket.write(pong)
      return true
    }
    const details = {
      ping: 'expected the answer to the greeting (PING), found another message',
      shared_key: 'the sender has another shared key',
      user: 'no such user, or another password',
    }
    this.#refuse(refusal, details[refusal], { socket, bytes: pong })
    return false
  }

  /** Reads the first message, whose end `endOf` finds; what comes behind it stays. Undefined when it is over. */
  async #read (stream: Socket, endOf: (bytes: Buffer) => number): Promise<Buffer | undefined> {
    const { signal } = this.#over
    let bytes = noBytes
    while (!this.#isOver) {
      const piece = stream.read() as Buffer | null
      if (piece === null) {
        if (stream.readableEnded || stream.destroyed) {
          this.#refuse('closed', 'closed by the sender')
          return undefined
        }
        await somethingOf(stream, signal)
        continue
      }
      bytes = Buffer.concat([bytes, piece])
      try {
        const end = endOf(bytes)
        if (end === incomplete) continue
        if (end < bytes.length) stream.unshift(Buffer.from(bytes.subarray(end)))
        return bytes.subarray(0, end)
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error
        this.#refuse(error.reason === 'tls' ? 'tls' : 'ping', error.message)
        return undefined
      }
    }
    return undefined
  }
}

/** The end of the record that begins a TLS handshake. */
function helloEnd (bytes: Buffer): number {
  if (bytes[0] !== tlsHandshake) {
    throw new SluiceError('ERR_FRAME', `expected TLS, found ${hex(bytes[0])}`, { reason: 'tls' })
  }
  if (bytes.length < tlsHeadBytes) return incomplete
  const recordBytes = bytes.readUInt16BE(3)
  // The whole greeting is in it: or else the costly answer would come when others have their turn.
  const helloBytes = bytes.length < tlsHeadBytes + 4 ? 0 : bytes.readUIntBE(tlsHeadBytes + 1, 3) + 4
  if (recordBytes > maxTlsRecordBytes || helloBytes > recordBytes) {
    throw new SluiceError('ERR_FRAME', 'expected a TLS greeting in one record, found another', { reason: 'tls' })
  }
  return bytes.length < tlsHeadBytes + recordBytes ? incomplete : tlsHeadBytes + recordBytes
}

/** Resolves when a stream has something to tell, or `signal` aborts. */
async function somethingOf (stream: Readable, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const events = ['readable', 'end', 'close', 'error'] as const
  const wake = () => resolve()
  for (const event of events) stream.on(event, wake)
  signal.addEventListener('abort', wake, { once: true })
  await promise
  signal.removeEventListener('abort', wake)
  for (const event of events) stream.off(event, wake)
}

// Tested in test/sources/forward/admission.test.ts
