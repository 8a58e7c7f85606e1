import type { Socket } from 'node:net'
import { createCredentialReader, type CredentialOptions, type Credentials } from './credentials.ts'
import { Entrant, type EntryRefusal } from './entrant.ts'
import type { ForwardCounts } from './forward-counts.ts'
import { amongNetworks } from './networks.ts'
import type { RateLimiter } from './rate-limiter.ts'
import type { ForwardShare } from './share.ts'
import type { Instruments } from '../../telemetry/instruments.ts'

/** Who may send. */
export interface AccessOptions extends CredentialOptions {
  /** Networks; empty: everyone. */
  readonly allow: readonly string[]
  readonly handshakeTimeoutMs: number
  /** How often files are read again, ms. */
  readonly reloadMs: number
}

export interface AdmissionOptions extends Pick<Instruments, 'clock' | 'metrics' | 'log'> {
  readonly access: AccessOptions
  readonly source: string
  readonly share: ForwardShare
  readonly counts: Pick<ForwardCounts, 'sendersRefused'>
  readonly refusalLimiter: RateLimiter
}

/** A certificate that ends sooner is warned of, once a day. */
const soonMs = 14 * 86_400_000
const dayMs = 86_400_000

/** Says who may send to one source. */
export class Admission {
  readonly #options: AdmissionOptions
  /** undefined: an address of any network may send. */
  readonly #mayBeOf: ReturnType<typeof amongNetworks> | undefined
  #read: ReturnType<typeof createCredentialReader>
  #credentials: Credentials = { tls: undefined, secrets: undefined, certificate: undefined }
  #hasLoaded = false
  /** What could not be used when it was looked at last; told once. */
  #troubleWords = ''
  #tellExpiryMs = Number.NEGATIVE_INFINITY

  constructor (options: AdmissionOptions) {
    this.#options = options
    const { access, metrics, source } = options
    this.#mayBeOf = access.allow.length === 0 ? undefined : amongNetworks(access.allow)
    this.#read = createCredentialReader(access)
    if (access.tls.cert !== 'off') {
      metrics.gauge('sluice_tls_certificate_expiry_seconds', [source], () => this.#certificateLeftMs / 1000)
    }
  }

  /**
   * Reads the files for the first time; safe to call until it succeeds.
   *
   * @throws Error that names the setting and what is wrong
   */
  async load (): Promise<void> {
    if (this.#hasLoaded) return
    // What was tried before and could not be used is tried again.
    this.#read = createCredentialReader(this.#options.access)
    const credentials = await this.#read()
    if (credentials !== undefined) this.#use(credentials)
    this.#hasLoaded = true
  }

  /** Reads the files now and then, until `stopped` aborts. Called once. Never rejects. */
  async keepLoading (stopped: AbortSignal): Promise<void> {
    const { clock, access: { reloadMs } } = this.#options
    if (!this.#hasFiles) return
    for (;;) {
      this.#tellExpiry()
      await clock.sleep(reloadMs, stopped)
      if (stopped.aborted) return
      await this.#reload()
    }
  }

  /** True if the socket is of no network that may send: it is closed then. */
  refuses (socket: Socket): boolean {
    if (this.#mayBeOf?.(socket.remoteAddress) !== false) return false
    this.#onRefused('network', 'not in a network of tcpAllow', socket.remoteAddress)
    socket.on('error', () => undefined)
    socket.destroy()
    return true
  }

  /** Asks a sender who it is; undefined when nobody is asked. */
  enter (socket: Socket): Entrant | undefined {
    const credentials = this.#credentials
    if (credentials.tls === undefined && credentials.secrets === undefined) return undefined
    const { share, source, clock, access } = this.#options
    return new Entrant(socket, {
      credentials,
      timeoutMs: access.handshakeTimeoutMs,
      place: share.turns.place(source),
      clock,
      onRefused: (reason, detail, peer) => this.#onRefused(reason, detail, peer),
    })
  }

  get #hasFiles (): boolean {
    const { tls, auth } = this.#options.access
    return [tls.cert, auth.sharedKeyFile, auth.usersFile].some(path => path !== 'off')
  }

  get #certificateLeftMs (): number {
    const { certificate } = this.#credentials
    return certificate === undefined ? 0 : certificate.validToDate.getTime() - this.#options.clock.wallMs()
  }

  /** What is there stays until something else can be used. */
  async #reload (): Promise<void> {
    const { log, source } = this.#options
    try {
      const credentials = await this.#read()
      if (credentials !== undefined) this.#use(credentials)
      this.#troubleWords = ''
    } catch (error) {
      const { message } = error as Error
      if (message === this.#troubleWords) return
      this.#troubleWords = message
      log.warn({ source, error }, 'files of tcpTls and tcpAuth cannot be used, those read before stay in use')
    }
  }

  #use (credentials: Credentials): void {
    const { log, source } = this.#options
    this.#credentials = credentials
    const { certificate, tls, secrets } = credentials
    if (tls === undefined && secrets === undefined) return
    const about = certificate === undefined
      ? undefined
      : { certificate: certificate.fingerprint256, validTo: certificate.validToDate.toISOString() }
    this.#tellExpiryMs = Number.NEGATIVE_INFINITY
    log.info({ source, ...about }, this.#hasLoaded ? 'files of tcpTls and tcpAuth have changed, used from now on' : 'senders have to show who they are')
  }

  #tellExpiry (): void {
    const { log, source, clock } = this.#options
    const nowMs = clock.monotonicMs()
    const leftMs = this.#certificateLeftMs
    if (this.#credentials.certificate === undefined || leftMs > soonMs || nowMs < this.#tellExpiryMs) return
    this.#tellExpiryMs = nowMs + dayMs
    const message = leftMs > 0 ? 'the certificate of tcpTls ends soon' : 'the certificate of tcpTls has ended, senders will refuse it'
    log.warn({ source, validTo: this.#credentials.certificate.validToDate.toISOString() }, message)
  }

  #onRefused (reason: EntryRefusal | 'network', detail: string, peer: string | undefined): void {
    const { counts, refusalLimiter, clock, log, source } = this.#options
    counts.sendersRefused(reason).value++
    // Somebody who looks whether the port is open.
    if (reason === 'closed') return
    const allowed = refusalLimiter(clock.monotonicMs(), `${detail} ${peer}`)
    if (allowed !== undefined) log.warn({ source, peer, reason, detail, ...allowed }, 'sender not let in, connection closed')
  }
}

/** undefined when everyone may send. */
export function createAdmission (options: AdmissionOptions): Admission | undefined {
  const { allow, tls, auth } = options.access
  const isOpen = allow.length === 0 && tls.cert === 'off' && auth.sharedKey === 'off' && auth.sharedKeyFile === 'off'
  return isOpen ? undefined : new Admission(options)
}
