import { basename } from 'node:path'
import type { Segment, SegmentQueue } from '../contracts/segment.ts'
import type { Counter } from '../telemetry/ledger.ts'
import { onDisk } from './disk.ts'
import type { HangWatch } from './hang-watch.ts'
import { checkSegment, type SegmentCheckOptions } from './segment-check.ts'
import { SegmentFiles } from './segment-files.ts'
import { createRunRead } from './segment-reads.ts'
import { parseFileName } from './segment-name.ts'
import { placeOf, type SealedSegment } from './sealed-segment.ts'
import { retryPauseMs } from './trouble.ts'

export interface SealedQueueOptions extends SegmentCheckOptions {
  readonly isOrdered: boolean
  /** Whether a segment of the same container that was opened earlier is not sealed yet, but will be. */
  readonly isSealingBefore: (segment: SealedSegment) => boolean
  readonly hangs: HangWatch
  /** The spool's end. */
  readonly signal: AbortSignal
  readonly recovered: Counter
  /** Records that are missing from a damaged file, that went with a file, and of segments that another process took. */
  readonly dropped: Readonly<Record<'damaged' | 'disk' | 'taken', Counter>>
  /** Called when a `take` begins to wait. */
  readonly onWaiting: () => void
}

/** The sealed segments of a route: ready for delivery, held by it, or being removed. */
export class SealedQueue implements SegmentQueue {
  readonly #options: SealedQueueOptions
  /** Oldest first. */
  readonly #ready: SealedSegment[] = []
  readonly #held = new Set<SealedSegment>()
  readonly #waiting = new Set<() => void>()
  readonly #files: SegmentFiles
  /** What the files of those take that are ready or held. */
  #bytes = 0
  readyBytes = 0

  constructor (options: SealedQueueOptions) {
    this.#options = options
    this.#files = new SegmentFiles(options)
  }

  /** What the files take of the disk: ready, held, and those whose removal has failed. */
  get bytes (): number { return this.#bytes + this.#files.stuckBytes }
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
    const parsed = parseFileName(basename(path))
    if (parsed.kind === 'unknown') return false
    // Of most, the number says it: a path is put together each time.
    return this.#some(segment => segment.n === parsed.name.n && segment.path === path)
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

  /** Has every `take` that waits look again at what may be taken. */
  lookAgain (): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  add (segment: SealedSegment): void {
    this.#bytes += this.#onDisk(segment.bytes)
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
      segment.runRead ??= createRunRead(this.#options.hangs)
      if (!segment.isVerified && !await this.#check(segment)) continue
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
      await this.#files.writeCursor(held)
    }
  }

  release (segment: Segment): void {
    const held = this.#heldOf(segment)
    this.#held.delete(held)
    if (held.isLeft) return this.#giveUp(held)
    // Its file may be gone or changed: it is read before it is handed out again.
    held.isVerified = false
    held.dropCopy()
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
    const isThere = (segment: SealedSegment) => segment.isBelow(directory)
    for (let index = this.#ready.length - 1; index >= 0; index--) {
      const segment = this.#ready[index]
      if (segment !== undefined && isThere(segment)) this.#giveUp(this.#removeReady(index))
    }
    for (const segment of this.#held) if (isThere(segment)) segment.isLeft = true
    this.#files.leave(isThere)
  }

  /** True while there are segments of `directory`, or files of them that are to be removed. */
  hasBelow (directory: string): boolean {
    return this.#some(segment => segment.isBelow(directory))
  }

  /** Tries again what failed: cursors and removals. */
  retry (): void {
    this.#files.retry()
  }

  /**
   * Ends every waiting `take`; the spool's signal has aborted before. What failed is tried once more: the next start
   * would deliver again what a file still holds. Resolves when no file is touched any more.
   */
  async close (): Promise<void> {
    this.lookAgain()
    await this.#files.idle()
    this.#files.retry()
    await this.#files.idle()
  }

  #some (isIt: (segment: SealedSegment) => boolean): boolean {
    return this.#ready.some(isIt) || [...this.#held].some(isIt) || this.#files.some(isIt)
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
    this.#ready.splice(placeOf(segment, this.#ready), 0, segment)
    this.readyBytes += this.#onDisk(segment.bytes)
    this.lookAgain()
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

  #remove (segment: SealedSegment): Promise<void> {
    segment.dropCopy()
    this.#bytes -= this.#onDisk(segment.bytes)
    const removed = this.#files.remove(segment)
    this.lookAgain()
    return removed
  }

  /** It is another's to deliver, or lost: it ends here, and nothing is done to its files. */
  #giveUp (segment: SealedSegment): void {
    this.#options.dropped.taken.value += segment.pendingRecords
    this.#forget(segment)
  }

  #forget (segment: SealedSegment): void {
    segment.dropCopy()
    this.#bytes -= this.#onDisk(segment.bytes)
    this.#files.forget(segment)
    this.lookAgain()
  }

  /** @returns false when the segment, which is held, may not be handed out now */
  async #check (segment: SealedSegment): Promise<boolean> {
    const { dropped, recovered } = this.#options
    const { bytes, pendingRecords } = segment
    const found = await checkSegment(this.#options, segment)
    switch (found) {
      case 'whole':
        return true
      case 'damaged': {
        this.#bytes += this.#onDisk(segment.bytes) - this.#onDisk(bytes)
        const missingRecords = pendingRecords - segment.pendingRecords
        if (missingRecords > 0) dropped.damaged.value += missingRecords
        else recovered.value -= missingRecords
        if (segment.pendingBytes > 0) return true
        this.#held.delete(segment)
        await this.#remove(segment)
        return false
      }
      case 'left':
        this.release(segment)
        return false
      case 'lost':
        this.#held.delete(segment)
        dropped.disk.value += segment.pendingRecords
        await this.#remove(segment)
        return false
      case 'aside':
        this.#held.delete(segment)
        dropped.damaged.value += segment.pendingRecords
        this.#forget(segment)
        return false
      case 'later':
        void this.#releaseLater(segment)
        return false
    }
  }

  /** Gives a held segment back after a pause, in which others are handed out. The end of the spool ends the pause. */
  async #releaseLater (segment: SealedSegment): Promise<void> {
    const { clock, signal } = this.#options
    await clock.sleep(retryPauseMs(Infinity), signal)
    this.release(segment)
  }
}
