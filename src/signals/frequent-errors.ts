import type { FrequentError } from '../contracts/insight.ts'

/** Fingerprints that are counted at a time. */
const maxCount = 100
const exampleLength = 300

export interface SeenError extends Pick<FrequentError, 'fingerprint' | 'origin' | 'level' | 'container'> {
  readonly message: string
  /** File and line, ` (/a.php:1)`; goes behind the message. */
  readonly where?: string
}

/**
 * The most frequent errors, in bounded memory: where the table is full, a new one takes the place of the rarest, and
 * its count, which may then be too high by that much and is never too low.
 *
 * Source: Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams"
 */
export interface FrequentErrors {
  add (error: SeenError, atMs: number): void
  /** The most frequent first. */
  top (count: number): readonly FrequentError[]
}

type Entry = { -readonly [Key in keyof FrequentError]: FrequentError[Key] }

export function createFrequentErrors (): FrequentErrors {
  const entries = new Map<string, Entry>()

  function rarest (): Entry | undefined {
    let found: Entry | undefined
    for (const entry of entries.values()) if (found === undefined || entry.count < found.count) found = entry
    return found
  }

  return {
    add ({ fingerprint, origin, level, container, message, where = '' }, atMs) {
      const known = entries.get(fingerprint)
      if (known !== undefined) {
        known.count++
        known.container = container
        if (atMs > known.lastAtMs) known.lastAtMs = atMs
        else if (atMs < known.firstAtMs) known.firstAtMs = atMs
        return
      }
      const gone = entries.size < maxCount ? undefined : rarest()
      if (gone !== undefined) entries.delete(gone.fingerprint)
      const overcount = gone?.count ?? 0
      const times = { firstAtMs: atMs, lastAtMs: atMs }
      const example = `${message.slice(0, exampleLength)}${where.slice(0, exampleLength)}`
      const count = overcount + 1
      entries.set(fingerprint, { fingerprint, origin, level, container, count, overcount, ...times, example })
    },
    top (count) {
      return [...entries.values()].sort((one, other) => other.count - one.count).slice(0, count)
    },
  }
}
