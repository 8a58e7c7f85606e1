import type { Clock } from '../../src/clock.ts'

/** A clock that stands still until the test moves it. Sleeps end when their time has come, or at once when aborted. */
export class ManualClock implements Clock {
  #nowMs: number
  readonly #sleepers = new Set<{ readonly dueMs: number, readonly wake: () => void }>()
  /** Every sleep asked for, ms, in order. */
  readonly sleeps: number[] = []

  constructor (nowMs = Date.UTC(2026, 10, 23, 10, 30)) {
    this.#nowMs = nowMs
  }

  now (): number { return this.#nowMs }

  async sleep (ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms)
    if (signal?.aborted || ms <= 0) return
    await new Promise<void>(resolve => {
      const sleeper = { dueMs: this.#nowMs + ms, wake: () => { this.#sleepers.delete(sleeper); resolve() } }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', sleeper.wake, { once: true })
    })
  }

  /** Moves time on and wakes who is due, earliest first, letting each react before the next. */
  async advance (ms: number): Promise<void> {
    const target = this.#nowMs + ms
    await turns()
    for (;;) {
      const due = [...this.#sleepers].filter(({ dueMs }) => dueMs <= target).sort((a, b) => a.dueMs - b.dueMs)[0]
      if (due === undefined) break
      this.#nowMs = Math.max(this.#nowMs, due.dueMs)
      due.wake()
      await turns()
    }
    this.#nowMs = target
    await turns()
  }

  get sleeping (): number { return this.#sleepers.size }
}

/** Lets promise callbacks and finished I/O run. */
export async function turns (count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve))
}

/** Resolves when `condition` holds, looked at in every turn: for what real files and sockets take their time for. */
export async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve))
}
