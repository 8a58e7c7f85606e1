import type { Alarm } from '../../contracts/alarms.ts'
import type { Clock } from '../../contracts/clock.ts'
import type { Acceptor } from '../../contracts/source.ts'
import { Place, type Line, type Lines, type Waiting } from './place.ts'

export interface TurnsOptions {
  /** What all senders fill together. */
  readonly room: Pick<Acceptor, 'isFull' | 'whenWritable'>
  readonly clock: Pick<Clock, 'monotonicMs' | 'alarm'>
  /** Longest time for which a sender waits for room, ms. */
  readonly maxStallMs: number
}

/** Most bytes of a turn while others wait: a small part of the write buffers. */
const maxTurnBytes = 128 * 1024
/**
 * Handing over for so long, by one or several, lets the event loop go on, ms. What a socket gives at once takes a tenth
 * of it, unless it is made to take longer.
 */
const maxWorkMs = 5
/** So little work that the event loop need not be asked whether it went on since, ms. */
const unnoticedWorkMs = 1

/**
 * Shares the event loop's time and the room of the spool between all senders of the process.
 *
 * Whoever finds nobody waiting begins at once. A turn is over after `maxWorkMs`, or after `maxTurnBytes` while others
 * wait; then the next one is served, and the event loop goes on in time. Each source has two lines, served in rotation,
 * longest wait first: one of senders that have little to say, which wait for little however many others send all they
 * can, and one of those that have much, or whose turn was not enough.
 *
 * When there is no room, a sender waits `maxStallMs` at most, time in the line included; then it has its turn all the
 * same, and what finds no room is dropped where that is counted.
 */
export class Turns {
  readonly #options: TurnsOptions
  readonly #linesOf = new Map<string, Lines>()
  /** All lines, the next to be served first. */
  readonly #rotation: Line[] = []
  #waitingCount = 0
  /** Handed over since the event loop went on last, ms. */
  #workedMs = 0
  /** The event loop will serve when it has gone on. */
  #isDue = false
  /** Turns are given one after the other, each when the one before has ended, since then, monotonic ms. */
  #servingSinceMs: number | undefined
  /** Goes off when somebody has waited for room for long enough. */
  readonly #stallOver: Alarm
  /** Counts the waits for room: one that has ended does not end the next. */
  #roomWaits = 0
  #awaitsRoom = false
  /** Those who waited for room since then, or longer, have waited for long enough. */
  #stallOverSinceMs = Number.NEGATIVE_INFINITY

  constructor (options: TurnsOptions) {
    this.#options = options
    this.#stallOver = options.clock.alarm(() => {
      this.#endRoomWait()
      this.#serveSoon()
    })
  }

  /** Senders that wait for their turn or for room. */
  get waitingCount (): number { return this.#waitingCount }

  /** A place for a sender of `source`. */
  place (source: string): Place {
    let lines = this.#linesOf.get(source)
    if (lines === undefined) {
      lines = { little: new Set(), much: new Set() }
      this.#linesOf.set(source, lines)
      this.#rotation.push(lines.little, lines.much)
    }
    return new Place(this, lines, this.#options.clock)
  }

  /** @internal True when a turn may begin without waiting. */
  get isFree (): boolean {
    return this.#workedMs < maxWorkMs && !(this.#waitingCount > 0 && this.#isDue)
  }

  /** @internal */
  isOver (workedMs: number, bytes: number): boolean {
    return this.#workedMs + workedMs >= maxWorkMs || (bytes >= maxTurnBytes && this.#waitingCount > 0)
  }

  /** @internal */
  worked (ms: number): void {
    this.#workedMs += ms
    if (this.#servingSinceMs !== undefined) this.#serve(this.#servingSinceMs)
    else if (this.#workedMs > unnoticedWorkMs) this.#serveSoon()
  }

  /** @internal */
  enter (waiting: Waiting): void {
    waiting.line.add(waiting)
    this.#waitingCount++
    if (waiting.needsRoom && this.#options.room.isFull && !waiting.place.isStallOver) this.#awaitRoom()
    else this.#serveSoon()
  }

  /** @internal */
  leave (waiting: Waiting): void {
    if (!waiting.line.delete(waiting)) return
    this.#waitingCount--
    if (this.#waitingCount === 0) this.#endRoomWait()
  }

  #serveSoon (): void {
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      this.#workedMs = 0
      this.#serve(this.#options.clock.monotonicMs())
    })
  }

  /** Lets one sender go on, and the next when its turn has ended, until the event loop has to go on. */
  #serve (sinceMs: number): void {
    this.#servingSinceMs = undefined
    if (this.#waitingCount === 0) return
    const isLate = this.#options.clock.monotonicMs() - sinceMs >= maxWorkMs
    const next = isLate ? undefined : this.#takeNext()
    if (next !== undefined) {
      this.#servingSinceMs = sinceMs
      this.leave(next)
      next.goOn()
    } else if (!isLate) {
      this.#awaitRoom()
      return
    }
    this.#serveSoon()
  }

  #takeNext (): Waiting | undefined {
    for (const [index, line] of this.#rotation.entries()) {
      const next = this.#firstOf(line)
      if (next === undefined) continue
      this.#rotation.splice(index, 1)
      this.#rotation.push(line)
      return next
    }
    return undefined
  }

  /** Who has waited longest of those who need not wait for room. */
  #firstOf (line: Line): Waiting | undefined {
    if (line.size === 0) return undefined
    const { room, clock, maxStallMs } = this.#options
    const { isFull } = room
    const nowMs = clock.monotonicMs()
    for (const waiting of line) {
      const { place, needsRoom, sinceMs } = waiting
      if (!isFull || !needsRoom || place.isStallOver) return waiting
      if (nowMs - sinceMs >= maxStallMs || sinceMs <= this.#stallOverSinceMs) {
        place.isStallOver = true
        return waiting
      }
    }
    return undefined
  }

  /** Serves again when there is room, or somebody has waited for it for long enough. */
  #awaitRoom (): void {
    if (this.#awaitsRoom) return
    this.#awaitsRoom = true
    const wait = ++this.#roomWaits
    const { room, clock, maxStallMs } = this.#options
    const nowMs = clock.monotonicMs()
    let sinceMs = nowMs
    for (const line of this.#rotation) for (const waiting of line) sinceMs = Math.min(sinceMs, waiting.sinceMs)
    this.#stallOver.at(Math.max(sinceMs + maxStallMs, nowMs + 1))
    // It ends after its own longest wait in any case: whoever is still out of room then has waited for long enough.
    void room.whenWritable().then(() => {
      if (room.isFull) this.#stallOverSinceMs = nowMs
      if (!this.#awaitsRoom || wait !== this.#roomWaits) return
      this.#endRoomWait()
      this.#serveSoon()
    })
  }

  #endRoomWait (): void {
    if (!this.#awaitsRoom) return
    this.#awaitsRoom = false
    this.#stallOver.clear()
  }
}
