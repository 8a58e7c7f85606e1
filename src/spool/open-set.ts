import { OpenSegment } from './open-segment.ts'
import type { RouteHost } from './route-host.ts'
import type { SegmentHost } from './segment-host.ts'
import { boundedName, formatHour, hourMs } from './segment-name.ts'
import type { RouteOptions } from './spool.ts'

/** Names of hours have ten digits. */
const endOfHours = Date.UTC(10_000, 0) / hourMs
/** How long after its end an hour's segment is kept for lines that come late. */
const hourGraceMs = 15_000
/** Hours before and after the current one that have segments of their own. */
const pastHours = 2
const futureHours = 1
/** Most segments of a route that take lines at a time: each costs 3 KiB of memory, whatever it holds. */
const mostOpenSegments = 1024
/** The same where each hour has its own: the lines of a file are in order, so those of an hour come together. */
const mostOpenHours = 16
/** Where lines wait in more segments than this, those of several flushes are written at once, for so long at most. */
const writesPerFlush = 32
const longestWaitMs = 100

export interface OpenSetOptions extends
  Pick<RouteHost, 'boot' | 'clock' | 'flushIntervalMs' | 'nextSegmentNumber'>,
  Pick<RouteOptions, 'segmentMaxAgeMs' | 'hasEveryHour'> {
  /** A segment was opened: it will be due in `segmentMaxAgeMs`. */
  readonly onOpened: () => void
  readonly segmentHost: SegmentHost<OpenSegment>
}

/** The segments of a route that are not sealed yet: one per hour and container, and late ones per container. */
export class OpenSet {
  readonly #options: OpenSetOptions
  /** Those that take lines, in the order in which they were opened. */
  #open: OpenSegment[] = []
  /** The same ones, by the name of their container. */
  readonly #byContainer = new Map<string, OpenSegment[]>()
  /** Those with lines for the next flush. */
  #waiting: OpenSegment[] = []
  #flushesWaited = 0
  readonly #mostCount: number
  #maxCount: number
  /** Those that wait for their rest to be written, and for their name. */
  readonly #sealing = new Set<OpenSegment>()
  #last: OpenSegment | undefined
  #useCount = 0

  constructor (options: OpenSetOptions) {
    this.#options = options
    this.#mostCount = options.hasEveryHour === true ? mostOpenHours : mostOpenSegments
    this.#maxCount = this.#mostCount
  }

