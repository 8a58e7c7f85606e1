import { join } from 'node:path'
import type { Segment } from '../contracts/segment.ts'
import type { Counter } from '../telemetry/ledger.ts'
import { registerGauges } from './gauges.ts'
import type { OpenSegment } from './open-segment.ts'
import type { SegmentEnd, SegmentLoss, SegmentPart } from './segment-host.ts'
import { OpenSet } from './open-set.ts'
import type { RouteHost } from './route-host.ts'
import { RouteQuota } from './route-quota.ts'
import { parentsOf } from './segment-file.ts'
import { SealedQueue } from './sealed-queue.ts'
import { sealedOf, type SealedSegment } from './sealed-segment.ts'
import { encodeComponent } from './segment-name.ts'
import { SlabPool } from './slab-pool.ts'
import type { LineTimes, RouteOptions, RouteSpool } from './spool.ts'
import { Timer } from './timer.ts'
import { Trouble } from './trouble.ts'

/** One route's segments, open and sealed, within its quota. */
export class RouteSegments implements RouteSpool {
  readonly name: string
  readonly settingBytes: number
  readonly #options: RouteOptions
  readonly #host: RouteHost
  readonly trouble: Trouble
  readonly #pool: SlabPool
  readonly #openSet: OpenSet
  readonly #queue: SealedQueue
  readonly #ageTimer: Timer
  readonly #dropped: Readonly<Record<'memory' | 'disk' | 'taken' | 'stop' | 'damaged', Counter>>
  readonly #recovered: Counter
  readonly #quota: RouteQuota
  #isClosed = false

