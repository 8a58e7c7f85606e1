import { basename, dirname, join } from 'node:path'
import type { Disk } from './disk.ts'
import { acquireLock, systemProcesses, type Lock } from './lock.ts'
import { recoverRoute, type RecoveryReport } from './recovery.ts'
import type { RouteSegments } from './route-spool.ts'
import { encodeComponent } from './segment-name.ts'
import type { SpoolOptions } from './spool.ts'
import { retryPauseMs, type Trouble } from './trouble.ts'

const recoveryRetryMs = 10_000
/** Most names that one line of the log lists. */
const maxListed = 20

export interface TakeoverOptions extends
  Pick<SpoolOptions, 'directory' | 'hostId' | 'boot' | 'processes' | 'sync' | 'clock' | 'log'> {
  readonly disk: Disk
  readonly routes: readonly RouteSegments[]
  readonly trouble: Trouble
  /** Aborts when the spool closes. */
  readonly signal: AbortSignal
  /** All routes were gone through. */
  readonly onRecovered: () => Promise<void>
}

/** Locks a directory for this process, and takes over what earlier processes left there. */
export class Takeover {
  readonly #options: TakeoverOptions
  #lock: Lock | undefined
  /** Paths that the log has named. */
  readonly #named = new Set<string>()

  constructor (options: TakeoverOptions) {
    this.#options = options
  }

  /** undefined until the disk has let us lock a directory. */
  get lock (): Lock | undefined { return this.#lock }

  /**
   * Tries until all is locked and recovered, or the spool closes, which ends every pause in between.
   *
   * @param onFailure called at every try that failed
   */
  async run (onFailure: () => void): Promise<void> {
    const { clock, signal } = this.#options
    await this.#acquire(onFailure)
    if (this.#lock === undefined) return
    const { directory, ordinal } = this.#lock
    if (ordinal > 1) this.#options.log.warn({ directory, ordinal }, 'another process holds the spool of this host')
    await this.#mentionOthers(directory)
    while (await this.#recover() && !signal.aborted) {
      onFailure()
      await clock.sleep(recoveryRetryMs, signal)
    }
  }

  async #acquire (onFailure: () => void): Promise<void> {
    const { disk, directory, hostId, boot, processes = systemProcesses, clock, signal, trouble } = this.#options
    const wanted = join(directory, encodeComponent(hostId))
    for (let failedCount = 1; !signal.aborted; failedCount++) {
      try {
        this.#lock = await acquireLock({ disk, processes, directory: wanted, boot })
        return trouble.ended(this)
      } catch (error) {
        trouble.failed(this, error)
        onFailure()
        await clock.sleep(retryPauseMs(failedCount), signal)
      }
    }
  }

  /** Says once what is left alone: spools of other hosts, and of routes that are no longer configured. */
  async #mentionOthers (directory: string): Promise<void> {
    const { log, routes } = this.#options
    const hosts = (await this.#listDirectories(dirname(directory))).filter(name => name !== basename(directory))
    if (hosts.length > 0) {
      log.info({ hosts: hosts.slice(0, maxListed), count: hosts.length }, 'spools of other hosts left alone')
    }
    const known = new Set(routes.map(({ name }) => encodeComponent(name)))
    const others = (await this.#listDirectories(join(directory, 'spool'))).filter(name => !known.has(name))
    if (others.length > 0) {
      log.warn({ routes: others.slice(0, maxListed) }, 'spools of routes not configured left alone')
    }
  }

  async #listDirectories (path: string): Promise<string[]> {
    try {
      return (await this.#options.disk.list(path)).filter(({ isDirectory }) => isDirectory).map(({ name }) => name)
    } catch {
      // Only for the log; what cannot be read here is counted where it is needed.
      return []
    }
  }

  /** @returns true when something could not be recovered and is to be tried again */
  async #recover (): Promise<boolean> {
    const { routes, disk, clock, boot, sync } = this.#options
    let failedCount = 0
    for (const route of routes) {
      const { directory } = route
      if (directory === undefined) continue
      const report = await recoverRoute({
        disk,
        clock,
        route: route.name,
        directory,
        boot,
        isSynced: sync !== 'never',
        isKnown: path => route.has(path),
        onSegment: segment => route.adopt(segment),
        onFailure: (path, error) => this.#recoveryFailed(route, path, error),
      })
      if (report.failedCount === 0) route.trouble.ended(route)
      this.#report(route, report)
      failedCount += report.failedCount
    }
    await this.#options.onRecovered()
    return failedCount > 0
  }

  #recoveryFailed (route: RouteSegments, path: string, error: unknown): void {
    route.trouble.failed(route, error)
    if (this.#isFirstMention(path)) this.#options.log.error({ route: route.name, path, error }, 'recovery of a path failed')
  }

  #report ({ name, directory = '' }: RouteSegments, report: RecoveryReport): void {
    const { log } = this.#options
    const { segmentCount, records, tornCount, ignoredCursorCount } = report
    if (segmentCount + tornCount + ignoredCursorCount > 0) {
      log.info({ route: name, segmentCount, records, tornCount, ignoredCursorCount }, 'spool recovered')
    }
    const unknown = report.unknown.filter(path => this.#isFirstMention(join(directory, path)))
    if (unknown.length > 0) {
      const files = unknown.slice(0, maxListed)
      log.warn({ route: name, files, count: unknown.length }, 'unknown files left alone in the spool')
    }
  }

  #isFirstMention (path: string): boolean {
    const isFirst = !this.#named.has(path)
    this.#named.add(path)
    return isFirst
  }
}

// Tested in test/spool/host-spool.test.ts