  get count (): number { return this.#open.length + this.#sealing.size }
  /** Those that will be sealed in a moment; not those that the disk refuses, which may take for ever. */
  get sealingCount (): number {
    let count = 0
    for (const segment of this.#sealing) if (!segment.isRefused) count++
    return count
  }

  /** Whether a segment of `container` that was opened before number `n` will be sealed in a moment. */
  isSealingBefore (container: string, n: number): boolean {
    for (const { isRefused, options, n: own } of this.#sealing) {
      if (!isRefused && options.container === container && own < n) return true
    }
    return false
  }

  get open (): readonly OpenSegment[] { return this.#open }

  /** All that are not sealed yet. */
  * live (): Generator<OpenSegment> {
    yield * this.#open
    yield * this.#sealing
  }

  /** When the oldest record was accepted, monotonic ms; infinite when there is none. */
  get oldestMs (): number {
    let oldest = Infinity
    for (const { records, options } of this.live()) if (records > 0) oldest = Math.min(oldest, options.firstAcceptedMs)
    return oldest
  }

  get isStored (): boolean {
    for (const segment of this.live()) if (!segment.isStored) return false
    return true
  }

  async stored (): Promise<boolean> {
    const results = await Promise.all([...this.live()].map(segment => segment.stored()))
    return results.every(Boolean)
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

  /** The segment that took the last line of `container`, and counts as used now. Makes no object. */
  lastOf (container: string): OpenSegment | undefined {
    if (this.#last?.rawContainer === container) return this.#last
    const segments = this.#byContainer.get(container)
    if (segments === undefined) return undefined
    let last: OpenSegment | undefined
    for (let index = 0; index < segments.length; index++) {
      const segment = segments[index]
      if (segment !== undefined && (last === undefined || segment.usedAt > last.usedAt)) last = segment
    }
    if (last !== undefined) this.#use(last)
    return last
  }

  /** Opens a segment for a line that `find` has none for. The caller appends the line in the same turn. */
  openFor (timeMs: number, container: string): OpenSegment {
    const fromMs = this.#isLate(timeMs) ? undefined : Math.floor(timeMs / hourMs) * hourMs
    const segment = this.#create(fromMs, container)
    this.#use(segment)
    return segment
  }

  /** No more than `maxCount` take lines from now on, or than there may ever be. */
  limitTo (maxCount: number): void {
    this.#maxCount = Math.max(1, Math.min(this.#mostCount, maxCount))
  }

  /** `segment` has a line for the next flush. @returns false when others wait for it already */
  wait (segment: OpenSegment): boolean {
    if (segment.isWaiting) return false
    segment.isWaiting = true
    return this.#waiting.push(segment) === 1
  }

  /**
   * Begins to write what waits, called once every `flushIntervalMs`. Where it waits in many segments, some calls are
   * let pass, so that each write takes more lines: a write costs some thirty times what a line does.
   *
   * @returns true when lines wait for the next call
   */
  flush (): boolean {
    const mostFlushes = Math.floor(longestWaitMs / this.#options.flushIntervalMs)
    if (++this.#flushesWaited < Math.min(mostFlushes, Math.ceil(this.#waiting.length / writesPerFlush))) return true
    this.flushAll()
    return false
  }

  /** Begins to write what waits. */
  flushAll (): void {
    this.#flushesWaited = 0
    const waiting = this.#waiting
    this.#waiting = []
    for (const segment of waiting) {
      segment.isWaiting = false
      if (!segment.isStored) segment.flush()
    }
  }

  /** Resolves as `OpenSegment.seal` does. */
  seal (segment: OpenSegment): Promise<void> {
    if (!segment.isSealing) {
      this.#close(segment)
      this.#sealing.add(segment)
    }
    return segment.seal()
  }

  /** Resolves when all have been sealed, or a file operation of each that is not has failed. */
  async sealAll (): Promise<void> {
    await Promise.all([...this.live()].map(segment => this.seal(segment)))
  }

  /** Seals what lies in hours that are over. */
  sealPast (): void {
    const nowMs = this.#options.clock.wallMs()
    for (const segment of this.#open) if (nowMs >= segment.options.sealFromMs) void this.seal(segment)
  }

  /** Forgets a segment that has ended. */
  delete (segment: OpenSegment): void {
    // One whose file somebody removed ends without having been sealed.
    if (!this.#sealing.delete(segment)) this.#close(segment)
  }

  /** `segment` takes no more lines. */
  #close (segment: OpenSegment): void {
    this.#open = this.#open.filter(other => other !== segment)
    const others = this.#byContainer.get(segment.rawContainer)?.filter(other => other !== segment) ?? []
    if (others.length > 0) this.#byContainer.set(segment.rawContainer, others)
    else this.#byContainer.delete(segment.rawContainer)
    if (this.#last === segment) this.#last = undefined
  }

  #use (segment: OpenSegment): void {
    segment.usedAt = ++this.#useCount
    this.#last = segment
  }

  /** True for a time that has no hour of its own here; also for what is no time. */
  #isLate (timeMs: number): boolean {
    const hour = Math.floor(timeMs / hourMs)
    if (this.#options.hasEveryHour === true) return !(hour >= 0 && hour < endOfHours)
    const currentHour = Math.floor(this.#options.clock.wallMs() / hourMs)
    return !(hour >= currentHour - pastHours && hour <= currentHour + futureHours)
  }

  #match (timeMs: number, container: string, isLate: boolean): OpenSegment | undefined {
    const segments = this.#byContainer.get(container)
    if (segments === undefined) return undefined
    for (let index = 0; index < segments.length; index++) {
      const segment = segments[index]
      if (segment === undefined) continue
      if (isLate ? segment.options.name.isLate : timeMs >= segment.fromMs && timeMs < segment.toMs) return segment
    }
    return undefined
  }

  /** `fromMs`: when the hour of the line begins; undefined for a line of another time. */
  #create (fromMs: number | undefined, rawContainer: string): OpenSegment {
    const { boot, clock, segmentMaxAgeMs, segmentHost } = this.#options
    while (this.#open.length >= this.#maxCount) this.#sealOne()
    const nowMs = clock.wallMs()
    const hourEndMs = (fromMs ?? nowMs - nowMs % hourMs) + hourMs
    const segment = new OpenSegment({
      name: {
        hour: formatHour(fromMs ?? nowMs),
        boot: boot(),
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
    const others = this.#byContainer.get(rawContainer)
    if (others === undefined) this.#byContainer.set(rawContainer, [segment])
    else others.push(segment)
    this.#options.onOpened()
    return segment
  }

  /**
   * Seals the least recently used of those that have the route's age: they would be sealed soon in any case. Where none
   * has it, the newest: of containers in turns, sealing the least recently used would seal every one before its next
   * line; this way the others keep theirs. Of hours in their order, it is the least recently used that is over.
   */
  #sealOne (): void {
    const { clock, segmentMaxAgeMs, hasEveryHour } = this.#options
    const oldEnoughMs = hasEveryHour === true ? Infinity : clock.monotonicMs() - segmentMaxAgeMs
    let one: OpenSegment | undefined
    for (const segment of this.#open) {
      if (segment.options.firstAcceptedMs > oldEnoughMs) break
      if (one === undefined || segment.usedAt < one.usedAt) one = segment
    }
    one ??= this.#open.at(-1)
    if (one !== undefined) void this.seal(one)
  }
}
