/**
 * Lets one task at a time through, in order: compression shares the thread pool with the spool's writes and with DNS,
 * so only one runs in the whole process.
 */
export class Gate {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `task` after those before it have ended, however they ended. */
  async through<Result> (task: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(task)
    this.#last = turn.catch(() => undefined)
    return await turn
  }
}
