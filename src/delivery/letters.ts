import { Mutex } from '../contracts/mutex.ts'
import { createDeadLetters, type DeadLetterOptions } from './dead-letters.ts'
import { LetterCopies, type LetterCopiesOptions } from './letter-copies.ts'
import type { DeadLetter } from './letter-text.ts'

export interface LettersOptions
  extends Omit<DeadLetterOptions, 'directory' | 'mutex' | 'copies'>, Omit<LetterCopiesOptions, 'directory' | 'mutex' | 'store'> {
  /** Where the files are now. */
  readonly directory: () => string
  /** Where copies outlive the disk; undefined without a bucket. */
  readonly store: LetterCopiesOptions['store'] | undefined
}

interface Place {
  readonly directory: string
  readonly keep: ReturnType<typeof createDeadLetters>
  readonly copies: LetterCopies | undefined
}

/**
 * The dead letters of a route, in the directory of this process. One that loses its directory to another process keeps
 * its letters in the next, since the other writes to the same files; of those that it left there, it still stores the
 * copies.
 */
export class Letters {
  readonly #options: LettersOptions
  /** The last is the one of now. */
  readonly #places: Place[] = []

  constructor (options: LettersOptions) {
    this.#options = options
    // What an earlier process has left is stored, whether or not there are new ones.
    this.#placeNow()
  }

  get waitingRecords (): number { return this.#sum(copies => copies.waitingRecords) }
  get localRecords (): number { return this.#sum(copies => copies.localRecords) }

  /** Never rejects, as `createDeadLetters` says. */
  async keep (letters: readonly DeadLetter[]): Promise<void> {
    await this.#placeNow().keep(letters)
  }

  /** Gives up what is under way. Resolves when nothing is. Safe twice. */
  async stop (): Promise<void> {
    await Promise.all(this.#places.map(({ copies }) => copies?.stop()))
  }

  #placeNow (): Place {
    const { store } = this.#options
    const directory = this.#options.directory()
    const last = this.#places.at(-1)
    if (last?.directory === directory) return last
    const shared = { ...this.#options, directory, mutex: new Mutex() }
    const copies = store && new LetterCopies({ ...shared, store })
    const place = { directory, copies, keep: createDeadLetters({ ...shared, copies }) }
    this.#places.push(place)
    return place
  }

  #sum (recordsOf: (copies: LetterCopies) => number): number {
    return this.#places.reduce((sum, { copies }) => sum + (copies === undefined ? 0 : recordsOf(copies)), 0)
  }
}
