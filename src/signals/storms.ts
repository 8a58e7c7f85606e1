import type { Clock } from '../contracts/clock.ts'
import type { FrequentError } from '../contracts/insight.ts'
import type { LogRecord } from '../contracts/record.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import type { ErrorFields } from '../formats/fields.ts'
import { isBelow } from '../formats/level.ts'

/** One error that came more often in a window than was wanted. Times are those of its records, ms since the epoch. */
export interface Storm extends Pick<FrequentError, 'container' | 'fingerprint' | 'firstAtMs' | 'lastAtMs'> {
  /** Of the first record that was too many: its message is cut. */
  readonly example: Pick<ErrorFields, 'level' | 'origin' | 'message'>
  /** Records of the window, and how many of them were too many. */
  readonly count: number
  readonly surplus: number
  /** How long the window was open, ms. */
  readonly openMs: number
}

export interface StormsOptions {
  /** Records of one error that are wanted in each window. */
  readonly wantedCount: number
  readonly windowMs: number
  readonly clock: Pick<Clock, 'monotonicMs'>
  /** A window has one record too many: the first of them. */
  readonly onStorm: (container: string) => void
  /** Called when the window of a storm ends. */
  readonly onEnd: (storm: Storm) => void
}

/**
 * Counts errors by container and fingerprint, in windows that begin with the first record. Memory is bounded: where a
 * window too many is open, the oldest of the container ends before its time, and more of that error is wanted again.
 */
export interface Storms {
  /**
   * Counts a record, where its level may be too many. `reading` is of this record, redacted. May end windows before.
   *
   * @returns which of its window it is, where that is too many; else 0
   */
  add (record: LogRecord, fingerprint: string, reading: ErrorReading): number
  /** Ends the windows whose time is over. Called a few times a second. */
  tick (): void
  /** Ends all windows: at the stop. */
  flush (): void
}

/** Windows that are open at a time: of a container, and containers with any. Their names come from senders. */
const maxWindows = 200
const maxContainers = 50
/** Characters of a message that are kept. */
const exampleLength = 300
/** From this level on every record is wanted. */
const alwaysWanted = 'crit'

interface Window {
  readonly startMs: number
  count: number
  firstAtMs: number
  lastAtMs: number
  example: Storm['example'] | undefined
}

export function createStorms ({ wantedCount, windowMs, clock, onStorm, onEnd }: StormsOptions): Storms {
  // Each oldest first.
  const byContainer = new Map<string, Map<string, Window>>()

  function end (container: string, windows: Map<string, Window>, fingerprint: string, window: Window): void {
    windows.delete(fingerprint)
    const { startMs, count, firstAtMs, lastAtMs, example } = window
    if (example === undefined) return
    const openMs = Math.min(windowMs, clock.monotonicMs() - startMs)
    onEnd({ container, fingerprint, example, count, surplus: count - wantedCount, firstAtMs, lastAtMs, openMs })
  }

  function endAll (container: string, windows: Map<string, Window>, startedUntilMs: number): void {
    for (const [fingerprint, window] of windows) {
      if (window.startMs > startedUntilMs) return
      end(container, windows, fingerprint, window)
    }
    byContainer.delete(container)
  }

  function windowsOf (container: string): Map<string, Window> {
    const known = byContainer.get(container)
    if (known !== undefined) return known
    const [oldest] = byContainer.size < maxContainers ? [] : byContainer
    if (oldest !== undefined) endAll(...oldest, Infinity)
    const windows = new Map<string, Window>()
    byContainer.set(container, windows)
    return windows
  }

  function open (
    container: string, windows: Map<string, Window>, fingerprint: string, nowMs: number, atMs: number
  ): Window {
    const [oldest] = windows.size < maxWindows ? [] : windows
    if (oldest !== undefined) end(container, windows, ...oldest)
    const window = { startMs: nowMs, count: 0, firstAtMs: atMs, lastAtMs: atMs, example: undefined }
    windows.set(fingerprint, window)
    return window
  }

  return {
    add ({ container, timeMs }, fingerprint, reading) {
      const { level } = reading
      if (level !== undefined && !isBelow(level, alwaysWanted)) return 0
      const nowMs = clock.monotonicMs()
      const windows = windowsOf(container)
      let window = windows.get(fingerprint)
      if (window !== undefined && nowMs - window.startMs >= windowMs) {
        end(container, windows, fingerprint, window)
        window = undefined
      }
      window ??= open(container, windows, fingerprint, nowMs, timeMs)
      if (timeMs < window.firstAtMs) window.firstAtMs = timeMs
      else if (timeMs > window.lastAtMs) window.lastAtMs = timeMs
      if (++window.count <= wantedCount) return 0
      if (window.example === undefined) {
        window.example = exampleOf(reading)
        onStorm(container)
      }
      return window.count
    },
    tick () {
      const nowMs = clock.monotonicMs()
      for (const [container, windows] of byContainer) endAll(container, windows, nowMs - windowMs)
    },
    flush () {
      for (const [container, windows] of byContainer) endAll(container, windows, Infinity)
    },
  }
}

/** A slice of a text would keep all of it in memory: this is a copy, cut between characters. */
function exampleOf ({ level, fields: { origin, message } }: ErrorReading): Storm['example'] {
  const text = Buffer.from(message.slice(0, exampleLength).replace(/[\ud800-\udbff]$/, '')).toString()
  return {
    ...(level === undefined ? {} : { level }),
    ...(origin === undefined ? {} : { origin }),
    message: message.length > exampleLength ? `${text}…` : text,
  }
}
