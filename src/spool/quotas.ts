import type { Clock } from '../contracts/clock.ts'
import type { Disk } from './disk.ts'
import type { SpoolLog } from './spool.ts'
import type { Trouble } from './trouble.ts'

const intervalMs = 10_000
/** How often the free space is looked at while there is too little of it. */
const lowIntervalMs = 1000
/** Share of the settings below which the log says that the disk is low. Its end is said when all is as set again. */
const lowShare = 0.9

/** What limits all routes of a spool together. */
export interface SpaceLimits {
  /** `spool.maxBytes`; infinite when it is off. */
  readonly maxBytes: number
  /** Of the disk; infinite when that is not known. */
  readonly freeBytes: number
  /** What the spool holds already, so that filling up does not shrink its quotas further. */
  readonly usedBytes: number
}

/**
 * What each route may hold: its setting, or less where the settings add up to more than `maxBytes`, or than half of
 * what the spool could use of the disk. All are scaled down alike: none gives way to another.
 */
export function quotasOf (settingsBytes: readonly number[], limits: SpaceLimits): number[] {
  const { maxBytes, freeBytes, usedBytes } = limits
  const wantedBytes = sumOf(settingsBytes)
  const allowedBytes = Math.min(maxBytes, Math.max(0, (freeBytes + usedBytes) / 2))
  if (wantedBytes <= allowedBytes) return [...settingsBytes]
  return settingsBytes.map(bytes => Math.floor(bytes * (allowedBytes / wantedBytes)))
}

export interface QuotasOptions {
  /** One of each route. */
  readonly settingsBytes: readonly number[]
  readonly maxBytes: number
  /** In the order of the settings. */
  readonly routes: () => readonly { readonly bytes: number, setQuota (quotaBytes: number): void }[]
  readonly disk: Disk
  readonly clock: Clock
  readonly trouble: Trouble
  readonly log: SpoolLog
  /** Where the free space is measured; undefined while no directory is locked. */
  readonly directory: () => string | undefined
}

/** Looks at the free space of the disk from time to time, and sets the quotas of the routes by it. */
export class Quotas {
  /** What each route may hold when the disk has room. */
  readonly fullBytes: readonly number[]
  readonly #options: QuotasOptions
  #measuredMs = -Infinity
  #isMeasuring = false
  /** The disk limits the routes. */
  #isLow = false
  #isTold = false

  constructor (options: QuotasOptions) {
    const { settingsBytes, maxBytes } = options
    this.#options = options
    this.fullBytes = quotasOf(settingsBytes, { maxBytes, freeBytes: Infinity, usedBytes: 0 })
  }

  /** Called every second. */
  tick (): void {
    if (this.#ageMs >= (this.#isLow ? lowIntervalMs : intervalMs)) void this.measure()
  }

  /** A write found the disk full: looks at once, but not again and again while every write fails. */
  measureSoon (): void {
    if (this.#ageMs >= lowIntervalMs) void this.measure()
  }

  /** Resolves when the quotas are set, or when the disk refused to say: they stay as they are until the next time. */
  async measure (): Promise<void> {
    const { directory, disk, clock, trouble } = this.#options
    const path = directory()
    if (path === undefined || this.#isMeasuring) return
    this.#isMeasuring = true
    this.#measuredMs = clock.monotonicMs()
    try {
      this.#set(await disk.freeBytes(path))
    } catch (error) {
      trouble.count(error)
    } finally {
      this.#isMeasuring = false
    }
  }

  get #ageMs (): number { return this.#options.clock.monotonicMs() - this.#measuredMs }

  #set (freeBytes: number): void {
    const { settingsBytes, maxBytes } = this.#options
    const routes = this.#options.routes()
    const usedBytes = sumOf(routes.map(({ bytes }) => bytes))
    const quotas = quotasOf(settingsBytes, { maxBytes, freeBytes, usedBytes })
    for (const [index, route] of routes.entries()) route.setQuota(quotas[index] ?? 0)
    const [quotaBytes, fullBytes] = [sumOf(quotas), sumOf(this.fullBytes)]
    this.#isLow = quotaBytes < fullBytes
    this.#tell({ freeBytes, usedBytes, quotaBytes, fullBytes })
  }

  #tell (space: Readonly<Record<'freeBytes' | 'usedBytes' | 'quotaBytes' | 'fullBytes', number>>): void {
    const { log } = this.#options
    if (!this.#isTold && space.quotaBytes < space.fullBytes * lowShare) {
      this.#isTold = true
      log.warn(space, 'the disk of dataDir is low, quotas are reduced: free space, or set dataDir to another disk')
    } else if (this.#isTold && !this.#isLow) {
      this.#isTold = false
      log.info(space, 'the disk of dataDir has room again, quotas are as set')
    }
  }
}

function sumOf (numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
