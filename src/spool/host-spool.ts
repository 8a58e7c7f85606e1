import { randomBytes } from 'node:crypto'
import { Adoption } from './adoption.ts'
import { aborted, every } from '../contracts/clock.ts'
import { hangCode } from '../contracts/disk-errors.ts'
import { sumOf } from '../contracts/quota.ts'
import { Backpressure } from './backpressure.ts'
import type { Disk } from './disk.ts'
import { GuardedDisk } from './guarded-disk.ts'
import { HangWatch } from './hang-watch.ts'
import type { Lease, LeaseOptions } from './lease.ts'
import { Leases } from './leases.ts'
import { systemProcesses } from './processes.ts'
import { Recoverer } from './recoverer.ts'
import { Quotas } from './quotas.ts'
import { RouteSegments } from './route-spool.ts'
import { createCopyBudget } from './segment-copy.ts'
import type { RouteSpool, Spool, SpoolOptions } from './spool.ts'
import { Takeover } from './takeover.ts'
import { Timer } from './timer.ts'
import { Trouble } from './trouble.ts'
import { Turnstile } from './turnstile.ts'

const tickMs = 1000
const longestStartMs = 2000
/** Half of the thread pool as it is set for the product, and all of Node's default one. */
const maxDiskOperations = 4
const lostMessage = 'another process has taken the spool directory while this one, or its disk, stood still: ' +
  'its lines are delivered there, and this one goes on in another'
const alwaysTrue = Promise.resolve(true)

/**
 * Takes a directory, recovers what an earlier process left there and takes lines from then on.
 *
 * Never rejects because of the disk: what it refuses is logged once, counted and tried again; until then lines wait in
 * the write buffers. Recovery that takes longer than two seconds goes on in the background.
 */
export async function openSpool (options: SpoolOptions): Promise<Spool> {
  const spool = new HostSpool(options)
  await spool.start()
  return spool
}

/** The spool of one host: its directory, its routes, and the few timers that they share. */
class HostSpool implements Spool {
  readonly #options: SpoolOptions
  readonly #closing = new AbortController()
  readonly #routes: ReadonlyMap<string, RouteSegments>
  readonly #trouble: Trouble
  readonly #quotas: Quotas
  readonly #hangs: HangWatch
  readonly #takeover: Takeover
  readonly #adoption: Adoption
  readonly #backpressure: Backpressure
  readonly #flushTimer: Timer
  readonly #syncTimer: Timer
  readonly #overdraft = { usedBytes: 0 }
  #boot: string
  #segmentCount = 0
  #names = { task: '' }
  #storedRound: Promise<boolean> | undefined
  /** At the end of this turn of the event loop all routes are flushed. */
  #isFlushDue = false
  readonly #flushAtTurnEnd = () => process.nextTick(this.#flushTurn)
  readonly #flushTurn = () => {
    this.#isFlushDue = false
    if (!this.#closing.signal.aborted) this.#flush()
  }

