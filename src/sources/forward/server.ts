import { chmod, lstat } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { dirname } from 'node:path'
import { makeDirectories } from '../../bytes/file-calls.ts'
import type { Acceptor, ClosedSource, Source } from '../../contracts/source.ts'
import { untilQuiet } from '../quiet.ts'
import { createAdmission, type AccessOptions, type Admission } from './admission.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { ConnectionSet } from './connection-set.ts'
import { createForwardCounts, type ForwardCounts } from './forward-counts.ts'
import type { ForwardLimits } from './limits.ts'
import type { ForwardShare } from './share.ts'
import { clearStaleSocket } from './stale-socket.ts'
import { troubleOf, type Trouble } from './trouble.ts'
import type { Instruments } from '../../telemetry/instruments.ts'

/** Where to listen. Port 0 is any free one. */
export type Listen =
  | { readonly kind: 'unix', readonly path: string, readonly mode: number }
  | { readonly kind: 'tcp', readonly host: string, readonly port: number }

export interface ForwardSourceOptions extends Pick<Instruments, 'clock' | 'metrics' | 'log'> {
  readonly listen: Listen
  readonly limits: ForwardLimits
  /** The same for all sources of the process. */
  readonly share: ForwardShare
  /** Who may send; undefined: everyone. */
  readonly access?: AccessOptions
  /** Longest pause between two reads of a sender that sends little, ms; 0 for none. */
  readonly pauseMs: number
  /** A stop reads on until nothing came for so long, ms. */
  readonly quietMs: number
  readonly acceptor: Acceptor
  /** Whether a unix socket was removed; tests pass one that hangs. */
  readonly isGone?: (path: string) => Promise<boolean>
}

const firstRetryMs = 500
const maxRetryMs = 30_000
/** A stop hands over what was read for so long, ms: more than any sender waits for room. */
const lastRecordsMs = 5000
/** Refused frames and senders that are logged in a minute: one of each reason and peer. */
const maxLoggedRefusals = 30

/**
 * A source that listens for the Forward protocol. A socket that cannot be opened is tried again for ever, ever more
 * slowly; that is logged once for each different reason.
 */
export class ForwardSource implements Source {
  readonly name: string
  readonly #options: ForwardSourceOptions
  readonly #counts: ForwardCounts
  readonly #admission: Admission | undefined
  readonly #connections: ConnectionSet
  readonly #stopped = new AbortController()
  readonly #allClosed = new AbortController()
  #server: Server | undefined
  #state: 'new' | 'opening' | 'open' | 'draining' | 'closed' = 'new'
  #closed: ClosedSource | undefined
  #isLooking = false
  #drained: Promise<void> | undefined

