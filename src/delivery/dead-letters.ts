import { appendFile, mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Clock } from '../contracts/clock.ts'
import { Mutex } from '../contracts/mutex.ts'
import type { Counter } from '../telemetry/ledger.ts'

export interface DeadLetterOptions {
  /** Where the files are: `{route}.ndjson`, and `{route}.old.ndjson` with those before. */
  readonly directory: string
  readonly route: string
  /** Both files together hold about this much; then the older one is replaced. */
  readonly maxBytes: number
  readonly clock: Clock
  readonly log: Logger
  /** Letters that could not be kept, because the disk refused. Those that made room for newer ones were kept. */
  readonly lost: Counter
}

/** A record that the destination refused for good, as its line in the segment. */
export interface DeadLetter {
  readonly line: string
  readonly reason: string
}

/**
 * Keeps what a destination refused for good, one JSON object a line with the reason, so that somebody can look at it
 * and send it again. It was counted as rejected; this is the copy.
 */
export class DeadLetters {
  readonly #options: DeadLetterOptions
  /** What the log was told last; each change of it is told once. */
  #told: 'nothing' | 'kept' | 'lost' = 'nothing'
  /** Each call may rename what the one before wrote. */
  readonly #mutex = new Mutex()

  constructor (options: DeadLetterOptions) {
    this.#options = options
  }

  /** Appends the letters. Never rejects: what cannot be kept is counted as lost, and told once. Ended by the disk. */
  async keep (letters: readonly DeadLetter[]): Promise<void> {
    await this.#mutex.run(() => this.#keep(letters))
  }

  async #keep (letters: readonly DeadLetter[]): Promise<void> {
    const { directory, route, maxBytes, clock, log, lost } = this.#options
    const path = join(directory, `${route}.ndjson`)
    const time = new Date(clock.wallMs()).toISOString()
    const text = Buffer.from(letters
      .map(({ line, reason }) => `${JSON.stringify({ time, route, reason, record: parsed(line) })}\n`)
      .join(''))
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const size = await sizeOf(path)
      if (size > 0 && size + text.length > maxBytes / 2) await rename(path, join(directory, `${route}.old.ndjson`))
      await appendFile(path, text, { mode: 0o600 })
      if (this.#told !== 'kept') log.warn({ route, path, count: letters.length }, 'records refused for good are kept')
      this.#told = 'kept'
    } catch (error) {
      lost.value += letters.length
      if (this.#told !== 'lost') log.error({ route, path, error }, 'records refused for good cannot be kept')
      this.#told = 'lost'
    }
  }
}

/** Segments of events hold JSON; should a line not, it is kept as text. */
function parsed (line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}

async function sizeOf (path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    // Not there yet.
    return 0
  }
}
