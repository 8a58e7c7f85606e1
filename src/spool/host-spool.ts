import { basename, dirname, join } from 'node:path'
import { Timer } from './timer.ts'
import type { Disk } from './disk.ts'
import { withLimit } from './limited-disk.ts'
import { acquireLock, systemProcesses, type Lock } from './lock.ts'
import { effectiveQuotas } from './quota.ts'
import { recoverRoute, type RecoveryReport } from './recovery.ts'
import { Backpressure } from './backpressure.ts'
import { RouteSegments } from './route-spool.ts'
import { encodeComponent } from './segment-name.ts'
import type { RouteSpool, Spool, SpoolOptions } from './spool.ts'
import { retryPauseMs, Trouble } from './trouble.ts'

const tickMs = 1000
const spaceIntervalMs = 10_000
const recoveryRetryMs = 10_000
const longestStartMs = 2000
/** Half of the thread pool as it is set for the product, and all of Node's default one. */
const maxDiskOperations = 4
const alwaysTrue = Promise.resolve(true)

/** The spool of one host: its lock, its routes, and the few timers that they share. */
export class HostSpool implements Spool {
  readonly #options: SpoolOptions
  readonly #disk: Disk
  readonly #closing = new AbortController()
  readonly #routes = new Map<string, RouteSegments>()
  readonly #backpressure: Backpressure
  readonly #trouble: Trouble
  readonly #flushTimer: Timer
  readonly #syncTimer: Timer
  readonly #tickTimer: Timer
  #lock: Lock | undefined
  #segmentCount = 0
  #spaceMeasuredMs = -Infinity
  #isMeasuring = false
  #storedRound: Promise<boolean> | undefined
  #background: Promise<void> = Promise.resolve()
  #closed: Promise<void> | undefined
  /** Paths that the log has named. */
  readonly #named = new Set<string>()

