import type { Counter, Ledger } from '../telemetry/ledger.ts'
import { DeliveryPace } from './delivery-pace.ts'
import { onDisk } from './disk.ts'
import type { OpenSet } from './open-set.ts'
import { QuotaHold } from './quota-hold.ts'
import type { RouteHost } from './route-host.ts'
import type { SealedQueue } from './sealed-queue.ts'

export interface RouteQuotaOptions {
  readonly name: string
  /** As the settings have it, and the most that a segment takes by them. */
  readonly settingBytes: number
  readonly segmentMaxBytes: number
  readonly openSet: OpenSet
  readonly queue: SealedQueue
  readonly host: RouteHost
}

/**
 * What one route takes of the disk, and what is given up where that would be more than its quota. While the destination
 * takes much, sources wait for it first: docs/decisions/memory-and-backpressure.md.
 */
export class RouteQuota {
  readonly #options: RouteQuotaOptions
  readonly #dropped: Readonly<Record<'quota' | 'diskFull', Counter>>
  /** What segments that are not sealed yet take of the disk, or will when they are written. */
  openBytes = 0
  #quotaBytes: number
  #segmentMaxBytes = 0
  readonly #hold: QuotaHold
  readonly #pace = new DeliveryPace()

  constructor (options: RouteQuotaOptions, ledger: Ledger) {
    const { name, settingBytes } = options
    this.#options = options
    this.#dropped = {
      quota: ledger.counter('dropped', name, 'quota'),
      diskFull: ledger.counter('dropped', name, 'disk_full'),
    }
    this.#hold = new QuotaHold(options.host)
    this.#quotaBytes = settingBytes
    this.set(settingBytes)
  }

  /** What it takes of the disk, in whole blocks, and in buffers. */
  get usedBytes (): number { return this.openBytes + this.#options.queue.bytes }
  get quotaBytes (): number { return this.#quotaBytes }
  get segmentMaxBytes (): number { return this.#segmentMaxBytes }
  get #waitsForRoom (): boolean { return this.#options.host.maxStallMs === Infinity }

  set (quotaBytes: number, mayEvict = false): void {
    const { openSet, host, segmentMaxBytes } = this.#options
    this.#quotaBytes = quotaBytes
    this.#segmentMaxBytes = Math.min(segmentMaxBytes, Math.floor(quotaBytes / 4))
    openSet.limitTo(Math.floor(quotaBytes / 2 / host.disk.blockBytes))
    if (this.#waitsForRoom) return this.check()
    if (!mayEvict) return
    while (this.usedBytes > this.#quotaBytes && this.#evictOldest(0));
  }

  /** True when a segment that holds `acceptedBytes` may take `lineBytes` more; else the line is counted as dropped. */
  take (acceptedBytes: number, lineBytes: number): boolean {
    const addedBytes = this.onDisk(acceptedBytes + lineBytes) - this.onDisk(acceptedBytes)
    if (this.usedBytes + addedBytes > this.#quotaBytes && !this.#makeRoom(addedBytes)) {
      this.#droppedFor(addedBytes).value++
      return false
    }
    this.openBytes += addedBytes
    return true
  }

  /** Whether that is so without giving up anything for it. */
  hasRoom (acceptedBytes: number, lineBytes: number): boolean {
    return this.usedBytes + this.onDisk(acceptedBytes + lineBytes) - this.onDisk(acceptedBytes) <= this.#quotaBytes
  }

  /** What is open cannot be given up for new lines: before it takes all of the quota, the oldest is sealed. */
  sealEarly (): void {
    const { openSet } = this.#options
    const [oldest] = openSet.open
    if (this.openBytes > this.#quotaBytes / 2 && oldest !== undefined && openSet.sealingCount === 0) {
      void openSet.seal(oldest)
    }
  }

  /** So many bytes were delivered. */
  delivered (bytes: number): void {
    this.#pace.add(bytes, this.#options.host.clock.monotonicMs())
    this.check()
  }

  /** Asks sources to wait at the quota, where they wait for room or there will be some in a moment. */
  check (): void {
    const { openSet, queue, host } = this.#options
    const isAtQuota = this.#waitsForRoom
      ? this.usedBytes >= this.#quotaBytes
      : this.#isFilled && this.#pace.isFast(host.clock.monotonicMs())
    // All is open: sealed, it can be delivered.
    if (isAtQuota && queue.count === 0 && openSet.sealingCount === 0) void openSet.sealAll()
    if (isAtQuota) this.#hold.hold()
    else this.#hold.letGo()
  }

  /** There is room left for what was read already, what joins hold, and what comes while sources are let go on. */
  get #isFilled (): boolean { return this.usedBytes >= this.#quotaBytes * 3 / 4 }

  onDisk (bytes: number): number { return onDisk(bytes, this.#options.host.disk.blockBytes) }

  /** Makes room for `addedBytes` within the quota by giving up the oldest. @returns false when that is not possible */
  #makeRoom (addedBytes: number): boolean {
    if (this.#waitsForRoom) return true
    const { openSet, queue } = this.#options
    const mostBytes = this.#quotaBytes - addedBytes
    if (mostBytes < 0) return false
    if (this.usedBytes - queue.readyBytes > mostBytes) {
      // All is open or held. Sealed, the oldest can be delivered, or given up for the lines to come.
      const [oldest] = openSet.open
      if (oldest !== undefined && openSet.sealingCount === 0) void openSet.seal(oldest)
      return false
    }
    while (this.usedBytes > mostBytes && this.#evictOldest(addedBytes));
    return true
  }

  /** Gives up the oldest, for `addedBytes` that are to come. */
  #evictOldest (addedBytes: number): boolean {
    const dropped = this.#droppedFor(addedBytes)
    const segment = this.#options.queue.evictOldest()
    if (segment === undefined) return false
    dropped.value += segment.pendingRecords
    return true
  }

  /** What is to blame that `addedBytes` more do not fit: the setting, or a disk that has less room than that. */
  #droppedFor (addedBytes: number): Counter {
    return this.usedBytes + addedBytes > this.#options.settingBytes ? this.#dropped.quota : this.#dropped.diskFull
  }
}

// Tested in test/spool/route-spool.test.ts
