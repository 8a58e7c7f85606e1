import { join } from 'node:path'
import type { Clock } from '../contracts/clock.ts'
import type { Segment } from '../contracts/segment.ts'
import type { Counter, Ledger } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { Timer } from './timer.ts'
import { onDisk, type Disk } from './disk.ts'
import { registerGauges } from './gauges.ts'
import type { OpenSegment, SegmentEnd, SegmentLoss } from './open-segment.ts'
import { OpenSet } from './open-set.ts'
import type { Limit } from './limited-disk.ts'
import { SealedQueue } from './sealed-queue.ts'
import { SealedSegment } from './sealed-segment.ts'
import { encodeComponent } from './segment-name.ts'
import { SlabPool, type Overdraft } from './slab-pool.ts'
import type { RouteOptions, RouteSpool, SpoolLog, SyncPolicy } from './spool.ts'
import { Trouble } from './trouble.ts'

/** What a route needs of the spool it belongs to. */
export interface RouteHost {
  readonly disk: Disk
  readonly clock: Clock
  readonly ledger: Ledger
  readonly metrics: Metrics
  readonly log: SpoolLog
  /** Drawn anew with every directory. */
  readonly boot: () => string
  /** What its segments are named by: see `Segment.names`. */
  readonly names: () => Readonly<Record<string, string>>
  readonly sync: SyncPolicy
  readonly writeBufferBytes: number
  readonly maxStallMs: number
  readonly flushIntervalMs: number
  readonly overdraft: Overdraft
  readonly signal: AbortSignal
  /** So many segments of all routes work at a time. */
  readonly inTurn: Limit
  /** `{dataDir}/{hostId}` once it is locked. */
  readonly directory: () => string | undefined
  /** What keeps it from having a directory; undefined when nothing does. */
  readonly problem: () => string | undefined
  readonly nextSegmentNumber: () => number
  /** Something waits to be written: called once until the next `flush`. */
  readonly onDirty: () => void
  /** Sources are to wait because of this, until the other is called for the same. */
  readonly onFull: (what: 'buffers' | 'quota') => void
  readonly onWritable: (what: 'buffers' | 'quota') => void
  readonly onNoSpace: () => void
}

/** One route's segments, open and sealed, within its quota. */
export class RouteSegments implements RouteSpool {
  readonly name: string
  readonly settingBytes: number
  readonly #options: RouteOptions
  readonly #host: RouteHost
  readonly #trouble: Trouble
  readonly #pool: SlabPool
  readonly #openSet: OpenSet
  readonly #queue: SealedQueue
  readonly #ageTimer: Timer
  readonly #dropped: Readonly<Record<'memory' | 'quota' | 'diskFull' | 'disk' | 'taken' | 'stop', Counter>>
  readonly #recovered: Counter
  #isClosed = false
  /** Sources were asked to wait at the quota. */
  #isAtQuota = false
  /** What segments that are not sealed yet take of the disk, or will when they are written. */
  #openBytes = 0
  #quotaBytes: number
  #segmentMaxBytes = 0

