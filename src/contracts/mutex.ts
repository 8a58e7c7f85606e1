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

/** A mutex for each key: tasks of one key go one at a time, in order. A key is held only while a task of it is left. */
export class KeyedMutex<Key> {
  readonly #held = new Map<Key, { readonly mutex: Mutex, taskCount: number }>()

  /** Keys with tasks that are waiting or under way. */
  get size (): number { return this.#held.size }

  /** True while a task of `key` is waiting or under way. */
  has (key: Key): boolean { return this.#held.has(key) }

  /** Resolves when every task that was given before has ended. */
  async idle (): Promise<void> {
    await Promise.all([...this.#held.keys()].map(key => this.run(key, async () => undefined)))
  }

  /** Runs `task` after those of `key` before it have ended, however they ended. */
  async run<Result> (key: Key, task: () => Promise<Result>): Promise<Result> {
    const held = this.#held.get(key) ?? { mutex: new Mutex(), taskCount: 0 }
    this.#held.set(key, held)
    held.taskCount++
    try {
      return await held.mutex.run(task)
    } finally {
      if (--held.taskCount === 0) this.#held.delete(key)
    }
  }
}
