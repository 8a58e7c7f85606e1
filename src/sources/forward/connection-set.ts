import type { Socket } from 'node:net'
import type { Admission } from './admission.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import type { Entrant } from './entrant.ts'
import { createRateLimiter } from './rate-limiter.ts'

export interface ConnectionSetOptions extends Omit<ConnectionOptions, 'onWaiting'> {
  /** Says who may send; undefined: everyone. */
  readonly admission: Admission | undefined
  /** The last connection has closed. */
  readonly onEmpty: () => void
}

/** A connection whose sender is read, or has to show who it is. */
type Member = Connection | Entrant

/** How often connections that wait for something are looked at, ms: while there are any. */
const lookMs = 5000
/** Connections that give way, and new ones that find no room, of which the log tells in a minute. */
const maxLogged = 5

const advice = 'see who opens so many connections: one for each container is usual; if all are wanted, raise forward.maxConnections'

/**
 * The connections of one source, within a bound.
 *
 * For one more, another gives way: the oldest that never sent a whole frame; where all did, the one whose last frame is
 * the longest ago, unless it is being read or waits for an ack. It may be that of a container that has little to say;
 * but a new sender that is shut out loses all that it has to say.
 */
export class ConnectionSet {
  readonly #options: ConnectionOptions
  readonly #admission: Admission | undefined
  readonly #onEmpty: () => void
  readonly #open = new Set<Member>()
  /** Those told to close, until they have. */
  readonly #leaving = new Set<Member>()
  readonly #logLimiter = createRateLimiter(maxLogged)
  /** Ends the pause between two looks; undefined while nobody waits. */
  #looking: AbortController | undefined

  constructor ({ onEmpty, admission, ...options }: ConnectionSetOptions) {
    this.#options = { ...options, onWaiting: () => this.#look() }
    this.#admission = admission
    this.#onEmpty = onEmpty
  }

  get size (): number { return this.#open.size + this.#leaving.size }
  get all (): Member[] { return [...this.#open, ...this.#leaving] }

  /** Takes a new connection, or closes it when there is room neither for it nor to be made. */
  add (socket: Socket): void {
    const { counts, limits } = this.#options
    counts.connections.value++
    if (this.#admission?.refuses(socket) === true) return
    if (this.#open.size >= limits.maxConnections && !this.#makeRoom()) {
      counts.connectionsRefused.value++
      socket.on('error', () => undefined)
      socket.destroy()
      this.#tell(socket.remoteAddress, {}, 'new connection closed, all others are busy')
      return
    }
    const entrant = this.#admission?.enter(socket)
    if (entrant === undefined) this.#hold(new Connection(socket, this.#options), socket)
    else this.#admit(entrant, socket)
  }

  #hold (connection: Connection, socket: Socket): void {
    this.#open.add(connection)
    const closed = new Promise(resolve => socket.once('close', resolve))
    void Promise.all([connection.done, closed]).then(() => this.#drop(connection))
  }

  /** Its place is that of the connection when its sender is let in. */
  #admit (entrant: Entrant, raw: Socket): void {
    this.#open.add(entrant)
    const closed = new Promise(resolve => raw.once('close', resolve))
    void entrant.admitted.then(async socket => {
      // A socket that is closed has told so already, or is about to.
      if (socket === undefined || socket.destroyed) await closed
      else this.#hold(new Connection(socket, this.#options), socket)
      this.#drop(entrant)
    })
  }

  #drop (member: Member): void {
    this.#open.delete(member)
    this.#leaving.delete(member)
    if (this.size > 0) return
    this.#looking?.abort()
    this.#onEmpty()
  }

  #makeRoom (): boolean {
    const { counts, clock } = this.#options
    let victim: Member | undefined
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
    this.#tell(peer, { reason, quietMs: Math.round(clock.monotonicMs() - lastFrameMs) }, 'connection closed to make room for a new one')
    return true
  }

  #tell (peer: string | undefined, about: object, message: string): void {
    const { log, source, clock, limits } = this.#options
    const allowed = this.#logLimiter(clock.monotonicMs(), `${message} ${peer}`)
    if (allowed === undefined) return
    log.warn({ source, maxConnections: limits.maxConnections, peer, ...about, advice, ...allowed }, message)
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
