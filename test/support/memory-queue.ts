import type { Segment, SegmentQueue } from '../../src/contracts/segment.ts'

/** A queue of segments that a test has made, with what became of each. */
export class MemoryQueue implements SegmentQueue {
  readonly #waiting: Segment[]
  readonly #takers: ((segment: Segment | undefined) => void)[] = []
  /** `[id, bytes, records]` of every settling, in order. */
  readonly settled: [string, number, number][] = []
  readonly released: string[] = []

  constructor (segments: readonly Segment[]) {
    this.#waiting = [...segments]
  }

  get pendingRecords (): number { return this.#waiting.reduce((sum, { records }) => sum + records, 0) }

  async take (signal: AbortSignal, onWait?: () => void): Promise<Segment | undefined> {
    if (signal.aborted) return undefined
    const next = this.#waiting.shift()
    if (next !== undefined) return next
    onWait?.()
    return await new Promise(resolve => {
      this.#takers.push(resolve)
      signal.addEventListener('abort', () => resolve(undefined), { once: true })
    })
  }

  async settle (segment: Segment, bytes: number, records: number): Promise<void> {
    this.settled.push([segment.id, bytes, records])
  }

  release (segment: Segment): void {
    this.released.push(segment.id)
    const taker = this.#takers.shift()
    if (taker === undefined) this.#waiting.unshift(segment)
    else taker(segment)
  }
}
