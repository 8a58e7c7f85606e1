import { KeyedMutex } from '../contracts/mutex.ts'
import { onDisk, type Disk } from './disk.ts'
import { formatCursor, type SealedSegment } from './sealed-segment.ts'
import type { Trouble } from './trouble.ts'

export interface SegmentFilesOptions {
  readonly disk: Disk
  readonly trouble: Trouble
}

/**
 * What is still to be done to the files of sealed segments: cursors that are to be written, and files that are to be
 * removed. Nothing here rejects: what the disk refuses is tried again with `retry`.
 */
export class SegmentFiles {
  readonly #options: SegmentFilesOptions
  /** Settled or evicted, with files that are still there. */
  readonly #removing = new Set<SealedSegment>()
  readonly #staleCursors = new Set<SealedSegment>()
  /** Those of `#removing` whose removal has failed: their bytes count again. */
  readonly #stuck = new Set<SealedSegment>()
  /** File operations of a segment follow one another; they never reject. */
  readonly #operations = new KeyedMutex<SealedSegment>()
  /** What files take of the disk whose removal has failed. */
  stuckBytes = 0

  constructor (options: SegmentFilesOptions) {
    this.#options = options
  }

  /** True when a file that is to be removed fits. */
  some (isIt: (segment: SealedSegment) => boolean): boolean {
    for (const segment of this.#removing) if (isIt(segment)) return true
    return false
  }

  /** Writes how far delivery got. */
  async writeCursor (segment: SealedSegment): Promise<void> {
    this.#staleCursors.add(segment)
    await this.#operations.run(segment, () => this.#writeCursor(segment))
  }

  remove (segment: SealedSegment): Promise<void> {
    this.#staleCursors.delete(segment)
    this.#removing.add(segment)
    return this.#operations.run(segment, () => this.#remove(segment))
  }

  /** Nothing more is done to its files. */
  forget (segment: SealedSegment): void {
    this.#staleCursors.delete(segment)
    this.#options.trouble.ended(segment)
  }

  /** The same for all that fit: they are another process's. */
  leave (isThere: (segment: SealedSegment) => boolean): void {
    for (const segment of [...this.#removing, ...this.#staleCursors]) {
      if (!isThere(segment)) continue
      this.#removing.delete(segment)
      if (this.#stuck.delete(segment)) this.stuckBytes -= this.#onDisk(segment)
      this.forget(segment)
    }
  }

  /** Tries again what failed: cursors and removals. */
  retry (): void {
    for (const segment of this.#staleCursors) this.#retryIdle(segment, () => this.#writeCursor(segment))
    for (const segment of this.#removing) this.#retryIdle(segment, () => this.#remove(segment))
  }

  /** Resolves when no file is touched any more. */
  async idle (): Promise<void> {
    await this.#operations.idle()
  }

  #onDisk ({ bytes }: SealedSegment): number { return onDisk(bytes, this.#options.disk.blockBytes) }

  /** The segment first: a crash between the two leaves a cursor of nothing, not lines that are sent again. */
  async #remove (segment: SealedSegment): Promise<void> {
    const { disk, trouble } = this.#options
    try {
      await disk.remove(segment.path)
      if (segment.hasCursor) await disk.remove(segment.cursorPath)
      this.#removing.delete(segment)
      if (this.#stuck.delete(segment)) this.stuckBytes -= this.#onDisk(segment)
      trouble.ended(segment)
    } catch (error) {
      if (!this.#removing.has(segment)) return
      trouble.failed(segment, error)
      if (this.#stuck.has(segment)) return
      this.#stuck.add(segment)
      this.stuckBytes += this.#onDisk(segment)
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
      // Nobody wants it any more where the segment was given up meanwhile.
      if (this.#staleCursors.has(segment)) trouble.failed(segment, error)
    }
  }

  /** Starts `operation` unless another of the segment is under way: the next tick comes back to it. */
  #retryIdle (segment: SealedSegment, operation: () => Promise<void>): void {
    if (!this.#operations.has(segment)) void this.#operations.run(segment, operation)
  }
}

// Tested in test/spool/sealed-queue.test.ts