  constructor (options: ForwardSourceOptions) {
    const { listen, metrics } = options
    this.name = listen.kind
    this.#options = options
    this.#counts = createForwardCounts(metrics, this.name)
    const refusalLimiter = createRateLimiter(maxLoggedRefusals)
    const shared = { ...options, source: this.name, counts: this.#counts, refusalLimiter }
    this.#admission = options.access && createAdmission({ ...shared, access: options.access })
    this.#connections = new ConnectionSet({
      ...shared,
      admission: this.#admission,
      onEmpty: () => { if (this.#state === 'draining') this.#allClosed.abort() },
    })
    metrics.gauge('sluice_connections', [this.name], () => this.#connections.size)
  }

  get isOpen (): boolean {
    return this.#state === 'open'
  }

  get closed (): ClosedSource | undefined {
    return this.#state === 'opening' ? this.#closed : undefined
  }

  get lastReceivedMs (): number | undefined {
    return this.#counts.receivedBytes.value === 0 ? undefined : this.#counts.lastReceivedMs
  }

  /** Port it listens on; 0 on a unix socket, or while it does not listen. */
  get port (): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  async start (): Promise<void> {
    if (this.#state !== 'new') return
    this.#state = 'opening'
    const trouble = await this.#open()
    if (trouble !== undefined) void this.#openLater(trouble)
  }

  async look (): Promise<void> {
    const { listen, isGone = isMissing, log } = this.#options
    if (listen.kind !== 'unix' || this.#state !== 'open' || this.#isLooking) return
    // While the disk hangs, one thread waits for it, not one more each time.
    this.#isLooking = true
    const isRemoved = await isGone(listen.path)
    this.#isLooking = false
    if (!isRemoved || this.#state !== 'open') return
    this.#state = 'opening'
    const help = 'find out who removes it: nobody new could connect'
    log.warn({ source: this.name, path: listen.path, help }, 'the socket was removed, opening it again')
    // Those who are connected stay.
    this.#server?.close()
    const trouble = await this.#open()
    if (trouble !== undefined) void this.#openLater(trouble)
  }

  drain (signal: AbortSignal): Promise<void> {
    this.#drained ??= this.#drain(signal)
    return this.#drained
  }

  async #drain (signal: AbortSignal): Promise<void> {
    this.#state = 'draining'
    this.#stopped.abort()
    // Takes no more connections; those that are there go on. Removes the unix socket.
    this.#server?.close()
    if (this.#connections.size === 0) this.#allClosed.abort()
    const { clock, quietMs } = this.#options
    const lastReceivedMs = () => this.#counts.lastReceivedMs
    await untilQuiet({ clock, quietMs, lastReceivedMs, ended: this.#allClosed.signal, signal })
    const connections = this.#connections.all
    for (const connection of connections) connection.stop()
    // Acks wait for the spool; when it takes longer than a quiet time, their senders send again.
    const allDone = Promise.all(connections.map(connection => connection.done))
    await Promise.race([allDone, clock.sleep(quietMs, this.#allClosed.signal)])
    for (const connection of connections) connection.destroy()
    // What was read is handed over; of a frame that has more records than there is time, the rest is not.
    const allRead = Promise.all(connections.map(connection => connection.hasRead))
    const isRead = new AbortController()
    await Promise.race([allRead, clock.sleep(lastRecordsMs, isRead.signal)])
    isRead.abort()
    for (const connection of connections) connection.close()
    await allRead
    this.#state = 'closed'
  }

  /** Tries again until it listens or is stopped; says so when the reason changes, and when it is over. */
  async #openLater (firstTrouble: Trouble): Promise<void> {
    const { clock, log, listen } = this.#options
    const sinceMs = clock.monotonicMs()
    let trouble: Trouble | undefined = firstTrouble
    let loggedReason = ''
    for (let pauseMs = firstRetryMs; trouble !== undefined; pauseMs = Math.min(pauseMs * 2, maxRetryMs)) {
      if (trouble.reason !== loggedReason) {
        log.error({ source: this.name, listen: inWords(listen), ...trouble }, 'cannot listen, trying again')
        loggedReason = trouble.reason
      }
      this.#closed = { sinceMs, words: `${trouble.reason}: ${trouble.help}` }
      await clock.sleep(pauseMs, this.#stopped.signal)
      if (this.#stopped.signal.aborted) return
      trouble = await this.#open()
    }
  }

  /** Listens; otherwise says why not. */
  async #open (): Promise<Trouble | undefined> {
    const { listen, log } = this.#options
    try {
      await this.#admission?.load()
    } catch (error) {
      return troubleOf('credentials', error)
    }
    const server = this.#createServer()
    try {
      if (listen.kind === 'unix') {
        await makeDirectories(dirname(listen.path))
        const obstacle = await clearStaleSocket(listen.path)
        if (obstacle !== 'none') return troubleOf(obstacle)
      }
      await listening(server, listen)
      if (listen.kind === 'unix') await chmod(listen.path, listen.mode)
    } catch (error) {
      server.close()
      return troubleOf((error as NodeJS.ErrnoException).code ?? 'unknown', error)
    }
    if (this.#stopped.signal.aborted) {
      server.close()
      return undefined
    }
    this.#server = server
    this.#state = 'open'
    this.#closed = undefined
    void this.#admission?.keepLoading(this.#stopped.signal)
    log.info({ source: this.name, listen: inWords(listen), ...(this.port > 0 ? { port: this.port } : {}) }, 'listening')
    return undefined
  }

  #createServer (): Server {
    const { log } = this.#options
    // With a mark of 1 byte, a socket that is not read stops after one read ahead; by default it would gather more.
    const server = createServer({ highWaterMark: 1, allowHalfOpen: true, noDelay: true, keepAlive: true })
    server.on('connection', socket => this.#connections.add(socket))
    // Too many open files, for one; before it listens, `listening` below reports the error.
    server.on('error', error => {
      if (server.listening) log.error({ source: this.name, error }, 'a connection could not be accepted')
    })
    return server
  }
}

async function isMissing (path: string): Promise<boolean> {
  try {
    await lstat(path)
    return false
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR'
  }
}

/** As the log has it: a mode is octal for everyone who reads one. */
function inWords (listen: Listen): object {
  return listen.kind === 'unix' ? { ...listen, mode: `0${listen.mode.toString(8)}` } : listen
}

async function listening (server: Server, listen: Listen): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(listen.kind === 'unix' ? { path: listen.path } : { host: listen.host, port: listen.port }, resolve)
  try {
    await promise
  } finally {
    server.off('error', reject)
  }
}