  constructor (options: RouteOptions, host: RouteHost) {
    const { name } = options
    const { disk, clock, ledger, metrics, log, sync, signal, onNoSpace } = host
    this.name = name
    this.settingBytes = options.quotaBytes
    this.#options = options
    this.#host = host
    this.#trouble = new Trouble({ route: name, metrics, log, onNoSpace })
    this.#recovered = ledger.counter('recovered', name)
    this.#dropped = {
      memory: ledger.counter('dropped', name, 'memory'),
      quota: ledger.counter('dropped', name, 'quota'),
      diskFull: ledger.counter('dropped', name, 'disk_full'),
      disk: ledger.counter('dropped', name, 'disk'),
      taken: ledger.counter('dropped', name, 'taken'),
      stop: ledger.counter('dropped', name, 'stop'),
    }
    this.#queue = new SealedQueue({
      route: name,
      isOrdered: options.isOrdered,
      isSealingBefore: ({ container, n }) => this.#openSet.isSealingBefore(container, n),
      disk,
      clock,
      sync,
      log,
      trouble: this.#trouble,
      signal,
      recovered: this.#recovered,
      droppedDamaged: ledger.counter('dropped', name, 'damaged'),
      droppedDisk: this.#dropped.disk,
      droppedTaken: this.#dropped.taken,
      onWaiting: () => this.#sealAged(),
    })
    const onHigh = () => {
      host.onFull('buffers')
      this.#openSet.flushAll()
    }
    this.#pool = new SlabPool({
      budgetBytes: host.writeBufferBytes,
      onHigh,
      onLow: () => host.onWritable('buffers'),
      isOpen: this.#waitsForRoom,
      overdraft: host.overdraft,
    })
    this.#openSet = new OpenSet({
      boot: host.boot,
      clock,
      segmentMaxAgeMs: options.segmentMaxAgeMs,
      hasEveryHour: options.hasEveryHour === true,
      flushIntervalMs: host.flushIntervalMs,
      nextSegmentNumber: host.nextSegmentNumber,
      onOpened: () => { if (this.#queue.waitingCount > 0) this.#ageTimer.setIn(options.segmentMaxAgeMs) },
      segmentHost: {
        disk,
        clock,
        pool: this.#pool,
        sync,
        trouble: this.#trouble,
        signal,
        inTurn: host.inTurn,
        directory: () => this.directory,
        parentsOf: directory => parentsOf(directory, host.directory() ?? directory),
        boot: host.boot,
        onEnd: (segment, end) => this.#onEnd(segment, end),
        onLost: loss => this.#onLost(loss),
      },
    })
    this.#ageTimer = new Timer(clock, signal, () => this.#sealAged())
    this.#quotaBytes = options.quotaBytes
    this.setQuota(options.quotaBytes)
    ledger.addPending(name, () => this.pendingRecords)
    registerGauges(this, metrics, clock)
  }

  get #waitsForRoom (): boolean { return this.#host.maxStallMs === Infinity }

  get directory (): string | undefined {
    const directory = this.#host.directory()
    return directory === undefined ? undefined : join(directory, 'spool', encodeComponent(this.name))
  }

  get bytes (): number { return this.#openBytes + this.#queue.bytes }
  get quotaBytes (): number { return this.#quotaBytes }
  get problem (): string | undefined { return this.#host.problem() ?? this.#trouble.problem }
  get bufferBytes (): number { return this.#pool.usedBytes }
  get openCount (): number { return this.#openSet.count }
  get sealedCount (): number { return this.#queue.count }
  get pendingRecords (): number { return this.#queue.pendingRecords + this.#openSet.sum(segment => segment.records) }
  get pendingBytes (): number { return this.#queue.pendingBytes + this.#openSet.sum(segment => segment.acceptedBytes) }

  get oldestPendingMs (): number | undefined {
    let oldest = this.#queue.oldestPendingMs ?? Infinity
    for (const segment of this.#openSet.live()) {
      if (segment.records > 0) oldest = Math.min(oldest, segment.options.firstAcceptedMs)
    }
    return oldest === Infinity ? undefined : oldest
  }

  append (timeMs: number, container: string, bytes: Buffer, start: number, end: number, isHeld = false): boolean {
    const lineBytes = end - start + 1
    if (this.#isClosed) {
      this.#dropped.memory.value++
      return false
    }
    let segment = this.#openSet.find(timeMs, container)
    if (segment !== undefined && segment.acceptedBytes + lineBytes > this.#segmentMaxBytes) {
      void this.#openSet.seal(segment)
      segment = undefined
    }
    // Asked before old lines are given up for it.
    if (!isHeld && (segment === undefined ? !this.#pool.canTake(lineBytes) : !segment.hasRoom(lineBytes))) {
      this.#dropped.memory.value++
      return false
    }
    const acceptedBytes = segment?.acceptedBytes ?? 0
    const addedBytes = this.#onDisk(acceptedBytes + lineBytes) - this.#onDisk(acceptedBytes)
    if (this.#openBytes + this.#queue.bytes + addedBytes > this.#quotaBytes && !this.#makeRoom(addedBytes)) {
      this.#droppedFor(addedBytes).value++
      return false
    }
    // Only now: a segment that was opened for a dropped line would be empty.
    segment ??= this.#openSet.openFor(timeMs, container)
    segment.append(bytes, start, end)
    this.#openBytes += addedBytes
    if (this.#openSet.wait(segment)) this.#host.onDirty()
    this.#checkQuota()
    return true
  }

  take (signal: AbortSignal, onWait?: () => void): Promise<Segment | undefined> {
    return this.#queue.take(signal, onWait)
  }

  release (segment: Segment): void { this.#queue.release(segment) }

  settle (segment: Segment, bytes: number, records: number): Promise<void> {
    const settled = this.#queue.settle(segment, bytes, records)
    this.#checkQuota()
    return settled
  }

  async seal (): Promise<void> {
    await Promise.all([...this.#openSet.live()].map(segment => this.#openSet.seal(segment)))
  }

  /** Begins to write what waits, or asks to be called again. */
  flush (): void {
    if (this.#openSet.flush()) this.#host.onDirty()
    // What is open cannot be given up for new lines: before it takes all of the quota, the oldest is sealed.
    const [oldest] = this.#openSet.open
    if (this.#openBytes > this.#quotaBytes / 2 && oldest !== undefined && this.#openSet.sealingCount === 0) {
      void this.#openSet.seal(oldest)
    }
  }

  get isStored (): boolean {
    for (const segment of this.#openSet.live()) if (!segment.isStored) return false
    return true
  }

  async stored (): Promise<boolean> {
    const results = await Promise.all([...this.#openSet.live()].map(segment => segment.stored()))
    return results.every(Boolean)
  }

  get hasUnsynced (): boolean { return this.#openSet.open.some(segment => segment.hasUnsynced) }
  syncNow (): void { for (const segment of this.#openSet.open) segment.syncNow() }

  /**
   * Seals what lies in hours that are over, and what has its age while the disk refuses another segment. Tries again
   * what failed to be removed.
   */
  tick (): void {
    this.#openSet.sealPast()
    this.#sealAged()
    this.#queue.retry()
    this.#queue.lookAgain()
    this.#checkQuota()
  }

  setQuota (quotaBytes: number): void {
    this.#quotaBytes = quotaBytes
    this.#segmentMaxBytes = Math.min(this.#options.segmentMaxBytes, Math.floor(quotaBytes / 4))
    this.#openSet.limitTo(Math.floor(quotaBytes / 2 / this.#host.disk.blockBytes))
    if (this.#waitsForRoom) return this.#checkQuota()
    while (this.bytes > this.#quotaBytes && this.#evictOldest(0));
  }

  /** True when recovery needs not look at the file at `path`. */
  has (path: string): boolean { return this.#queue.has(path) }

  /** Takes over a segment that an earlier process left. */
  adopt (segment: SealedSegment): void {
    this.#recovered.value += segment.pendingRecords
    this.#queue.add(segment)
  }

  /** True while it has files of `directory`, which an earlier or another process made. */
  hasBelow (directory: string): boolean { return this.#queue.hasBelow(directory) }

  /**
   * Another process has taken `directory`: what its files hold is dropped here, since that one recovers it. Lines that
   * no file holds go to the next directory.
   */
  leave (directory: string): void {
    for (const segment of [...this.#openSet.live()]) segment.leave(directory)
    this.#queue.leave(directory)
    this.#checkQuota()
  }

  /** Drops what no file holds, at a stop for which the disk has no time. Nothing is done to this route afterwards. */
  abandon (): void {
    this.#isClosed = true
    for (const segment of this.#openSet.live()) this.#dropped.stop.value += segment.abandon()
  }

  /** The host's signal has aborted before. */
  async close (): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#openSet.live()].map(async segment => {
      // Read after the wait: other segments add to it meanwhile.
      const lostRecords = await segment.close()
      this.#dropped.memory.value += lostRecords
    }))
    await this.#queue.close()
  }

  get trouble (): Trouble { return this.#trouble }

  /** Seals the oldest that have reached their age, one for each `take` that waits, and sets the timer for the next. */
  #sealAged (): void {
    let wantedCount = this.#queue.waitingCount - this.#openSet.sealingCount
    if (wantedCount <= 0) return
    const { segmentMaxAgeMs } = this.#options
    const nowMs = this.#host.clock.monotonicMs()
    for (const segment of this.#openSet.open) {
      if (this.#queue.isBlocked(segment.options.container)) continue
      const ageMs = nowMs - segment.options.firstAcceptedMs
      if (ageMs < segmentMaxAgeMs) {
        this.#ageTimer.setIn(segmentMaxAgeMs - ageMs)
        return
      }
      void this.#openSet.seal(segment)
      if (--wantedCount === 0) return
    }
  }

  #onEnd (segment: OpenSegment, end: SegmentEnd): void {
    this.#openSet.delete(segment)
    this.#openBytes -= this.#onDisk(segment.acceptedBytes)
    const { container, firstAcceptedMs } = segment.options
    switch (end.kind) {
      case 'sealed':
        return this.#queue.add(new SealedSegment({
          route: this.name,
          container,
          names: this.#host.names(),
          id: end.id,
          path: end.path,
          bytes: segment.acceptedBytes,
          firstAcceptedMs,
          createdMs: Infinity,
          deliveredBytes: 0,
          deliveredRecords: 0,
          isVerified: true,
        }))
      case 'lost':
        // Who waited for this one gets the next.
        this.#queue.lookAgain()
        return this.#sealAged()
    }
  }

  #onLost ({ reason, records, bytesBefore, bytes }: SegmentLoss): void {
    this.#dropped[reason].value += records
    this.#openBytes -= this.#onDisk(bytesBefore) - this.#onDisk(bytes)
    if (reason === 'disk') this.#host.log.error({ route: this.name, records }, 'segment lost')
  }

  #onDisk (bytes: number): number { return onDisk(bytes, this.#host.disk.blockBytes) }

  /** Makes room for `addedBytes` within the quota by giving up the oldest. @returns false when that is not possible */
  #makeRoom (addedBytes: number): boolean {
    if (this.#waitsForRoom) return true
    const mostBytes = this.#quotaBytes - addedBytes
    if (mostBytes < 0) return false
    if (this.bytes - this.#queue.readyBytes > mostBytes) {
      // All is open or held. Sealed, the oldest can be delivered, or given up for the lines to come.
      const [oldest] = this.#openSet.open
      if (oldest !== undefined && this.#openSet.sealingCount === 0) void this.#openSet.seal(oldest)
      return false
    }
    while (this.bytes > mostBytes && this.#evictOldest(addedBytes));
    return true
  }

  /** Where sources wait for room, asks them to while the quota is full. Nothing else is done about it then. */
  #checkQuota (): void {
    if (!this.#waitsForRoom) return
    const isAtQuota = this.bytes >= this.#quotaBytes
    // All is open: sealed, it can be delivered.
    if (isAtQuota && this.#queue.count === 0 && this.#openSet.sealingCount === 0) void this.seal()
    if (isAtQuota === this.#isAtQuota) return
    this.#isAtQuota = isAtQuota
    if (isAtQuota) this.#host.onFull('quota')
    else this.#host.onWritable('quota')
  }

  /** Gives up the oldest, for `addedBytes` that are to come. */
  #evictOldest (addedBytes: number): boolean {
    const dropped = this.#droppedFor(addedBytes)
    const segment = this.#queue.evictOldest()
    if (segment === undefined) return false
    dropped.value += segment.pendingRecords
    return true
  }

  /** What is to blame that `addedBytes` more do not fit: the setting, or a disk that has less room than that. */
  #droppedFor (addedBytes: number): Counter {
    return this.bytes + addedBytes > this.settingBytes ? this.#dropped.quota : this.#dropped.diskFull
  }
}

/** `directory` and those above it up to the parent of `top`, innermost first. */
function parentsOf (directory: string, top: string): string[] {
  const parents = [directory]
  for (let parent = directory; parent.length >= top.length; parent = join(parent, '..')) parents.push(join(parent, '..'))
  return parents
}
