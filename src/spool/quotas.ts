import { quotasOf, sumOf } from '../contracts/quota.ts'
import type { SpoolOptions } from './spool.ts'
import type { Trouble } from './trouble.ts'

const intervalMs = 10_000
/** How often the free space is looked at while there is too little of it. */
const lowIntervalMs = 1000
/** Share of the settings below which the log says that the disk is low. Its end is said when all is as set again. */
const lowShare = 0.9

export interface QuotasOptions extends Pick<SpoolOptions, 'disk' | 'clock' | 'log'> {
  /** One of each route. */
  readonly settingsBytes: readonly number[]
  readonly maxBytes: number
  /** In the order of the settings. */
  readonly routes: () => readonly { readonly bytes: number, setQuota (quotaBytes: number, mayEvict: boolean): void }[]
  readonly trouble: Trouble
  /** Where the free space is measured; undefined while no directory is locked. */
  readonly directory: () => string | undefined
}

/** Looks at the free space of the disk from time to time, and sets the quotas of the routes by it. */
export class Quotas {
  /** What each route may hold when the disk has room. */
  readonly fullBytes: readonly number[]
  readonly #options: QuotasOptions
  #firstMs: number | undefined
  #measuredMs = -Infinity
  #isMeasuring = false
  /** The disk limits the routes. */
  #isLow = false
  #isTold = false

  constructor (options: QuotasOptions) {
    const { settingsBytes, maxBytes } = options
    this.#options = options
    this.fullBytes = quotasOf(settingsBytes, { maxBytes })
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
    const { settingsBytes, maxBytes, clock } = this.#options
    const nowMs = clock.monotonicMs()
    this.#firstMs ??= nowMs
    // What was found at the start may be delivered in a moment: only lines that come need its room before that.
    const mayEvict = nowMs - this.#firstMs >= intervalMs
    const routes = this.#options.routes()
    const usedBytes = sumOf(routes.map(({ bytes }) => bytes))
    const quotas = quotasOf(settingsBytes, { maxBytes, freeBytes, usedBytes })
    for (const [index, route] of routes.entries()) route.setQuota(quotas[index] ?? 0, mayEvict)
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

// Tested in test/spool/host-spool.test.ts
