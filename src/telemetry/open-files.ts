import { readdirSync, readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { errorCode } from '../contracts/disk-errors.ts'

/** File descriptors of this process; a number is undefined where the system does not tell it. */
export interface FileCounts {
  /** Those that are open now. */
  open (): number | undefined
  readonly limit: number | undefined
}

/** What /proc says, which answers from memory, so reading it costs no disk. Absent outside Linux. */
export function ownFiles (): FileCounts {
  // Nobody raises it while the process runs.
  const limit = openFileLimit()
  return {
    limit,
    open: () => {
      try {
        // Less the descriptor that reads the directory.
        return readdirSync('/proc/self/fd').length - 1
      } catch (error) {
        return errorCode(error) === 'EMFILE' ? limit : undefined
      }
    },
  }
}

function openFileLimit (): number | undefined {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return limit === undefined ? undefined : Number(limit)
  } catch {
    // No number is the honest answer where the system does not tell one.
    return undefined
  }
}

/** A look takes a millisecond where hundreds are open. */
const lookMs = 5_000
/** Shares of the limit: told at the first, and over only below the second. */
const highShare = 0.9
const relaxedShare = 0.8

const advice = 'raise the limit of the container (ulimit nofile), or lower forward.maxConnections or spool.maxOpenSegments'

/**
 * Tells that few more files can be opened, once when it begins and once when it is over. Where none can, the system
 * closes new connections by itself, and no error says so.
 */
export class OpenFiles {
  readonly #counts: FileCounts
  readonly #log: Pick<Logger, 'info' | 'warn'>
  #nextMs = -Infinity
  #open = 0
  #sinceMs: number | undefined

  constructor (counts: FileCounts, log: Pick<Logger, 'info' | 'warn'>) {
    this.#counts = counts
    this.#log = log
  }

  /** Since when there are few, and what that means, for the health page; undefined: there are enough. */
  get shortage (): { readonly sinceMs: number, readonly words: string } | undefined {
    if (this.#sinceMs === undefined) return undefined
    const words = `${this.#open} of ${this.#counts.limit} files are open; at the limit nobody can connect, and the spool opens no file: ${advice}`
    return { sinceMs: this.#sinceMs, words }
  }

  look (nowMs: number): void {
    const { limit } = this.#counts
    if (limit === undefined || nowMs < this.#nextMs) return
    this.#nextMs = nowMs + lookMs
    this.#open = this.#counts.open() ?? 0
    const [open, sinceMs] = [this.#open, this.#sinceMs]
    if (sinceMs === undefined && open >= limit * highShare) {
      this.#sinceMs = nowMs
      this.#log.warn({ open, limit, advice }, 'few more files can be opened: at the limit nobody can connect')
    } else if (sinceMs !== undefined && open < limit * relaxedShare) {
      this.#sinceMs = undefined
      this.#log.info({ open, limit, lastedMs: Math.round(nowMs - sinceMs) }, 'enough files can be opened again')
    }
  }
}
