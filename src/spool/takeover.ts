import { join } from 'node:path'
import { writeAbout, type About } from './about.ts'
import type { Disk } from './disk.ts'
import { beatMs, takeLease, type Lease, type LeaseOptions } from './lease.ts'
import type { Leases } from './leases.ts'
import { maxListed, type Recoverer } from './recoverer.ts'
import type { RouteSegments } from './route-spool.ts'
import { encodeComponent } from './segment-name.ts'
import type { SpoolOptions } from './spool.ts'
import { retryPauseMs, type Trouble } from './trouble.ts'

const recoveryRetryMs = 10_000
const maxOrdinal = 100

/** What whoever takes directories needs of the spool. */
export interface TakerOptions extends Pick<SpoolOptions, 'directory' | 'clock' | 'log'> {
  readonly about: About
  readonly disk: Disk
  readonly leases: Leases
  readonly leaseOptions: LeaseOptions
  readonly recoverer: Recoverer
  readonly routes: readonly RouteSegments[]
  readonly trouble: Trouble
  /** Aborts when the spool closes. */
  readonly signal: AbortSignal
}

export interface TakeoverOptions extends TakerOptions, Pick<SpoolOptions, 'hostId'> {
  /** Of the names of files now. */
  readonly boot: () => string
  /** Somebody has removed the file of the lease, perhaps with the whole directory. */
  readonly onRemoved: () => void
  /** All routes were gone through. */
  readonly onRecovered: () => Promise<void>
}

/** Takes a directory for this process, keeps its lease, and takes over what earlier processes left there. */
export class Takeover {
  readonly #options: TakeoverOptions
  #lease: Lease | undefined
  /** That of the directory in which everything was gone through. */
  #recovered: Lease | undefined
  #ordinal = 1
  /** Number of the lease's file beside which it was written. */
  #aboutCount = 0
  #madeCount = 0
  #beatenMs = -Infinity

  constructor (options: TakeoverOptions) {
    this.#options = options
  }

  /** undefined until the disk has let us take one, and while another process has taken ours. */
  get directory (): string | undefined { return this.#lease?.directory }

  /** `{hostId}`, or with a suffix where another living process has the directory of that name. */
  get instance (): string {
    const { hostId } = this.#options
    return this.#lease === undefined || this.#ordinal === 1 ? hostId : `${hostId}-${this.#ordinal}`
  }

  /** What earlier processes left in the directory is pending here, or ended. */
  get isRecovered (): boolean { return this.#lease !== undefined && this.#lease === this.#recovered }

  /**
   * Tries until a directory is taken and recovered, or the spool closes, which ends every pause in between.
   *
   * @param onFailure called at every try that failed
   */
  async run (onFailure: () => void): Promise<void> {
    const { clock, signal, log } = this.#options
    await this.#acquire(onFailure)
    const lease = this.#lease
    if (lease === undefined) return
    const { directory } = lease
    const ordinal = this.#ordinal
    if (ordinal > 1) log.warn({ directory, ordinal }, 'another process holds the spool of this host')
    await this.#writeAbout()
    await this.#mentionOthers(directory)
    while (await this.#recover(lease) && !signal.aborted) {
      onFailure()
      await clock.sleep(recoveryRetryMs, signal)
    }
  }

  /** Called every second. */
  tick (): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (this.#lease === undefined || nowMs - this.#beatenMs < beatMs) return
    this.#beatenMs = nowMs
    void this.#beat(this.#lease)
  }

  async #beat (lease: Lease): Promise<void> {
    await lease.beat()
    if (lease !== this.#lease) return
    if (lease.madeCount !== this.#madeCount) {
      this.#madeCount = lease.madeCount
      this.#options.onRemoved()
    }
    if (lease.madeCount !== this.#aboutCount) await this.#writeAbout()
  }

  /** Another process has taken the directory of `lease`. @returns false when it is not this one's */
  lost (lease: Lease): boolean {
    if (lease !== this.#lease) return false
    this.#lease = undefined
    this.#aboutCount = 0
    this.#options.recoverer.forget(lease.directory)
    return true
  }

  /** Gives the directory back. Rejects when the disk refuses: the next process sees that this one is gone. */
  async release (): Promise<void> {
    await this.#lease?.release()
  }

  async #acquire (onFailure: () => void): Promise<void> {
    const { clock, signal, trouble } = this.#options
    for (let failedCount = 1; !signal.aborted; failedCount++) {
      try {
        await this.#takeFirst()
        return trouble.ended(this)
      } catch (error) {
        trouble.failed(this, error)
        onFailure()
        await clock.sleep(retryPauseMs(failedCount), signal)
      }
    }
  }

  /** Takes `directory`, or the first of `directory-2`, `directory-3`, … that no living process holds. */
  async #takeFirst (): Promise<void> {
    const { directory, hostId, leases, leaseOptions, clock } = this.#options
    const wanted = join(directory, encodeComponent(hostId))
    for (let ordinal = 1; ordinal <= maxOrdinal; ordinal++) {
      const lease = await takeLease(leaseOptions, ordinal === 1 ? wanted : `${wanted}-${ordinal}`)
      if (lease === undefined) continue
      leases.add(lease)
      this.#lease = lease
      this.#madeCount = lease.madeCount
      this.#ordinal = ordinal
      this.#beatenMs = clock.monotonicMs()
      return
    }
    throw new Error('a directory that no other process holds was expected')
  }

  /** A disk that refuses it is asked again with the next beat. */
  async #writeAbout (): Promise<void> {
    const { disk, about, trouble } = this.#options
    const lease = this.#lease
    if (lease === undefined) return
    const { directory, madeCount } = lease
    try {
      await writeAbout(disk, directory, { ...about, names: { ...about.names, task: this.instance } })
      this.#aboutCount = madeCount
    } catch (error) {
      trouble.count(error)
    }
  }

  /** Says once which spools of routes that are no longer configured are left alone, if they hold something. */
  async #mentionOthers (directory: string): Promise<void> {
    const { log, routes } = this.#options
    const known = new Set(routes.map(({ name }) => encodeComponent(name)))
    const others: string[] = []
    for (const name of await this.#listDirectories(join(directory, 'spool'))) {
      if (!known.has(name) && await this.#holdsFiles(join(directory, 'spool', name))) others.push(name)
    }
    if (others.length === 0) return
    const advice = `configure these routes again, or stop this process and run sluice replay ${directory}`
    log.warn({ routes: others.slice(0, maxListed), advice }, 'spools of routes not configured left alone')
  }

  /** Whether there is anything in one of the directories of a route, each of which is a container's. */
  async #holdsFiles (path: string): Promise<boolean> {
    for (const name of await this.#listDirectories(path)) {
      try {
        if ((await this.#options.disk.list(join(path, name))).length > 0) return true
      } catch {
        // It may hold some.
        return true
      }
    }
    return false
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
  async #recover (lease: Lease): Promise<boolean> {
    if (lease.isLost) return false
    const { recoverer, boot, log, onRecovered } = this.#options
    const { failedCount } = await recoverer.recover({
      lease,
      names: { task: this.instance },
      boot: boot(),
      onReport: (route, { segmentCount, records, tornCount, ignoredCursorCount }) => {
        if (segmentCount + tornCount + ignoredCursorCount === 0) return
        log.info({ route, segmentCount, records, tornCount, ignoredCursorCount }, 'spool recovered')
      },
    })
    if (failedCount === 0) this.#recovered = lease
    await onRecovered()
    return failedCount > 0
  }
}

// Tested in test/spool/host-spool.test.ts
