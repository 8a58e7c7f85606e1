import type { SegmentHost } from './segment-host.ts'
import { retryPauseMs } from './trouble.ts'

/** What is to be done to the file of one segment. */
export interface SegmentTask {
  readonly hasWork: boolean
  /** What the next step is done to: another object when that has become something else. */
  readonly state: object
  step (): Promise<void> | undefined
  /** A step has ended, or has failed: those who wait for what it was to do are told. */
  answer (hasFailed: boolean): void
  /** A step on `state` has failed. @returns true where work goes on in another way at once; else it is tried again */
  mend (state: object, error: unknown): boolean
}

/** Steps of one turn: made, written, closed and renamed. */
const stepsPerTurn = 4

/**
 * Does the steps of a segment one after the other, a few a turn, among those of all segments. Whatever fails is tried
 * again after a pause, for ever; after the host's signal it is not.
 */
export class SegmentWork {
  readonly #task: SegmentTask
  readonly #host: Pick<SegmentHost<never>, 'turnstile' | 'trouble' | 'signal' | 'clock'>
  #failedCount = 0
  #running: Promise<void> | undefined

  constructor (task: SegmentTask, host: Pick<SegmentHost<never>, 'turnstile' | 'trouble' | 'signal' | 'clock'>) {
    this.#task = task
    this.#host = host
  }

  /** The disk has refused the last try of something. */
  get isRefused (): boolean { return this.#failedCount > 0 }

  /** Resolves when nothing is being done; undefined when nothing is. */
  get done (): Promise<void> | undefined { return this.#running }

  start (): void {
    if (this.#running !== undefined || !this.#task.hasWork) return
    this.#running = this.#run()
  }

  async #run (): Promise<void> {
    // The caller sets `#running` first.
    await undefined
    const { turnstile, trouble, signal, clock } = this.#host
    const task = this.#task
    while (task.hasWork) {
      // One after the other, so that the memory of the first is free before the last has a file.
      const turn = turnstile.enter()
      if (turn !== undefined) await turn
      let failure: { readonly error: unknown } | undefined
      let { state } = task
      try {
        for (let steps = 0; steps < stepsPerTurn && task.hasWork; steps++) {
          state = task.state
          await task.step()
          this.#failedCount = 0
          trouble.ended(task)
          task.answer(false)
        }
      } catch (error) {
        failure = { error }
      } finally {
        turnstile.leave()
      }
      if (failure === undefined || task.mend(state, failure.error)) continue
      this.#failedCount++
      trouble.failed(task, failure.error)
      task.answer(true)
      if (signal.aborted) break
      await clock.sleep(retryPauseMs(this.#failedCount), signal)
    }
    this.#running = undefined
  }
}

// Tested in test/spool/open-segment.test.ts
