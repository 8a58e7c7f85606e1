import type { Clock } from '../contracts/clock.ts'
import { OpenSegment, type SegmentHost } from './open-segment.ts'
import { boundedName, formatHour, hourMs } from './segment-name.ts'

/** How long after its end an hour's segment is kept for lines that come late. */
const hourGraceMs = 15_000
/** Hours before and after the current one that have segments of their own. */
const pastHours = 2
const futureHours = 1

export interface OpenSetOptions {
  readonly boot: string
  readonly clock: Clock
  readonly maxOpenSegments: number
  readonly segmentMaxAgeMs: number
  readonly nextSegmentNumber: () => number
  /** A segment was opened: it will be due in `segmentMaxAgeMs`. */
  readonly onOpened: () => void
  readonly segmentHost: SegmentHost
}

/** The segments of a route that are not sealed yet: one per hour and container, and late ones per container. */
export class OpenSet {
  readonly #options: OpenSetOptions
  /** Those that take lines, in the order in which they were opened. */
  #open: OpenSegment[] = []
  /** Those that wait for their rest to be written, and for their name. */
  readonly #sealing = new Set<OpenSegment>()
  #last: OpenSegment | undefined
  #useCount = 0

  constructor (options: OpenSetOptions) {
    this.#options = options
  }

  get count (): number { return this.#open.length + this.#sealing.size }
  /** Those that will be sealed in a moment; not those that the disk refuses, which may take for ever. */
  get sealingCount (): number {
    let count = 0
    for (const segment of this.#sealing) if (!segment.isRefused) count++
    return count
  }

  get open (): readonly OpenSegment[] { return this.#open }

  /** All that are not sealed yet. */
  * live (): Generator<OpenSegment> {
    yield * this.#open
    yield * this.#sealing
  }

  sum (value: (segment: OpenSegment) => number): number {
    let sum = 0
    for (const segment of this.live()) sum += value(segment)
    return sum
  }

  /** The segment that takes a line; undefined when one has to be opened for it. Makes no object. */
  find (timeMs: number, container: string): OpenSegment | undefined {
    const last = this.#last
    if (last !== undefined && timeMs >= last.fromMs && timeMs < last.toMs && container === last.rawContainer) {
      return last
    }
    const segment = this.#match(timeMs, container, false) ??
      (this.#isLate(timeMs) ? this.#match(timeMs, container, true) : undefined)
    if (segment !== undefined) this.#use(segment)
    return segment
  }

  /** Opens a segment for a line that `find` has none for. The caller appends the line in the same turn. */
  openFor (timeMs: number, container: string): OpenSegment {
    const fromMs = this.#isLate(timeMs) ? undefined : Math.floor(timeMs / hourMs) * hourMs
    const segment = this.#create(fromMs, container)
    this.#use(segment)
    return segment
  }

  /** Resolves as `OpenSegment.seal` does. */
  seal (segment: OpenSegment): Promise<void> {
    if (!segment.isSealing) {
      this.#open = this.#open.filter(other => other !== segment)
      this.#sealing.add(segment)
      if (this.#last === segment) this.#last = undefined
    }
    return segment.seal()
  }

  /** Seals what lies in hours that are over. */
  sealPast (): void {
    const nowMs = this.#options.clock.wallMs()
    for (const segment of this.#open) if (nowMs >= segment.options.sealFromMs) void this.seal(segment)
  }

  /** Forgets a segment that has ended. */
  delete (segment: OpenSegment): void {
    this.#sealing.delete(segment)
  }

  #use (segment: OpenSegment): void {
    segment.usedAt = ++this.#useCount
    this.#last = segment
  }

  /** True for a time that has no hour of its own here; also for what is no time. */
  #isLate (timeMs: number): boolean {
    const hour = Math.floor(timeMs / hourMs)
    const currentHour = Math.floor(this.#options.clock.wallMs() / hourMs)
    return !(hour >= currentHour - pastHours && hour <= currentHour + futureHours)
  }

  #match (timeMs: number, container: string, isLate: boolean): OpenSegment | undefined {
    for (let index = 0; index < this.#open.length; index++) {
      const segment = this.#open[index]
      if (segment === undefined || segment.rawContainer !== container) continue
      if (isLate ? segment.options.name.isLate : timeMs >= segment.fromMs && timeMs < segment.toMs) return segment
    }
    return undefined
  }

  /** `fromMs`: when the hour of the line begins; undefined for a line of another time. */
  #create (fromMs: number | undefined, rawContainer: string): OpenSegment {
    const { boot, clock, maxOpenSegments, segmentMaxAgeMs, segmentHost } = this.#options
    if (this.#open.length >= maxOpenSegments) this.#sealLeastUsed()
    const nowMs = clock.wallMs()
    const hourEndMs = (fromMs ?? nowMs - nowMs % hourMs) + hourMs
    const segment = new OpenSegment({
      name: {
        hour: formatHour(fromMs ?? nowMs),
        boot,
        n: this.#options.nextSegmentNumber(),
        isLate: fromMs === undefined,
      },
      rawContainer,
      container: boundedName(rawContainer),
      firstAcceptedMs: clock.monotonicMs(),
      fromMs: fromMs ?? NaN,
      toMs: fromMs === undefined ? NaN : fromMs + hourMs,
      sealFromMs: Math.max(hourEndMs + hourGraceMs, nowMs + segmentMaxAgeMs),
    }, segmentHost)
    this.#open.push(segment)
    this.#options.onOpened()
    return segment
  }

  #sealLeastUsed (): void {
    let least = this.#open[0]
    for (const segment of this.#open) if (least === undefined || segment.usedAt < least.usedAt) least = segment
    if (least !== undefined) void this.seal(least)
  }
}
