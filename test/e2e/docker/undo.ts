/** What has to be undone, in reverse order, however the run ends. */
export class Undo {
  readonly #steps: [string, () => unknown][] = []
  #running: Promise<void> | undefined

  add (name: string, step: () => unknown): void {
    this.#steps.push([name, step])
  }

  /** So that what takes a test can take this. */
  teardown (step: () => unknown): void {
    this.add('teardown', step)
  }

  /** Runs every step once, whatever the others do; safe to call again. */
  async all (): Promise<void> {
    this.#running ??= this.#run()
    await this.#running
  }

  async #run (): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const [name, undo] = step
      try {
        await undo()
      } catch (error) {
        process.stderr.write(`could not undo: ${name}: ${String(error)}\n`)
      }
    }
  }
}
