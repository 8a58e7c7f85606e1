import type { Clock } from '../contracts/clock.ts'
import { errorCode, isOfProcess } from '../contracts/disk-errors.ts'
import { KeyedMutex } from '../contracts/mutex.ts'
import type { Segment, SegmentQueue } from '../contracts/segment.ts'
import type { Counter } from '../telemetry/ledger.ts'
import { onDisk, type Disk } from './disk.ts'
import type { Content } from './scan.ts'
import { unreadableExtension } from './segment-name.ts'
import { formatCursor, isOlder, type SealedSegment } from './sealed-segment.ts'
import { retryPauseMs, type Trouble } from './trouble.ts'
import { findDamage, renameDamaged } from './verify.ts'
import type { SpoolLog, SyncPolicy } from './spool.ts'

/** For so long reads of a segment may fail before it is set aside: a device may be away for a moment, ms. */
const readPatienceMs = 10_000

export interface SealedQueueOptions {
  readonly route: string
  readonly isOrdered: boolean
  /** Whether a segment of the same container that was opened earlier is not sealed yet, but will be. */
  readonly isSealingBefore: (segment: SealedSegment) => boolean
  readonly disk: Disk
  readonly clock: Clock
  readonly sync: SyncPolicy
  readonly log: SpoolLog
  readonly trouble: Trouble
  /** The spool's end. */
  readonly signal: AbortSignal
  readonly recovered: Counter
  /** Records that turned out to be missing: from a damaged file, and with a file that somebody removed. */
  readonly droppedDamaged: Counter
  readonly droppedDisk: Counter
  /** Records of segments that another process has taken. */
  readonly droppedTaken: Counter
  /** Called when a `take` begins to wait. */
  readonly onWaiting: () => void
}

/** The sealed segments of a route: ready for delivery, held by it, or being removed. */
export class SealedQueue implements SegmentQueue {
  readonly #options: SealedQueueOptions
  /** Oldest first. */
  readonly #ready: SealedSegment[] = []
  readonly #held = new Set<SealedSegment>()
  /** Settled or evicted, with files that are still there. */
  readonly #removing = new Set<SealedSegment>()
  readonly #staleCursors = new Set<SealedSegment>()
  readonly #waiting = new Set<() => void>()
  /** Those of `#removing` whose removal has failed: their bytes count again. */
  readonly #stuck = new Set<SealedSegment>()
  /** File operations of a segment follow one another; they never reject. */
  readonly #operations = new KeyedMutex<SealedSegment>()
  /** What the files take of the disk: ready, held, and those whose removal has failed. */
  bytes = 0
  readyBytes = 0

  constructor (options: SealedQueueOptions) {
    this.#options = options
  }

