import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Clock } from '../contracts/clock.ts'

/** Text that is gathered for one write, characters. */
const gatheredLength = 32_768

/**
 * Standard output of a command that writes a lot: few writes, no more in memory than one of them and what the reader
 * has yet to take, and a reader that has gone away (`| head`) is the end and no error.
 */
export class Output {
  /** Aborts when nothing can be written any more. */
  readonly closed = new AbortController()
  /** What the system said, where it was more than a reader that went away. */
  failure: string | undefined
  /** Time spent waiting for the reader, ms. */
  waitedMs = 0
  readonly #stream: Writable
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #gathered = ''
  #isScheduled = false

  constructor (stream: Writable, clock: Pick<Clock, 'monotonicMs'>) {
    this.#stream = stream
    this.#clock = clock
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') this.failure = error.message
      this.closed.abort()
    })
  }

  get isFull (): boolean {
    return this.#stream.writableNeedDrain && !this.closed.signal.aborted
  }

  write (text: string): void {
    this.#gathered += text
    if (this.#gathered.length >= gatheredLength) this.flush()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      setImmediate(() => {
        this.#isScheduled = false
        this.flush()
      })
    }
  }

  flush (): void {
    const text = this.#gathered
    this.#gathered = ''
    if (text === '' || this.closed.signal.aborted) return
    // To a pipe, Node writes in this very call.
    const startedMs = this.#clock.monotonicMs()
    this.#stream.write(text)
    this.waitedMs += this.#clock.monotonicMs() - startedMs
  }

  /** Resolves when the reader has taken what was written, or has gone away. */
  async whenWritable (): Promise<void> {
    const { signal } = this.closed
    if (!this.isFull) return
    const startedMs = this.#clock.monotonicMs()
    // An error or an abort ends the wait; whoever waits looks at `closed`.
    await once(this.#stream, 'drain', { signal }).catch(() => undefined)
    this.waitedMs += this.#clock.monotonicMs() - startedMs
  }
}

// Tested in test/cli/explain.test.ts
