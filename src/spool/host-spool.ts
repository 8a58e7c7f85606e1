import { sumOf } from '../contracts/quota.ts'
import { Backpressure } from './backpressure.ts'
import type { Disk } from './disk.ts'
import { withFewFiles } from './few-files.ts'
import { createLimit, withLimit } from './limited-disk.ts'
import { Quotas } from './quotas.ts'
import { RouteSegments } from './route-spool.ts'
import type { RouteSpool, Spool, SpoolOptions } from './spool.ts'
import { Takeover } from './takeover.ts'
import { Timer } from './timer.ts'
import { Trouble } from './trouble.ts'

const tickMs = 1000
const longestStartMs = 2000
/** Half of the thread pool as it is set for the product, and all of Node's default one. */
const maxDiskOperations = 4
const alwaysTrue = Promise.resolve(true)

/**
 * Locks a directory, recovers what an earlier process left there and takes lines from then on.
 *
 * Never rejects because of the disk: what it refuses is logged once, counted and tried again; until then lines wait in
 * the write buffers. Recovery that takes longer than two seconds goes on in the background.
 */
export async function openSpool (options: SpoolOptions): Promise<Spool> {
  const spool = new HostSpool(options)
  await spool.start()
  return spool
}

/** The spool of one host: its lock, its routes, and the few timers that they share. */
class HostSpool implements Spool {
  readonly #options: SpoolOptions
  readonly #closing = new AbortController()
  readonly #routes: ReadonlyMap<string, RouteSegments>
  readonly #trouble: Trouble
  readonly #quotas: Quotas
  readonly #takeover: Takeover
  readonly #backpressure: Backpressure
  readonly #flushTimer: Timer
  readonly #syncTimer: Timer
  readonly #overdraft = { usedBytes: 0 }
  readonly #tickTimer: Timer
  #segmentCount = 0
  #storedRound: Promise<boolean> | undefined
  #background: Promise<void> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor (options: SpoolOptions) {
    const { clock, maxBytes = Infinity, maxStallMs, metrics, log } = options
    const { signal } = this.#closing
    const disk = withFewFiles(withLimit(options.disk, maxDiskOperations), options.maxOpenSegments)
    this.#options = options
    this.#backpressure = new Backpressure(clock, maxStallMs, signal)
    this.#trouble = new Trouble({ route: 'all', metrics, log, onNoSpace: () => {} })
    this.#flushTimer = new Timer(clock, signal, () => this.#flush())
    this.#syncTimer = new Timer(clock, signal, () => this.#syncNow())
    this.#tickTimer = new Timer(clock, signal, () => this.#tick())
    this.#quotas = new Quotas({
      settingsBytes: options.routes.map(({ quotaBytes }) => quotaBytes),
      maxBytes,
      routes: () => [...this.#routes.values()],
      disk,
      clock,
      trouble: this.#trouble,
      log,
      directory: () => this.directory,
    })
    this.#routes = this.#createRoutes(disk, signal)
    this.#takeover = new Takeover({
      ...options,
      disk,
      routes: [...this.#routes.values()],
      trouble: this.#trouble,
      signal,
      onRecovered: () => this.#quotas.measure(),
    })
  }

  get directory (): string | undefined { return this.#takeover.lock?.directory }
  get instance (): string {
    const { ordinal = 1 } = this.#takeover.lock ?? {}
    return ordinal === 1 ? this.#options.hostId : `${this.#options.hostId}-${ordinal}`
  }

  get bufferBytes (): number { return sumOf([...this.#routes.values()].map(route => route.bufferBytes)) }
  get overdrawnBytes (): number { return this.#overdraft.usedBytes }
  get isFull (): boolean { return this.#backpressure.isFull }
  whenWritable (): Promise<void> { return this.#backpressure.whenWritable() }

  /**
   * Locks and recovers. Resolves when that is done, at the first failure, and after two seconds at the latest: the rest
   * goes on in the background. Called once.
   */
  async start (): Promise<void> {
    const firstTry = Promise.withResolvers<void>()
    this.#background = this.#takeover.run(firstTry.resolve)
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
      await this.#takeover.lock?.release()
    } catch (error) {
      // The next process sees that this one is gone.
      this.#trouble.count(error)
    }
  }

  #createRoutes (disk: Disk, signal: AbortSignal): Map<string, RouteSegments> {
    const { routes, flushIntervalMs } = this.#options
    const inTurn = createLimit(maxDiskOperations)
    return new Map(routes.map((route, index) => [route.name, new RouteSegments(
      { ...route, quotaBytes: this.#quotas.fullBytes[index] ?? route.quotaBytes },
      {
        ...this.#options,
        disk,
        signal,
        inTurn,
        overdraft: this.#overdraft,
        directory: () => this.directory,
        problem: () => this.#trouble.problem,
        nextSegmentNumber: () => ++this.#segmentCount,
        onDirty: () => this.#flushTimer.setIn(flushIntervalMs),
        onFull: what => this.#backpressure.enter(`${route.name} ${what}`),
        onWritable: what => this.#backpressure.leave(`${route.name} ${what}`),
        onNoSpace: () => this.#quotas.measureSoon(),
      })]))
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
    this.#quotas.tick()
    this.#tickTimer.setIn(tickMs)
  }
}
