/**
 * Lets one task at a time through, in the order in which they came: for what takes much memory, or many turns of the
 * thread pool, which compression, the spool's writes and DNS share.
 */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `task` after those before it have ended, however they ended. */
  async run<Result> (task: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(task)
    this.#last = turn.catch(() => undefined)
    return await turn
  }
}
