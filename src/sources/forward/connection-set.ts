import type { Socket } from 'node:net'
import { Connection, type ConnectionOptions } from './connection.ts'
import { RateLimiter } from './rate-limiter.ts'

export interface ConnectionSetOptions extends Omit<ConnectionOptions, 'onWaiting'> {
  /** The last connection has closed. */
  readonly onEmpty: () => void
}

/** How often connections that wait for something are looked at, ms: while there are any. */
const lookMs = 5000
/** Connections that give way, and new ones that find no room, of which the log tells in a minute. */
const maxLogged = 5

/**
 * The connections of one source, within a bound.
 *
 * For one more, another gives way: the oldest that never sent a whole frame; where all did, the one whose last frame is
 * the longest ago, unless it is being read or waits for an ack. It may be that of a container that has little to say;
 * but a new sender that is shut out loses all that it has to say.
 */
export class ConnectionSet {
  readonly #options: ConnectionOptions
  readonly #onEmpty: () => void
  readonly #open = new Set<Connection>()
  /** Those told to close, until they have. */
  readonly #leaving = new Set<Connection>()
  readonly #logLimiter = new RateLimiter(maxLogged, 60_000)
  /** Ends the pause between two looks; undefined while nobody waits. */
  #looking: AbortController | undefined

  constructor ({ onEmpty, ...options }: ConnectionSetOptions) {
    this.#options = { ...options, onWaiting: () => this.#look() }
    this.#onEmpty = onEmpty
  }

  get size (): number { return this.#open.size + this.#leaving.size }
  get all (): Connection[] { return [...this.#open, ...this.#leaving] }

  /** Takes a new connection, or closes it when there is room neither for it nor to be made. */
  add (socket: Socket): void {
    const { counts, limits } = this.#options
    counts.connections.value++
    if (this.#open.size >= limits.maxConnections && !this.#makeRoom()) {
      counts.connectionsRefused.value++
      socket.on('error', () => undefined)
      socket.destroy()
      this.#tell({ peer: socket.remoteAddress }, 'new connection closed, all others are busy')
      return
    }
    const connection = new Connection(socket, this.#options)
    this.#open.add(connection)
    const closed = new Promise(resolve => socket.once('close', resolve))
    void Promise.all([connection.done, closed]).then(() => {
      this.#open.delete(connection)
      this.#leaving.delete(connection)
      if (this.size > 0) return
      this.#looking?.abort()
      this.#onEmpty()
    })
  }

  #makeRoom (): boolean {
    const { counts, clock } = this.#options
    let victim: Connection | undefined
    for (const connection of this.#open) {
      if (!connection.isProven) {
        victim = connection
        break
      }
      if (!connection.isIdle) continue
      if (victim === undefined || connection.lastFrameMs < victim.lastFrameMs) victim = connection
    }
    if (victim === undefined) return false
    const { isProven, peer, lastFrameMs } = victim
    counts.connectionsDisplaced[isProven ? 'idle' : 'unproven'].value++
    this.#open.delete(victim)
    this.#leaving.add(victim)
    victim.close()
    const reason = isProven ? 'idle' : 'unproven'
    this.#tell({ peer, reason, quietMs: Math.round(clock.monotonicMs() - lastFrameMs) }, 'connection closed to make room for a new one')
    return true
  }

  #tell (about: object, message: string): void {
    const { log, source, clock, limits } = this.#options
    const { isAllowed, isLast } = this.#logLimiter.take(clock.monotonicMs())
    if (!isAllowed) return
    const isMuted = isLast ? { muted: 'more of these within a minute are only counted' } : undefined
    log.warn({ source, maxConnections: limits.maxConnections, ...about, ...isMuted }, message)
  }

  /** Looks after those that wait, now and then, until none does. */
  #look (): void {
    if (this.#looking !== undefined) return
    this.#looking = new AbortController()
    const { clock } = this.#options
    void clock.sleep(lookMs, this.#looking.signal).then(() => {
      this.#looking = undefined
      const nowMs = clock.monotonicMs()
      let isWaiting = false
      for (const connection of this.all) isWaiting = connection.endOverdue(nowMs) || isWaiting
      if (isWaiting) this.#look()
    })
  }
}

// Tested in test/sources/forward/server.test.ts
