import { constants } from 'node:fs'
import { appendFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectories, notFollowed } from '../bytes/file-calls.ts'
import type { Mutex } from '../contracts/mutex.ts'
import type { Instruments } from '../telemetry/instruments.ts'
import type { Counter } from '../telemetry/ledger.ts'
import { lossAdvice } from '../telemetry/loss-advice.ts'
import { letterText, type DeadLetter } from './letter-text.ts'
import type { LetterCopies } from './letter-copies.ts'
import { countLinesOf, sizeOf } from './whole-lines.ts'

const appended = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | notFollowed

export interface DeadLetterOptions extends Pick<Instruments, 'clock' | 'log'> {
  /** Where the files are: `{route}.ndjson`, and `{route}.old.ndjson` with those before. */
  readonly directory: string
  readonly route: string
  /** Both files together hold about this much; then the older one is replaced. */
  readonly maxBytes: number
  /** Letters of which no copy is left: the disk refused them, or they made room for newer ones. */
  readonly lost: Counter
  /** Each call may rename what the one before wrote. */
  readonly mutex: Mutex
  /** Copies that outlive the disk; undefined without a bucket. */
  readonly copies?: LetterCopies | undefined
}

/**
 * Keeps what a destination refused for good, one JSON object a line with the reason, so that somebody can look at it
 * and send it again. It was counted as rejected; this is the copy.
 *
 * @returns what appends letters. It never rejects: what cannot be kept is counted as lost, and told once. Ended by the
 *   disk
 */
export function createDeadLetters (options: DeadLetterOptions): (letters: readonly DeadLetter[]) => Promise<void> {
  const { directory, route, maxBytes, clock, log, lost, copies, mutex } = options
  const path = join(directory, `${route}.ndjson`)
  /** What the log was told last; each change of it is told once. */
  let told: 'nothing' | 'kept' | 'lost' = 'nothing'

  async function keep (letters: readonly DeadLetter[]): Promise<void> {
    const text = letterText(letters, route, clock.wallMs())
    try {
      await copies?.ready
      await makeDirectories(directory, 0o700)
      const size = await sizeOf(path)
      if (size > 0 && size + text.length > maxBytes / 2) await replaceOlder()
      await appendFile(path, text, { mode: 0o600, flag: appended })
      copies?.added(letters.length)
      if (told !== 'kept') log.warn({ route, path, count: letters.length }, 'records refused for good are kept')
      told = 'kept'
    } catch (error) {
      lost.value += letters.length
      if (told !== 'lost') log.error({ route, path, error }, 'records refused for good cannot be kept')
      told = 'lost'
    }
  }

  /** What only the older file held is gone with it, which is told. */
  async function replaceOlder (): Promise<void> {
    const older = join(directory, `${route}.old.ndjson`)
    const olderRecords = await sizeOf(older) === 0 ? 0 : await countLinesOf(older, 0)
    await rename(path, older)
    const records = copies === undefined ? olderRecords : await copies.replaced()
    lost.value += records
    if (records > 0) log.warn({ route, path: older, records, advice: lossAdvice('lost', route, '') }, 'the oldest dead letters are removed, there is no room for more')
  }

  return async letters => await mutex.run(() => keep(letters))
}
