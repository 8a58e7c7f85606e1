import { constants } from 'node:fs'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { notFollowed } from '../bytes/file-calls.ts'
import type { Clock } from '../contracts/clock.ts'
import { errorCode } from '../contracts/disk-errors.ts'
import { SluiceError } from '../contracts/errors.ts'
import type { Mutex } from '../contracts/mutex.ts'
import type { StoreLetters } from '../contracts/sink.ts'
import { backoffMs, drainingPauseMs, type BackoffPolicy } from './backoff.ts'
import { countLines, countLinesOf, pieceBytes, readWholeLines } from './whole-lines.ts'

export interface LetterCopiesOptions {
  /** Where `{route}.ndjson` is, as in `DeadLetterOptions`. */
  readonly directory: string
  readonly route: string
  /** That of `DeadLetters`: no file is replaced while it is read. */
  readonly mutex: Mutex
  readonly store: StoreLetters
  readonly policy: BackoffPolicy
  readonly clock: Clock
  readonly random: () => number
  /** Aborts when the process begins to stop: then nothing waits to be gathered, and pauses are short. */
  readonly draining: AbortSignal
  readonly log: Logger
}

/** How long letters are gathered before they are stored together, ms. */
const gatherMs = 5_000
const replaced = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | notFollowed

/**
 * Stores a copy of the dead letters where it outlives this disk. The file is the queue, and a cursor beside it,
 * `{route}.stored`, says how far it is stored, so nothing is held in memory, and the next process goes on.
 *
 * Tries for as long as the letters are in the file, with pauses. Until then the file is the one copy, which is counted.
 */
export class LetterCopies {
  readonly #options: LetterCopiesOptions
  readonly #stop = new AbortController()
  readonly #path: string
  /** Resolves when it is known what an earlier process has left. Never rejects. */
  readonly ready: Promise<void>
  #waitingRecords = 0
  #replacedRecords = 0
  #storedBytes = 0
  /** Counts the files that were begun, so that what was read of one moves no cursor of the next. */
  #fileNumber = 0
  #shipping: Promise<void> | undefined
  #isFailing = false

  constructor (options: LetterCopiesOptions) {
    this.#options = options
    this.#path = join(options.directory, `${options.route}.ndjson`)
    this.ready = this.#resume()
  }

  /** Letters that are to be stored. */
  get waitingRecords (): number { return this.#waitingRecords }
  /** Letters of which the files are the only copy. */
  get localRecords (): number { return this.#waitingRecords + this.#replacedRecords }

  /** So many letters were appended to the file. */
  added (count: number): void {
    this.#waitingRecords += count
    this.#shipping ??= this.#ship().finally(() => { this.#shipping = undefined })
  }

  /**
   * The file was full and is the older one now: what was not stored of it stays there.
   *
   * @returns letters of the older one of before that were stored nowhere else
   */
  replaced (): number {
    const removedRecords = this.#replacedRecords
    const { log, route } = this.#options
    if (this.#waitingRecords > 0) log.warn({ route, count: this.#waitingRecords }, 'dead letters are in a file only: it was full before S3 took them')
    this.#replacedRecords = this.#waitingRecords
    this.#waitingRecords = 0
    this.#storedBytes = 0
    this.#fileNumber++
    return removedRecords
  }

  /** Gives up what is under way. Resolves when nothing is. Safe twice. */
  async stop (): Promise<void> {
    this.#stop.abort()
    await this.ready
    await this.#shipping
  }

  async #resume (): Promise<void> {
    try {
      const { size, ino } = await stat(this.#path)
      const [bytes = 0, ofFile] = (await this.#readCursor()).split(' ').map(Number)
      if (ofFile === ino && bytes <= size) this.#storedBytes = bytes
      const records = await countLinesOf(this.#path, this.#storedBytes)
      if (records > 0) this.added(records)
    } catch (error) {
      const code = errorCode(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return
      const { log, route } = this.#options
      log.warn({ route, path: this.#path, error }, 'dead letters of an earlier process cannot be read')
    }
  }

  async #readCursor (): Promise<string> {
    try {
      return await readFile(this.#cursorPath, { encoding: 'utf8', flag: constants.O_RDONLY | notFollowed })
    } catch {
      // Without it everything is stored again, under the same keys where the pieces are the same.
      return ''
    }
  }

  get #cursorPath (): string { return join(this.#options.directory, `${this.#options.route}.stored`) }

  /** Ended by the last letter, or by the stop. */
  async #ship (): Promise<void> {
    const { policy, clock, random, draining } = this.#options
    const { signal } = this.#stop
    let pauseMs = gatherMs
    for (let failures = 0; this.#waitingRecords > 0;) {
      if (draining.aborted) await clock.sleep(failures === 0 ? 0 : drainingPauseMs, signal)
      else await clock.sleep(pauseMs, AbortSignal.any([signal, draining]))
      if (signal.aborted) return
      try {
        await this.#shipPiece()
        this.#tellEnd()
        failures = pauseMs = 0
      } catch (error) {
        if (signal.aborted) return
        this.#tellFailure(error)
        const leastMs = error instanceof SluiceError ? error.retryAfterMs : 0
        pauseMs = Math.max(backoffMs(policy, ++failures, random()), leastMs)
      }
    }
  }

  async #shipPiece (): Promise<void> {
    const { text, fileNumber, waitingRecords } = await this.#options.mutex.run(() => this.#read())
    // Somebody has removed the file, or has cut it.
    if (text.length === 0) {
      this.#waitingRecords = Math.max(0, this.#waitingRecords - waitingRecords)
      this.#storedBytes = 0
      return
    }
    await this.#options.store(text, this.#stop.signal)
    const records = countLines(text)
    if (fileNumber !== this.#fileNumber) {
      this.#replacedRecords -= records
      return
    }
    this.#storedBytes += text.length
    this.#waitingRecords = Math.max(0, this.#waitingRecords - records)
    await this.#writeCursor()
  }

  async #read () {
    const before = { fileNumber: this.#fileNumber, waitingRecords: this.#waitingRecords }
    try {
      return { ...before, text: await readWholeLines(this.#path, this.#storedBytes, pieceBytes) }
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      return { ...before, text: Buffer.alloc(0) }
    }
  }

  /** A cursor that cannot be written means that letters are stored again after a restart. */
  async #writeCursor (): Promise<void> {
    try {
      const { ino } = await stat(this.#path)
      await writeFile(`${this.#cursorPath}.new`, `${this.#storedBytes} ${ino}\n`, { flag: replaced })
      await rename(`${this.#cursorPath}.new`, this.#cursorPath)
    } catch (error) {
      this.#options.log.warn({ route: this.#options.route, error }, 'cursor of dead letters not written')
    }
  }

  #tellFailure (error: unknown): void {
    const { log, route } = this.#options
    if (!this.#isFailing) log.warn({ route, path: this.#path, count: this.#waitingRecords, error }, 'dead letters not stored in S3: the file is the only copy until they are')
    this.#isFailing = true
  }

  #tellEnd (): void {
    const { log, route } = this.#options
    if (this.#isFailing) log.info({ route, waiting: this.#waitingRecords }, 'dead letters are stored in S3 again')
    this.#isFailing = false
  }
}
