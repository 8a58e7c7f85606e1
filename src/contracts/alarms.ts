/** Calls its action at a time; not set at first. */
export interface Alarm {
  /** Goes off at `dueMs`, monotonic ms, or a little later, in place of any time that it was set to before. */
  at (dueMs: number): void
  /** Does not go off. Safe when it is not set. */
  clear (): void
}

/** Node's timers, as tests may replace them. */
export interface Timers {
  set (action: () => void, ms: number): unknown
  clear (timer: unknown): void
}

const systemTimers: Timers = {
  set: (action, ms) => setTimeout(action, ms),
  clear: timer => clearTimeout(timer as NodeJS.Timeout | undefined),
}

/** A wait as long as `coarseMs` ends at a whole multiple of `grainMs`: up to so much later. */
const coarseMs = 100
const grainMs = 50
/** A timer of Node may come so much too early, ms. */
const earlyMs = 1

/**
 * All alarms of a process, on one timer. Waking up costs more than most of what is done then, so alarms that are not
 * soon go off together.
 */
export class Alarms {
  readonly #nowMs: () => number
  readonly #timers: Timers
  /** Those that are set: a few dozen. */
  readonly #set = new Set<SetAlarm>()
  #timer: unknown
  #timerDueMs = Infinity
  readonly #goOff = () => this.#ring()

  constructor (nowMs: () => number, timers: Timers = systemTimers) {
    this.#nowMs = nowMs
    this.#timers = timers
  }

  create (action: () => void): Alarm {
    const alarm: SetAlarm = { dueMs: Infinity, action }
    return {
      at: dueMs => {
        const nowMs = this.#nowMs()
        alarm.dueMs = dueMs - nowMs < coarseMs ? Math.max(dueMs, nowMs) : Math.ceil(dueMs / grainMs) * grainMs
        this.#set.add(alarm)
        this.#arm(alarm.dueMs, nowMs)
      },
      clear: () => {
        this.#set.delete(alarm)
        if (this.#set.size > 0) return
        this.#timers.clear(this.#timer)
        this.#timer = undefined
        this.#timerDueMs = Infinity
      },
    }
  }

  #arm (dueMs: number, nowMs: number): void {
    if (dueMs >= this.#timerDueMs) return
    if (this.#timer !== undefined) this.#timers.clear(this.#timer)
    this.#timerDueMs = dueMs
    this.#timer = this.#timers.set(this.#goOff, Math.max(1, Math.ceil(dueMs - nowMs)))
  }

  #ring (): void {
    this.#timer = undefined
    this.#timerDueMs = Infinity
    const limitMs = this.#nowMs() + earlyMs
    try {
      // One that its action sets again comes last: it has its turn the next time, however soon that is.
      let left = this.#set.size
      for (const alarm of this.#set) {
        if (left-- === 0) break
        if (alarm.dueMs > limitMs) continue
        this.#set.delete(alarm)
        alarm.action()
      }
    } finally {
      // Also after an action that threw, for those behind it.
      let nextMs = Infinity
      for (const { dueMs } of this.#set) nextMs = Math.min(nextMs, dueMs)
      if (nextMs < Infinity) this.#arm(nextMs, this.#nowMs())
    }
  }
}

interface SetAlarm { dueMs: number, readonly action: () => void }