  #background: Promise<void> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor (options: SpoolOptions) {
    const { clock, maxBytes = Infinity, maxStallMs, metrics, log } = options
    const { signal } = this.#closing
    const leases = new Leases()
    const hangs = this.#hangs = new HangWatch(clock)
    const disk = new GuardedDisk(options.disk, {
      hangs, leases, maxOperations: maxDiskOperations, maxOpenFiles: options.maxOpenSegments,
    })
    this.#options = options
    this.#boot = options.boot
    this.#backpressure = new Backpressure(clock, maxStallMs, signal)
    this.#trouble = new Trouble({ route: 'all', metrics, log, clock, onNoSpace: () => {} })
    this.#flushTimer = new Timer(clock, signal, () => this.#flush())
    this.#syncTimer = new Timer(clock, signal, () => this.#syncNow())
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
    const routes = [...this.#routes.values()]
    const leaseOptions: LeaseOptions = {
      disk: new GuardedDisk(options.disk, { hangs }),
      clock,
      processes: options.processes ?? systemProcesses,
      onLost: lease => this.#onLost(lease),
    }
    const shared = {
      ...options,
      about: options.about ?? { destinations: {}, names: {} },
      disk,
      leases,
      leaseOptions,
      recoverer: new Recoverer({ ...options, disk, routes }),
      routes,
      trouble: this.#trouble,
      signal,
    }
    this.#takeover = new Takeover({
      ...shared,
      boot: () => this.#boot,
      // Open segments whose files are gone with it lose them now, not when they are due: that is told and counted.
      onRemoved: () => { for (const route of routes) void route.seal() },
      onRecovered: () => this.#quotas.measure(),
    })
    this.#adoption = new Adoption({ ...shared, own: () => this.directory })
  }

  get directory (): string | undefined { return this.#takeover.directory }
  get instance (): string { return this.#takeover.instance }
  get isRecovered (): boolean { return this.#takeover.isRecovered }

  /** The same object for as long as they are the same: every segment has it. */
  #segmentNames (): { readonly task: string } {
    if (this.#names.task !== this.instance) this.#names = { task: this.instance }
    return this.#names
  }

  get bufferBytes (): number { return sumOf([...this.#routes.values()].map(route => route.bufferBytes)) }
  get overdrawnBytes (): number { return this.#overdraft.usedBytes }
  get isFull (): boolean { return this.#backpressure.isFull }
  whenWritable (): Promise<void> { return this.#backpressure.whenWritable() }

  /**
   * Takes a directory and recovers. Resolves when that is done, at the first failure, and after two seconds at the
   * latest: the rest goes on in the background. Called once.
   */
  async start (): Promise<void> {
    const firstTry = Promise.withResolvers<void>()
    this.#background = this.#takeover.run(firstTry.resolve)
    const { clock } = this.#options
    const { signal } = this.#closing
    const stopTicking = every(clock, tickMs, () => this.#tick())
    void aborted(signal).then(stopTicking)
    const patience = new AbortController()
    const isOver = clock.sleep(longestStartMs, AbortSignal.any([patience.signal, signal]))
    await Promise.race([this.#background, firstTry.promise, isOver])
    patience.abort()
  }

  route (name: string): RouteSpool {
    const route = this.#routes.get(name)
    if (route === undefined) throw new TypeError(`one of the routes ${[...this.#routes.keys()].join(', ')} was expected`)
    return route
  }

  writeThisTurn (): void {
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    // A tick that begins in a microtask runs when no microtask is left: at half of the cost of an immediate.
    queueMicrotask(this.#flushAtTurnEnd)
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
    await this.#adoption.close()
    try {
      await this.#takeover.release()
    } catch (error) {
      // The next process sees that this one is gone.
      this.#trouble.count(error)
    }
    // Node waits at its exit for the thread of a read that was given up.
    await this.#hangs.idle()
  }

  abandon (): void {
    for (const route of this.#routes.values()) route.abandon()
  }

  /** This process was paused, or its disk hung: another has taken a directory of it. */
  #onLost (lease: Lease): void {
    const { directory } = lease
    const isOwn = this.#takeover.lost(lease)
    if (!isOwn && !this.#adoption.lost(lease)) return
    // In one turn with the loss, so that nothing asks for a directory that is another's.
    for (const route of this.#routes.values()) route.leave(directory)
    this.#options.log.error({ directory }, lostMessage)
    if (!isOwn || this.#closing.signal.aborted) return
    // What the other does with names that begin like ours is its own.
    this.#boot = randomBytes(16).toString('hex')
    this.#background = Promise.all([this.#background, this.#takeover.run(() => {})]).then(() => undefined)
  }

  #createRoutes (disk: Disk, signal: AbortSignal): Map<string, RouteSegments> {
    const { routes, flushIntervalMs } = this.#options
    const turnstile = new Turnstile(maxDiskOperations)
    const copies = createCopyBudget()
    return new Map(routes.map((route, index) => [route.name, new RouteSegments(
      { ...route, quotaBytes: this.#quotas.fullBytes[index] ?? route.quotaBytes },
      {
        ...this.#options,
        disk,
        signal,
        turnstile,
        overdraft: this.#overdraft,
        copies,
        hangs: this.#hangs,
        boot: () => this.#boot,
        names: () => this.#segmentNames(),
        directory: () => this.directory,
        problem: () => this.#hangs.isHanging ? hangCode : this.#trouble.problem,
        nextSegmentNumber: () => ++this.#segmentCount,
        onDirty: () => { if (!this.#isFlushDue) this.#flushTimer.setIn(flushIntervalMs) },
        onFull: (what, maxMs) => this.#backpressure.enter(`${route.name} ${what}`, maxMs),
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
    this.#takeover.tick()
    if (this.#options.adopts !== false) this.#adoption.tick()
  }
}
