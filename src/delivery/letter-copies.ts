import { constants } from 'node:fs'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { notFollowed } from '../bytes/file-calls.ts'
import { errorCode, whereAbsent } from '../contracts/disk-errors.ts'
import { SluiceError } from '../contracts/errors.ts'
import type { Mutex } from '../contracts/mutex.ts'
import type { StoreLetters } from '../contracts/sink.ts'
import { backoffMs, drainingPauseMs } from './backoff.ts'
import type { RetryOptions } from './retry.ts'
import { countLines, countLinesOf, pieceBytes, readWholeLines } from './whole-lines.ts'
import type { Instruments } from '../telemetry/instruments.ts'

/** From `draining` on nothing waits to be gathered, and pauses are short. */
export interface LetterCopiesOptions extends
  Pick<Instruments, 'clock' | 'log'>, Pick<RetryOptions, 'policy' | 'random' | 'draining'> {
  /** Where `{route}.ndjson` is, as in `DeadLetterOptions`. */
  readonly directory: string
  readonly route: string
  /** That of `createDeadLetters`: no file is replaced while it is read. */
  readonly mutex: Mutex
  readonly store: StoreLetters
}

/** Of a file and its cursor: that of now, or the one before. */
type Age = '' | '.old'

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
  /** Resolves when it is known what an earlier process has left. Never rejects. */
  readonly ready: Promise<void>
  #waitingRecords = 0
  #replacedRecords = 0
  #storedBytes = 0
  #olderStoredBytes = 0
  /** What is read of the file at a time: after a failure what was read before, which may be stored already. */
  #readBytes = pieceBytes
  /** Counts the files that were begun, so that what was read of one moves no cursor of the next. */
  #fileNumber = 0
  #shipping: Promise<void> | undefined
  #isFailing = false

  constructor (options: LetterCopiesOptions) {
    this.#options = options
    this.ready = this.#resume()
  }

  /** Letters that are to be stored. */
  get waitingRecords (): number { return this.#waitingRecords }
  /** Letters of which the files are the only copy. */
  get localRecords (): number { return this.#waitingRecords + this.#replacedRecords }

  /** So many letters were appended to the file. */
  added (count: number): void {
    this.#waitingRecords += count
    if (this.#waitingRecords > 0) this.#shipping ??= this.#ship()
  }

  /**
   * The file was full and is the older one now: what was not stored of it stays there.
   *
   * @returns letters of the older one of before that were stored nowhere else
   */
  async replaced (): Promise<number> {
    const removedRecords = this.#replacedRecords
    const { log, route } = this.#options
    if (this.#waitingRecords > 0) log.warn({ route, count: this.#waitingRecords }, 'dead letters are in a file only: it was full before S3 took them')
    this.#olderStoredBytes = this.#storedBytes
    this.#replacedRecords = this.#waitingRecords
    this.#waitingRecords = 0
    this.#storedBytes = 0
    this.#readBytes = pieceBytes
    this.#fileNumber++
    await this.#writeCursor('.old', this.#olderStoredBytes)
    return removedRecords
  }

  /** Gives up what is under way. Resolves when nothing is. Safe twice. */
  async stop (): Promise<void> {
    this.#stop.abort()
    await this.ready
    await this.#shipping
  }

  async #resume (): Promise<void> {
    // It may have been renamed and its cursor not yet.
    const older = await this.#leftOf('.old', ['.old', ''])
    const now = await this.#leftOf('', [''])
    this.#olderStoredBytes = older.storedBytes
    this.#replacedRecords = older.records
    this.#storedBytes = now.storedBytes
    if (now.records > 0) this.added(now.records)
  }

  /** What an earlier process has left of a file, as far as one of these cursors is of it. */
  async #leftOf (file: Age, cursors: readonly Age[]): Promise<{ storedBytes: number, records: number }> {
    const path = this.#pathOf(file)
    try {
      const { size, ino } = await stat(path)
      const read = await Promise.all(cursors.map(cursor => this.#readCursor(cursor)))
      const storedBytes = read.find(cursor => cursor.ino === ino && cursor.bytes <= size)?.bytes ?? 0
      return { storedBytes, records: await countLinesOf(path, storedBytes) }
    } catch (error) {
      const code = errorCode(error)
      const { log, route } = this.#options
      if (code !== 'ENOENT' && code !== 'ENOTDIR') log.warn({ route, path, error }, 'dead letters of an earlier process cannot be read')
      return { storedBytes: 0, records: 0 }
    }
  }

  async #readCursor (of: Age): Promise<{ bytes: number, ino: number }> {
    try {
      const text = await readFile(this.#cursorPathOf(of), { encoding: 'utf8', flag: constants.O_RDONLY | notFollowed })
      const [bytes = 0, ino = 0] = text.split(' ').map(Number)
      return { bytes, ino }
    } catch {
      // Without it everything is stored again, under the same keys where the pieces are the same.
      return { bytes: 0, ino: 0 }
    }
  }

  #pathOf (file: Age): string { return join(this.#options.directory, `${this.#options.route}${file}.ndjson`) }
  #cursorPathOf (file: Age): string { return join(this.#options.directory, `${this.#options.route}${file}.stored`) }

  /** Ended by the last letter, or by the stop. */
  async #ship (): Promise<void> {
    const { policy, clock, random, draining } = this.#options
    const { signal } = this.#stop
    let pauseMs = gatherMs
    for (let failures = 0; this.#waitingRecords > 0;) {
      if (draining.aborted) await clock.sleep(failures === 0 ? 0 : drainingPauseMs, signal)
      else await clock.sleep(pauseMs, AbortSignal.any([signal, draining]))
      if (signal.aborted) break
      try {
        await this.#shipPiece()
        this.#tellEnd()
        failures = pauseMs = 0
      } catch (error) {
        if (signal.aborted) break
        this.#tellFailure(error)
        const leastMs = error instanceof SluiceError ? error.retryAfterMs : 0
        pauseMs = Math.max(backoffMs(policy, ++failures, random()), leastMs)
      }
    }
    // In the very turn in which nothing was waiting: what comes later begins anew.
    this.#shipping = undefined
  }

  async #shipPiece (): Promise<void> {
    const { text, fileNumber, waitingRecords } = await this.#options.mutex.run(() => this.#read())
    // Somebody has removed the file, or has cut it.
    if (text.length === 0) {
      this.#waitingRecords = Math.max(0, this.#waitingRecords - waitingRecords)
      this.#storedBytes = 0
      return
    }
    if (fileNumber === this.#fileNumber) this.#readBytes = text.length
    await this.#options.store(text, this.#stop.signal)
    await this.#options.mutex.run(() => this.#stored(text, fileNumber))
  }

  async #stored (text: Buffer, fileNumber: number): Promise<void> {
    const records = countLines(text)
    if (fileNumber === this.#fileNumber) {
      this.#storedBytes += text.length
      this.#readBytes = pieceBytes
      this.#waitingRecords = Math.max(0, this.#waitingRecords - records)
      await this.#writeCursor('', this.#storedBytes)
    } else if (fileNumber === this.#fileNumber - 1) {
      this.#olderStoredBytes += text.length
      this.#replacedRecords = Math.max(0, this.#replacedRecords - records)
      await this.#writeCursor('.old', this.#olderStoredBytes)
    }
    // Those of a file that is removed already were counted as lost: nobody knew then whether S3 takes them.
  }

  async #read () {
    const before = { fileNumber: this.#fileNumber, waitingRecords: this.#waitingRecords }
    const read = readWholeLines(this.#pathOf(''), this.#storedBytes, this.#readBytes)
    return { ...before, text: await read.catch(whereAbsent(Buffer.alloc(0))) }
  }

  /** A cursor that cannot be written means that letters are stored again after a restart. */
  async #writeCursor (of: Age, bytes: number): Promise<void> {
    const path = this.#cursorPathOf(of)
    try {
      const { ino } = await stat(this.#pathOf(of))
      await writeFile(`${path}.new`, `${bytes} ${ino}\n`, { flag: replaced })
      await rename(`${path}.new`, path)
    } catch (error) {
      this.#options.log.warn({ route: this.#options.route, error }, 'cursor of dead letters not written')
    }
  }

  #tellFailure (error: unknown): void {
    const { log, route } = this.#options
    if (!this.#isFailing) log.warn({ route, path: this.#pathOf(''), count: this.#waitingRecords, error }, 'dead letters not stored in S3: the file is the only copy until they are')
    this.#isFailing = true
  }

  #tellEnd (): void {
    const { log, route } = this.#options
    if (this.#isFailing) log.info({ route, waiting: this.#waitingRecords }, 'dead letters are stored in S3 again')
    this.#isFailing = false
  }
}