  constructor (options: SpoolOptions) {
    const { clock, maxStallMs, metrics, log } = options
    const { signal } = this.#closing
    this.#options = options
    this.#disk = withLimit(options.disk, maxDiskOperations)
    this.#backpressure = new Backpressure(clock, maxStallMs, signal)
    this.#trouble = new Trouble({ route: 'all', metrics, log, onNoSpace: () => {} })
    this.#flushTimer = new Timer(clock, signal, () => this.#flush())
    this.#syncTimer = new Timer(clock, signal, () => this.#syncNow())
    this.#tickTimer = new Timer(clock, signal, () => this.#tick())
    for (const route of options.routes) {
      this.#routes.set(route.name, new RouteSegments(route, {
        ...options,
        disk: this.#disk,
        signal,
        directory: () => this.directory,
        problem: () => this.#trouble.problem,
        nextSegmentNumber: () => ++this.#segmentCount,
        onDirty: () => this.#flushTimer.setIn(options.flushIntervalMs),
        onFull: () => this.#backpressure.enter(route.name),
        onWritable: () => this.#backpressure.leave(route.name),
        onNoSpace: () => this.#measureSoon(),
      }))
    }
  }

  get directory (): string | undefined { return this.#lock?.directory }
  get instance (): string {
    const { ordinal = 1 } = this.#lock ?? {}
    return ordinal === 1 ? this.#options.hostId : `${this.#options.hostId}-${ordinal}`
  }

  get isFull (): boolean { return this.#backpressure.isFull }
  whenWritable (): Promise<void> { return this.#backpressure.whenWritable() }

  /** Locks and recovers, or leaves that to the background when the disk refuses or is slow. Called once. */
  async start (): Promise<void> {
    const firstTry = Promise.withResolvers<void>()
    this.#background = this.#prepare(firstTry.resolve)
    this.#tickTimer.setIn(tickMs)
    const patience = new AbortController()
    const isOver = this.#options.clock.sleep(longestStartMs, AbortSignal.any([patience.signal, this.#closing.signal]))
    await Promise.race([this.#background, firstTry.promise, isOver])
    patience.abort()
  }

  route (name: string): RouteSpool {
    const route = this.#routes.get(name)
    if (route === undefined) throw new TypeError(`one of the routes ${[...this.#routes.keys()].join(', ')} was expected`)
    return route
  }

  stored (): Promise<boolean> {
    if (this.#all(route => route.isStored)) return alwaysTrue
    // At the end of this turn of the event loop, so that every connection that was read in it takes part.
    this.#storedRound ??= new Promise(resolve => setImmediate(() => {
      this.#storedRound = undefined
      resolve(this.#storeAll())
    }))
    return this.#storedRound
  }

  async sealAll (): Promise<void> {
    await Promise.all([...this.#routes.values()].map(route => route.seal()))
  }

  close (): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close (): Promise<void> {
    this.#closing.abort()
    await Promise.all([...this.#routes.values()].map(route => route.close()))
    await this.#background
    try {
      await this.#lock?.release()
    } catch (error) {
      // The next process sees that this one is gone.
      this.#trouble.count(error)
    }
  }

  #all (isTrue: (route: RouteSegments) => boolean): boolean {
    for (const route of this.#routes.values()) if (!isTrue(route)) return false
    return true
  }

  async #storeAll (): Promise<boolean> {
    const results = await Promise.all([...this.#routes.values()].map(route => route.stored()))
    return results.every(Boolean)
  }

  #flush (): void {
    for (const route of this.#routes.values()) route.flush()
    if (this.#options.sync === 'interval') this.#syncTimer.setIn(this.#options.syncIntervalMs)
  }

  #syncNow (): void {
    for (const route of this.#routes.values()) route.syncNow()
    if (!this.#all(route => !route.hasUnsynced)) this.#syncTimer.setIn(this.#options.syncIntervalMs)
  }

  #tick (): void {
    for (const route of this.#routes.values()) route.tick()
    const sinceMs = this.#options.clock.monotonicMs() - this.#spaceMeasuredMs
    const isLimited = !this.#all(route => route.quotaBytes >= route.settingBytes)
    if (isLimited || sinceMs >= spaceIntervalMs) void this.#measureSpace()
    this.#tickTimer.setIn(tickMs)
  }

  /** At once, but not again and again while every write fails. */
  #measureSoon (): void {
    if (this.#options.clock.monotonicMs() - this.#spaceMeasuredMs >= tickMs) void this.#measureSpace()
  }

  async #measureSpace (): Promise<void> {
    if (this.directory === undefined || this.#isMeasuring) return
    this.#isMeasuring = true
    this.#spaceMeasuredMs = this.#options.clock.monotonicMs()
    try {
      const freeBytes = await this.#disk.freeBytes(this.directory)
      const routes = [...this.#routes.values()]
      const usedBytes = routes.reduce((sum, route) => sum + route.bytes, 0)
      const quotas = effectiveQuotas(routes.map(route => route.settingBytes), freeBytes, usedBytes)
      for (const [index, route] of routes.entries()) route.setQuota(quotas[index] ?? route.settingBytes)
    } catch (error) {
      // The quotas stay as they are until the next time.
      this.#trouble.count(error)
    } finally {
      this.#isMeasuring = false
    }
  }

  async #prepare (onFirstTry: () => void): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = this.#closing
    for (let failedCount = 0; this.#lock === undefined && !signal.aborted;) {
      try {
        this.#lock = await this.#acquire()
      } catch (error) {
        this.#trouble.failed(this, error)
        onFirstTry()
        await clock.sleep(retryPauseMs(++failedCount), signal)
      }
    }
    if (this.#lock === undefined) return
    this.#trouble.ended(this)
    const { directory, ordinal } = this.#lock
    if (ordinal > 1) log.warn({ directory, ordinal }, 'another process holds the spool of this host')
    await this.#mentionOthers(directory)
    while (await this.#recover() && !signal.aborted) {
      onFirstTry()
      await clock.sleep(recoveryRetryMs, signal)
    }
  }

  #acquire (): Promise<Lock> {
    const { directory, hostId, boot, processes = systemProcesses } = this.#options
    return acquireLock({ disk: this.#disk, processes, directory: join(directory, encodeComponent(hostId)), boot })
  }

  /** Says once what is left alone: spools of other hosts, and of routes that are no longer configured. */
  async #mentionOthers (directory: string): Promise<void> {
    const { log } = this.#options
    const hosts = (await this.#listDirectories(dirname(directory))).filter(name => name !== basename(directory))
    if (hosts.length > 0) log.info({ hosts: hosts.slice(0, 20), count: hosts.length }, 'spools of other hosts left alone')
    const known = new Set(this.#options.routes.map(({ name }) => encodeComponent(name)))
    const routes = (await this.#listDirectories(join(directory, 'spool'))).filter(name => !known.has(name))
    if (routes.length > 0) log.warn({ routes: routes.slice(0, 20) }, 'spools of routes not configured left alone')
  }

  async #listDirectories (path: string): Promise<string[]> {
    try {
      return (await this.#disk.list(path)).filter(({ isDirectory }) => isDirectory).map(({ name }) => name)
    } catch {
      // Only for the log; what cannot be read here is counted where it is needed.
      return []
    }
  }

  /** @returns true when something could not be recovered and is to be tried again */
  async #recover (): Promise<boolean> {
    let failedCount = 0
    for (const route of this.#routes.values()) {
      const { directory } = route
      if (directory === undefined) continue
      const report = await recoverRoute({
        disk: this.#disk,
        clock: this.#options.clock,
        route: route.name,
        directory,
        boot: this.#options.boot,
        isSynced: this.#options.sync !== 'never',
        isKnown: path => route.has(path),
        onSegment: segment => route.adopt(segment),
        onFailure: (path, error) => this.#recoveryFailed(route, path, error),
      })
      if (report.failedCount === 0) route.trouble.ended(route)
      this.#report(route, report)
      failedCount += report.failedCount
    }
    await this.#measureSpace()
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
      log.warn({ route: name, files: unknown.slice(0, 20), count: unknown.length }, 'unknown files left alone in the spool')
    }
  }

  #isFirstMention (path: string): boolean {
    const isFirst = !this.#named.has(path)
    this.#named.add(path)
    return isFirst
  }
}
