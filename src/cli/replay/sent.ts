import { createHash } from 'node:crypto'
import { appendFile, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { makeDirectories } from '../../bytes/file-calls.ts'
import { countLines } from '../../delivery/whole-lines.ts'
import { whereAbsent } from '../../contracts/disk-errors.ts'
import type { SpoolState } from './rollback.ts'

interface Entry {
  /** Of the content that was sent, from its start. */
  readonly bytes: number
  readonly crc32: number
}

/** What follows in an input, and how to say that it is stored. */
export interface Rest {
  readonly pieces: AsyncGenerator<Buffer, void>
  /** The pieces that were taken so far are in the spool: they are not sent again. */
  stored (): Promise<void>
  /** As far as pieces were taken, in the input. */
  readonly taken: { readonly bytes: number, readonly lines: number }
  /** Those in front that were sent before. */
  readonly skippedLines: number
}

/**
 * Remembers how far each input was sent, in one file, so that nothing is sent twice, also after an interruption.
 *
 * An input is known by its first line, and its content up to the place by its checksum: so a file may grow, or have
 * another name by then, and one that holds something else is sent from its start.
 */
export class SentBefore {
  readonly #path: string
  readonly #entries: Map<string, Entry>
  /** The state of the spool before a piece of which it is not remembered whether it was stored. */
  readonly interrupted: SpoolState | undefined

  private constructor (path: string, { entries, interrupted }: Remembered) {
    this.#path = path
    this.#entries = entries
    this.interrupted = interrupted
  }

  /** @throws what the system says when the file can neither be read nor written: before anything is sent */
  static async open (path: string): Promise<SentBefore> {
    const sent = new SentBefore(path, await read(path))
    await makeDirectories(dirname(path))
    await sent.#write()
    return sent
  }

  /** Only what is there already; nothing is written. */
  static async look (path: string): Promise<SentBefore> {
    return new SentBefore(path, await read(path))
  }

  /**
   * @param pieces gives the content from its start, each time anew
   * @param deliveredBytes as far as others have delivered it
   */
  restOf (pieces: () => AsyncGenerator<Buffer, void>, deliveredBytes: number): Rest {
    let id: string | undefined
    let at: Entry = { bytes: 0, crc32: 0 }
    let lines = 0
    let skippedLines = 0
    const rest = async function * (entries: ReadonlyMap<string, Entry>): AsyncGenerator<Buffer, void> {
      let known: Entry | undefined
      let isSkipping = true
      for await (const piece of pieces()) {
        lines += countLines(piece)
        id ??= idOf(piece)
        known ??= await soFar(entries.get(id), pieces, deliveredBytes)
        if (!isSkipping) {
          at = advanced(at, piece)
          yield piece
          continue
        }
        const skippedBytes = Math.min(piece.length, known.bytes - at.bytes)
        const skipped = piece.subarray(0, skippedBytes)
        at = advanced(at, skipped)
        skippedLines += countLines(skipped)
        isSkipping = at.bytes < known.bytes
        const left = piece.subarray(skippedBytes)
        if (left.length === 0) continue
        at = advanced(at, left)
        yield left
      }
    }
    return {
      get taken () { return { bytes: at.bytes, lines } },
      get skippedLines () { return skippedLines },
      pieces: rest(this.#entries),
      stored: async () => {
        if (id === undefined) return
        this.#entries.set(id, at)
        await appendFile(this.#path, lineOf([id, at]))
      },
    }
  }

  /** A piece is about to be handed over, and the spool is so before: what is written after it can be taken back. */
  async begin (spool: SpoolState): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify({ spool })}\n`)
  }

  /** Nothing is interrupted any more. */
  async rolledBack (): Promise<void> {
    await this.#write(true)
  }

  /** Writes one line for each input, in place of those that have gathered. */
  async #write (isDone = false): Promise<void> {
    const state = this.interrupted
    const last = state === undefined || isDone ? '' : `${JSON.stringify({ spool: state })}\n`
    await writeFile(`${this.#path}.new`, [...this.#entries].map(lineOf).join('') + last, { mode: 0o600 })
    await rename(`${this.#path}.new`, this.#path)
  }
}

function lineOf ([id, { bytes, crc32 }]: readonly [string, Entry]): string {
  return `${JSON.stringify({ id, bytes, crc32 })}\n`
}

function advanced ({ bytes, crc32: crc }: Entry, piece: Buffer): Entry {
  return { bytes: bytes + piece.length, crc32: crc32(piece, crc) }
}

/** How far it was sent: what was remembered if the content up to there is the same, and what its own cursor says. */
async function soFar (
  entry: Entry | undefined, pieces: () => AsyncGenerator<Buffer, void>, deliveredBytes: number
): Promise<Entry> {
  const delivered = { bytes: deliveredBytes, crc32: 0 }
  if (entry === undefined || entry.bytes <= deliveredBytes) return delivered
  let at: Entry = { bytes: 0, crc32: 0 }
  for await (const piece of pieces()) {
    at = advanced(at, piece.subarray(0, entry.bytes - at.bytes))
    if (at.bytes === entry.bytes) break
  }
  return at.bytes === entry.bytes && at.crc32 === entry.crc32 ? entry : delivered
}

function idOf (piece: Buffer): string {
  return createHash('sha256').update(piece.subarray(0, piece.indexOf(0x0a) + 1)).digest('hex').slice(0, 32)
}

interface Remembered {
  readonly entries: Map<string, Entry>
  readonly interrupted: SpoolState | undefined
}

type Line = { readonly spool: SpoolState } | Entry & { readonly id: string }

async function read (path: string): Promise<Remembered> {
  const entries = new Map<string, Entry>()
  let interrupted: SpoolState | undefined
  const content = await readFile(path, 'utf8').catch(whereAbsent(''))
  // What follows the last newline was being written when somebody was killed.
  for (const text of content.split('\n').slice(0, -1)) {
    const line = JSON.parse(text) as Line
    interrupted = 'spool' in line ? line.spool : undefined
    if (!('spool' in line)) entries.set(line.id, { bytes: line.bytes, crc32: line.crc32 })
  }
  return { entries, interrupted }
}
