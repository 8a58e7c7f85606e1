import type { Alarm } from '../../src/contracts/alarms.ts'
import type { Clock } from '../../src/contracts/clock.ts'

/**
 * A clock that stands still until the test moves it. Sleeps end when their time has come, or at once when aborted.
 * Wall time and monotonic time begin far apart, so that code which mixes the two fails.
 */
export class ManualClock implements Clock {
  #wallMs: number
  #monotonicMs = 5_000
  readonly #sleepers = new Set<{ readonly dueMs: number, readonly wake: () => void }>()
  /** Every sleep asked for, and every time until an alarm, ms, in order. */
  readonly sleeps: number[] = []

  constructor (wallMs = Date.UTC(2026, 10, 23, 10, 30)) {
    this.#wallMs = wallMs
  }

  wallMs (): number { return this.#wallMs }
  monotonicMs (): number { return this.#monotonicMs }

  async sleep (ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms)
    if (signal?.aborted || ms <= 0) return
    await new Promise<void>(resolve => {
      const sleeper = { dueMs: this.#monotonicMs + ms, wake: () => { this.#sleepers.delete(sleeper); resolve() } }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', sleeper.wake, { once: true })
    })
  }

  alarm (action: () => void): Alarm {
    let sleeper: { readonly dueMs: number, readonly wake: () => void } | undefined
    const clear = () => {
      if (sleeper !== undefined) this.#sleepers.delete(sleeper)
    }
    return {
      clear,
      at: dueMs => {
        clear()
        this.sleeps.push(dueMs - this.#monotonicMs)
        sleeper = { dueMs, wake: () => { clear(); action() } }
        this.#sleepers.add(sleeper)
      },
    }
  }

  /** Moves time on and wakes who is due, earliest first, letting each react before the next. */
  async advance (ms: number): Promise<void> {
    const target = this.#monotonicMs + ms
    await turns()
    for (;;) {
      const due = [...this.#sleepers].filter(({ dueMs }) => dueMs <= target).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (due === undefined) break
      this.#pass(due.dueMs - this.#monotonicMs)
      due.wake()
      await turns()
    }
    this.#pass(target - this.#monotonicMs)
    await turns()
  }

  /** Sets wall time on or back, as an administrator or NTP does: nobody wakes, no age changes. */
  stepWall (ms: number): void {
    this.#wallMs += ms
  }

  get sleeping (): number { return this.#sleepers.size }

  #pass (ms: number): void {
    const passedMs = Math.max(0, ms)
    this.#wallMs += passedMs
    this.#monotonicMs += passedMs
  }
}

/** Lets promise callbacks and finished I/O run. */
export async function turns (count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve))
}

/** Resolves when `condition` holds, looked at in every turn: for what real files and sockets take their time for. */
export async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve))
}