  get count (): number { return this.#ready.length + this.#held.size }
  get waitingCount (): number { return this.#waiting.size }
  get pendingRecords (): number { return this.#sum(segment => segment.pendingRecords) }
  get pendingBytes (): number { return this.#sum(segment => segment.pendingBytes) }

  get oldestPendingMs (): number | undefined {
    let oldest = Infinity
    for (const { firstAcceptedMs } of this.#ready) oldest = Math.min(oldest, firstAcceptedMs)
    for (const { firstAcceptedMs } of this.#held) oldest = Math.min(oldest, firstAcceptedMs)
    return oldest === Infinity ? undefined : oldest
  }

  /** True when the file at `path` is one of ours, until it is removed. */
  has (path: string): boolean {
    const isIt = (segment: SealedSegment) => segment.path === path
    return this.#ready.some(isIt) || [...this.#held, ...this.#removing].some(isIt)
  }

  /** True when nothing of `container` may be taken now, because delivery holds a segment of it. */
  isBlocked (container: string): boolean {
    if (!this.#options.isOrdered) return false
    for (const held of this.#held) if (held.container === container) return true
    return false
  }

  /** True when an earlier segment of its container is still being sealed: what is in that goes first. */
  #isAhead (segment: SealedSegment): boolean {
    return this.#options.isOrdered && this.#options.isSealingBefore(segment)
  }

  /** Looks again at what may be taken: a segment that others waited for has come to nothing. */
  lookAgain (): void {
    this.#wake()
  }

  add (segment: SealedSegment): void {
    this.bytes += this.#onDisk(segment.bytes)
    this.#insert(segment)
  }

  async take (signal: AbortSignal, onWait?: () => void): Promise<Segment | undefined> {
    while (!signal.aborted && !this.#options.signal.aborted) {
      const index = this.#ready.findIndex(segment => !this.isBlocked(segment.container) && !this.#isAhead(segment))
      if (index === -1) {
        onWait?.()
        await this.#wait(signal)
        continue
      }
      const segment = this.#removeReady(index)
      this.#held.add(segment)
      if (!segment.isVerified && !await this.#verify(segment)) continue
      if (!signal.aborted && !this.#options.signal.aborted) return segment
      this.release(segment)
    }
    return undefined
  }

  async settle (segment: Segment, bytes: number, records: number): Promise<void> {
    const held = this.#heldOf(segment)
    held.deliveredBytes += bytes
    held.deliveredRecords += records
    if (held.deliveredBytes >= held.bytes) {
      this.#held.delete(held)
      if (held.isLeft) this.#forget(held)
      else await this.#remove(held)
    } else if (!held.isLeft) {
      this.#staleCursors.add(held)
      await this.#operations.run(held, () => this.#writeCursor(held))
    }
  }

  release (segment: Segment): void {
    const held = this.#heldOf(segment)
    this.#held.delete(held)
    if (held.isLeft) return this.#giveUp(held)
    // Its file may be gone or changed: it is read before it is handed out again.
    held.isVerified = false
    this.#insert(held)
  }

  /** Gives up the oldest segment that nobody holds; its files go. The caller counts `pendingRecords` as dropped. */
  evictOldest (): SealedSegment | undefined {
    if (this.#ready.length === 0) return undefined
    const segment = this.#removeReady(0)
    void this.#remove(segment)
    return segment
  }

  /**
   * Another process has taken `directory`: what lies there is its to deliver. What delivery holds may still end here.
   */
  leave (directory: string): void {
    const isThere = ({ path }: SealedSegment) => path.startsWith(`${directory}/`)
    for (let index = this.#ready.length - 1; index >= 0; index--) {
      const segment = this.#ready[index]
      if (segment !== undefined && isThere(segment)) this.#giveUp(this.#removeReady(index))
    }
    for (const segment of this.#held) if (isThere(segment)) segment.isLeft = true
    for (const segment of [...this.#removing, ...this.#staleCursors]) {
      if (!isThere(segment)) continue
      this.#removing.delete(segment)
      this.#staleCursors.delete(segment)
      if (this.#stuck.delete(segment)) this.bytes -= this.#onDisk(segment.bytes)
      this.#options.trouble.ended(segment)
    }
  }

  /** True while there are segments of `directory`, or files of them that are to be removed. */
  hasBelow (directory: string): boolean {
    return [...this.#ready, ...this.#held, ...this.#removing].some(({ path }) => path.startsWith(`${directory}/`))
  }

  /** Tries again what failed: cursors and removals. */
  retry (): void {
    for (const segment of this.#staleCursors) this.#retryIdle(segment, () => this.#writeCursor(segment))
    for (const segment of this.#removing) this.#retryIdle(segment, () => this.#removeFiles(segment))
  }

  /** Ends every waiting `take`; the spool's signal has aborted before. Resolves when no file is touched any more. */
  async close (): Promise<void> {
    this.#wake()
    await this.#operations.idle()
  }

  #sum (value: (segment: SealedSegment) => number): number {
    let sum = 0
    for (const segment of this.#ready) sum += value(segment)
    for (const segment of this.#held) sum += value(segment)
    return sum
  }

  #onDisk (bytes: number): number { return onDisk(bytes, this.#options.disk.blockBytes) }

  #heldOf (segment: Segment): SealedSegment {
    for (const held of this.#held) if (held === segment) return held
    throw new TypeError('a segment that is held was expected')
  }

  #insert (segment: SealedSegment): void {
    let at = this.#ready.length
    for (; at > 0; at--) {
      const before = this.#ready[at - 1]
      if (before === undefined || !isOlder(segment, before)) break
    }
    this.#ready.splice(at, 0, segment)
    this.readyBytes += this.#onDisk(segment.bytes)
    this.#wake()
  }

  #removeReady (index: number): SealedSegment {
    const [segment] = this.#ready.splice(index, 1)
    if (segment === undefined) throw new RangeError('no segment is ready there')
    this.readyBytes -= this.#onDisk(segment.bytes)
    return segment
  }

  /**
   * Ends when a segment is added or given back, when one is removed (another of its container may be taken then), and
   * with `signal` or the spool. `onWaiting` now, and the route's tick later, see that an open segment becomes one.
   */
  async #wait (signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const wake = () => resolve()
    this.#waiting.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    this.#options.onWaiting()
    await promise
    this.#waiting.delete(wake)
    signal.removeEventListener('abort', wake)
  }

  #wake (): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  #remove (segment: SealedSegment): Promise<void> {
    this.bytes -= this.#onDisk(segment.bytes)
    this.#staleCursors.delete(segment)
    this.#removing.add(segment)
    this.#wake()
    return this.#operations.run(segment, () => this.#removeFiles(segment))
  }

  /** The segment first: a crash between the two leaves a cursor of nothing, not lines that are sent again. */
  async #removeFiles (segment: SealedSegment): Promise<void> {
    const { disk, trouble } = this.#options
    try {
      await disk.remove(segment.path)
      if (segment.hasCursor) await disk.remove(segment.cursorPath)
      this.#removing.delete(segment)
      if (this.#stuck.delete(segment)) this.bytes -= this.#onDisk(segment.bytes)
      trouble.ended(segment)
    } catch (error) {
      if (!this.#removing.has(segment)) return
      trouble.failed(segment, error)
      if (this.#stuck.has(segment)) return
      this.#stuck.add(segment)
      this.bytes += this.#onDisk(segment.bytes)
    }
  }

  async #writeCursor (segment: SealedSegment): Promise<void> {
    const { disk, trouble } = this.#options
    if (this.#removing.has(segment)) return
    const { deliveredBytes, deliveredRecords } = segment
    segment.hasCursor = true
    try {
      await disk.replaceText(segment.cursorPath, formatCursor({ bytes: deliveredBytes, records: deliveredRecords }))
      if (segment.deliveredBytes === deliveredBytes) this.#staleCursors.delete(segment)
      trouble.ended(segment)
    } catch (error) {
      if (!segment.isLeft) trouble.failed(segment, error)
    }
  }

  /** Starts `operation` unless another of the segment is under way: the next tick comes back to it. */
  #retryIdle (segment: SealedSegment, operation: () => Promise<void>): void {
    if (!this.#operations.has(segment)) void this.#operations.run(segment, operation)
  }

  /** It is another's to deliver, or lost: it ends here, and nothing is done to its files. */
  #giveUp (segment: SealedSegment): void {
    this.#options.droppedTaken.value += segment.pendingRecords
    this.#forget(segment)
  }

  #forget (segment: SealedSegment): void {
    this.bytes -= this.#onDisk(segment.bytes)
    this.#staleCursors.delete(segment)
    this.#options.trouble.ended(segment)
    this.#wake()
  }

  /** @returns false when the segment, which is held, may not be handed out now */
  async #verify (segment: SealedSegment): Promise<boolean> {
    try {
      const damage = await findDamage(this.#options.disk, segment)
      segment.isVerified = true
      segment.unreadableSinceMs = undefined
      if (damage === undefined) {
        this.#options.trouble.ended(segment)
        return true
      }
      return await this.#takeDamage(segment, damage)
    } catch (error) {
      await this.#readFailed(segment, error)
      return false
    }
  }

  async #readFailed (segment: SealedSegment, error: unknown): Promise<void> {
    const { clock, trouble, log, droppedDisk } = this.#options
    const { route, id, pendingRecords: records } = segment
    if (segment.isLeft) return this.release(segment)
    const code = errorCode(error)
    if (code === 'ENOENT') {
      trouble.count(error)
      this.#held.delete(segment)
      droppedDisk.value += records
      log.error({ route, segment: id, records }, 'segment lost')
      return await this.#remove(segment)
    }
    trouble.failed(segment, error)
    const nowMs = clock.monotonicMs()
    segment.unreadableSinceMs ??= nowMs
    const isHopeless = nowMs - segment.unreadableSinceMs >= readPatienceMs && !isOfProcess(code)
    if (!isHopeless || !await this.#setAside(segment, error)) void this.#releaseLater(segment)
  }

  /**
   * A segment that cannot be read must not keep the others of its route. Somebody may be able to repair its file.
   *
   * @returns false when the disk refuses this too: then it fails as a whole, which is no fault of the file
   */
  async #setAside (segment: SealedSegment, error: unknown): Promise<boolean> {
    const { disk, log, droppedDamaged } = this.#options
    const { route, path, pendingRecords: records } = segment
    const aside = `${path}${unreadableExtension}`
    try {
      await disk.rename(path, aside)
    } catch {
      return false
    }
    this.#held.delete(segment)
    droppedDamaged.value += records
    this.#forget(segment)
    log.error({ route, path: aside, records, error }, 'segment cannot be read and is set aside')
    return true
  }

  async #takeDamage (segment: SealedSegment, content: Content): Promise<boolean> {
    const { disk, sync, trouble, log, route } = this.#options
    const { id, bytes, pendingRecords } = segment
    try {
      await renameDamaged(disk, segment, content, sync !== 'never')
    } catch (error) {
      trouble.failed(segment, error)
      void this.#releaseLater(segment)
      return false
    }
    trouble.ended(segment)
    this.bytes += this.#onDisk(segment.bytes) - this.#onDisk(bytes)
    const missingRecords = pendingRecords - segment.pendingRecords
    if (missingRecords > 0) this.#options.droppedDamaged.value += missingRecords
    else this.#options.recovered.value -= missingRecords
    log.error({ route, segment: id, as: segment.id, missingRecords }, 'segment damaged')
    if (segment.pendingBytes > 0) return true
    this.#held.delete(segment)
    await this.#remove(segment)
    return false
  }

  /** Gives a held segment back after a pause, in which others are handed out. The end of the spool ends the pause. */
  async #releaseLater (segment: SealedSegment): Promise<void> {
    const { clock, signal } = this.#options
    await clock.sleep(retryPauseMs(Infinity), signal)
    this.release(segment)
  }
}