  constructor (options: RouteOptions, host: RouteHost) {
    const { name } = options
    const { disk, clock, ledger, metrics, log, sync, signal, onNoSpace } = host
    this.name = name
    this.settingBytes = options.quotaBytes
    this.#options = options
    this.#host = host
    this.trouble = new Trouble({ route: name, metrics, log, clock, onNoSpace })
    this.#recovered = ledger.counter('recovered', name)
    this.#dropped = {
      memory: ledger.counter('dropped', name, 'memory'),
      disk: ledger.counter('dropped', name, 'disk'),
      taken: ledger.counter('dropped', name, 'taken'),
      stop: ledger.counter('dropped', name, 'stop'),
      damaged: ledger.counter('dropped', name, 'damaged'),
    }
    this.#queue = new SealedQueue({
      route: name,
      isOrdered: options.isOrdered,
      isSealingBefore: ({ container, n }) => this.#openSet.isSealingBefore(container, n),
      disk,
      clock,
      sync,
      log,
      trouble: this.trouble,
      hangs: host.hangs,
      signal,
      recovered: this.#recovered,
      dropped: this.#dropped,
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
      isOpen: host.maxStallMs === Infinity,
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
        copies: host.copies,
        sync,
        trouble: this.trouble,
        signal,
        turnstile: host.turnstile,
        directory: () => this.directory,
        madeDirectories: new Set(),
        parentsOf: directory => parentsOf(directory, host.directory() ?? directory),
        boot: host.boot,
        onEnd: (segment, end) => this.#onEnd(segment, end),
        onPart: (segment, part) => this.#onPart(segment, part),
        nextSegmentNumber: host.nextSegmentNumber,
        onLost: loss => this.#onLost(loss),
      },
    })
    this.#ageTimer = new Timer(clock, signal, () => this.#sealAged())
    this.#quota = new RouteQuota({
      ...options, settingBytes: options.quotaBytes, openSet: this.#openSet, queue: this.#queue, host,
    }, ledger)
    ledger.addPending(name, () => this.pendingRecords)
    registerGauges(this, metrics, clock)
  }

  get directory (): string | undefined {
    const directory = this.#host.directory()
    return directory === undefined ? undefined : join(directory, 'spool', encodeComponent(this.name))
  }

  get bytes (): number { return this.#quota.usedBytes }
  get quotaBytes (): number { return this.#quota.quotaBytes }
  get problem (): string | undefined { return this.#host.problem() ?? this.trouble.problem }
  get bufferBytes (): number { return this.#pool.usedBytes }
  get openCount (): number { return this.#openSet.count }
  get sealedCount (): number { return this.#queue.count }
  get pendingRecords (): number { return this.#queue.pendingRecords + this.#openSet.sum(segment => segment.records) }
  get pendingBytes (): number { return this.#queue.pendingBytes + this.#openSet.sum(segment => segment.acceptedBytes) }

  get oldestPendingMs (): number | undefined {
    const oldest = Math.min(this.#queue.oldestPendingMs ?? Infinity, this.#openSet.oldestMs)
    return oldest === Infinity ? undefined : oldest
  }

  append (timeMs: number, container: string, bytes: Buffer, start: number, end: number, isHeld = false): boolean {
    const lineBytes = end - start + 1
    if (this.#isClosed) {
      this.#dropped.memory.value++
      return false
    }
    let segment = this.#openSet.find(timeMs, container)
    if (segment !== undefined && segment.acceptedBytes + lineBytes > this.#quota.segmentMaxBytes) {
      void this.#openSet.seal(segment)
      segment = undefined
    }
    // Asked before old lines are given up for it.
    if (!isHeld && (segment === undefined ? !this.#pool.canTake(lineBytes) : !segment.hasRoom(lineBytes))) {
      this.#dropped.memory.value++
      return false
    }
    if (!this.#quota.take(segment?.acceptedBytes ?? 0, lineBytes)) return false
    // Only now: a segment that was opened for a dropped line would be empty.
    segment ??= this.#openSet.openFor(timeMs, container)
    segment.append(bytes, start, end)
    if (this.#openSet.wait(segment)) this.#host.onDirty()
    this.#quota.check()
    return true
  }

  timesOfLast (container: string, bytes: number): LineTimes | undefined {
    const segment = this.#openSet.lastOf(container)
    if (segment === undefined || this.#isClosed || this.#pool.isHigh) return undefined
    const { acceptedBytes } = segment
    const hasRoom = acceptedBytes + bytes <= this.#quota.segmentMaxBytes && this.#quota.hasRoom(acceptedBytes, bytes)
    return hasRoom ? segment : undefined
  }

  appendToLast (container: string, bytes: Buffer, start: number, end: number, count: number): void {
    const segment = this.#openSet.lastOf(container)
    if (segment === undefined) throw new TypeError('no segment has taken a line')
    this.#quota.take(segment.acceptedBytes, end - start)
    segment.appendLines(bytes, start, end, count)
    if (this.#openSet.wait(segment)) this.#host.onDirty()
    this.#quota.check()
  }

  take (signal: AbortSignal, onWait?: () => void): Promise<Segment | undefined> {
    return this.#queue.take(signal, onWait)
  }

  release (segment: Segment): void { this.#queue.release(segment) }

  settle (segment: Segment, bytes: number, records: number): Promise<void> {
    const settled = this.#queue.settle(segment, bytes, records)
    this.#quota.delivered(bytes)
    return settled
  }

  seal (): Promise<void> { return this.#openSet.sealAll() }

  /** Begins to write what waits, or asks to be called again. */
  flush (): void {
    if (this.#openSet.flush()) this.#host.onDirty()
    this.#quota.sealEarly()
  }

  get isStored (): boolean { return this.#openSet.isStored }
  stored (): Promise<boolean> { return this.#openSet.stored() }

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
    this.#quota.check()
  }

  /** `mayEvict`: what is over it goes at once, not only when a line needs the room. */
  setQuota (quotaBytes: number, mayEvict: boolean): void { this.#quota.set(quotaBytes, mayEvict) }

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
    this.#quota.check()
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
    this.#quota.openBytes -= this.#quota.onDisk(segment.acceptedBytes)
    switch (end.kind) {
      case 'sealed':
        return this.#queue.add(sealedOf({ route: this.name, names: this.#host.names() }, segment, end, segment.copy))
      case 'lost':
        segment.copy.drop()
        // Who waited for this one gets the next.
        this.#queue.lookAgain()
        return this.#sealAged()
    }
  }

  #onPart (segment: OpenSegment, part: SegmentPart): void {
    this.#quota.openBytes -= this.#quota.onDisk(part.bytesBefore) - this.#quota.onDisk(segment.acceptedBytes)
    this.#queue.add(sealedOf({ route: this.name, names: this.#host.names() }, segment, part))
  }

  #onLost ({ reason, records, bytesBefore, bytes }: SegmentLoss): void {
    this.#dropped[reason].value += records
    this.#quota.openBytes -= this.#quota.onDisk(bytesBefore) - this.#quota.onDisk(bytes)
    if (reason === 'disk') this.#host.log.error({ route: this.name, records }, 'segment lost')
  }
}
