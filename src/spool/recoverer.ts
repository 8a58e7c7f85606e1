import { join } from 'node:path'
import type { Disk } from './disk.ts'
import { leasePath, type Lease } from './lease.ts'
import { recoverRoute, type RecoveryReport } from './recovery.ts'
import type { RouteSegments } from './route-spool.ts'
import { encodeComponent } from './segment-name.ts'
import type { SpoolOptions } from './spool.ts'

/** Most names that one line of the log lists. */
export const maxListed = 20
/** Reads of an open segment that may fail before it is set aside. */
const mostReads = 3
const setAsideMessage = 'open segment cannot be read and is set aside: its records are not counted'

export interface RecovererOptions extends Pick<SpoolOptions, 'sync' | 'clock' | 'log'> {
  readonly disk: Disk
  readonly routes: readonly RouteSegments[]
}

/** A directory whose segments are taken over, while this process holds its lease. */
export interface Found {
  readonly lease: Lease
  readonly names: Readonly<Record<string, string>>
  /** As in `RecoveryOptions`. */
  readonly boot: string | undefined
  /** Called for each route of which something was there. */
  readonly onReport?: (route: string, report: RecoveryReport) => void
}

export interface Recovered { readonly records: number, readonly segmentCount: number, readonly failedCount: number }

/** Takes over what lies in a directory, route by route, and names in the log what it cannot, each path once. */
export class Recoverer {
  readonly #options: RecovererOptions
  /** Paths that the log has named. */
  readonly #named = new Set<string>()
  readonly #failedReads = new Map<string, number>()
  /** What a directory is refused with, at each route's trouble. */
  readonly #refusals = new Map<string, object>()

  constructor (options: RecovererOptions) {
    this.#options = options
  }

  /** Never rejects. Called again for a directory, it does only what failed before. */
  async recover (found: Found): Promise<Recovered> {
    const sum = { records: 0, segmentCount: 0, failedCount: 0 }
    for (const route of this.#options.routes) {
      const report = await this.#recoverRoute(found, route)
      found.onReport?.(route.name, report)
      sum.records += report.records
      sum.segmentCount += report.segmentCount
      sum.failedCount += report.failedCount
    }
    return sum
  }

  /** What `directory` is refused is no trouble of ours any more. */
  forget (directory: string): void {
    for (const route of this.#options.routes) route.trouble.ended(this.#refusalOf(directory))
    this.#refusals.delete(directory)
  }

  #refusalOf (directory: string): object {
    const refusal = this.#refusals.get(directory) ?? {}
    this.#refusals.set(directory, refusal)
    return refusal
  }

  async #recoverRoute ({ lease, names, boot }: Found, route: RouteSegments): Promise<RecoveryReport> {
    const { disk, clock, sync, log } = this.#options
    const { directory } = lease
    const report = await recoverRoute({
      disk,
      clock,
      route: route.name,
      names,
      directory: join(directory, 'spool', encodeComponent(route.name)),
      boot,
      userId: await this.#userOf(directory),
      isSynced: sync !== 'never',
      isKnown: path => route.has(path),
      isLeft: () => lease.isLost,
      onSegment: segment => route.adopt(segment),
      isHopeless: path => this.#isHopeless(path),
      onSetAside: (path, error) => log.error({ route: route.name, path, error }, setAsideMessage),
      onFailure: (path, error) => {
        route.trouble.failed(this.#refusalOf(directory), error)
        if (this.#isFirstMention(path)) log.error({ route: route.name, path, error }, 'recovery of a path failed')
      },
    })
    if (report.failedCount === 0) route.trouble.ended(this.#refusalOf(directory))
    const unknown = report.unknown.filter(path => this.#isFirstMention(join(directory, route.name, path)))
    if (unknown.length > 0) {
      const files = unknown.slice(0, maxListed)
      log.warn({ route: route.name, files, count: unknown.length }, 'unknown files left alone in the spool')
    }
    return report
  }

  /** The lease is a file that this process has made: what it is, whatever the file system makes of users, is ours. */
  async #userOf (directory: string): Promise<number> {
    try {
      return (await this.#options.disk.stat(leasePath(directory))).userId
    } catch {
      return process.getuid?.() ?? 0
    }
  }

  #isHopeless (path: string): boolean {
    const failedCount = (this.#failedReads.get(path) ?? 0) + 1
    this.#failedReads.set(path, failedCount)
    return failedCount >= mostReads
  }

  #isFirstMention (path: string): boolean {
    const isFirst = !this.#named.has(path)
    this.#named.add(path)
    return isFirst
  }
}

// Tested in test/spool/recovery.test.ts
