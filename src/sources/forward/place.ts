import type { Clock } from '../../contracts/clock.ts'

/** Who brings no more at once than this has little to say. */
const littleBytes = 16 * 1024
/** Bytes after which the clock is looked at, and how many of them a record stands for besides its own. */
const lookBytes = 16 * 1024
const recordBytes = 128

export type Line = Set<Waiting>

/** The lines of one source. */
export interface Lines { readonly little: Line, readonly much: Line }

export interface Waiting {
  readonly place: Place
  readonly line: Line
  readonly needsRoom: boolean
  /** Since when it has been waiting without a turn in which it handed anything over, monotonic ms. */
  readonly sinceMs: number
  readonly goOn: () => void
}

/** What it has with all others, as `Turns` keeps it. */
export interface PlaceTurns {
  readonly isFree: boolean
  isOver (workedMs: number, bytes: number): boolean
  worked (ms: number): void
  enter (waiting: Waiting): void
  leave (waiting: Waiting): void
}

/**
 * One sender's place among all. A turn begins with `begin`, `goOn` or `wait`, at once or when the promise resolves, and
 * lasts until `end` or the next `wait`.
 */
export class Place {
  /** It has waited for room for as long as anybody may: whoever hands over may set it back when there is some. */
  isStallOver = false
  readonly #turns: PlaceTurns
  readonly #lines: Lines
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #line: Line
  #waiting: Waiting | undefined
  /** Since when it has been waiting, over turns in which it found no room. */
  #waitingSinceMs: number | undefined
  /** When its turn began; undefined outside of one. */
  #startMs: number | undefined
  #bytes = 0
  #lookAtBytes = 0

  constructor (turns: PlaceTurns, lines: Lines, clock: Pick<Clock, 'monotonicMs'>) {
    this.#turns = turns
    this.#lines = lines
    this.#line = lines.little
    this.#clock = clock
  }

  /** Begins with so many bytes that came. */
  begin (bytes: number): Promise<void> | undefined {
    this.#line = bytes <= littleBytes ? this.#lines.little : this.#lines.much
    return this.goOn()
  }

  /** Begins again with what is left of them. */
  goOn (): Promise<void> | undefined {
    if (!this.#turns.isFree) return this.wait(false)
    this.#start()
    return undefined
  }

  /** Ends the turn and waits for the next one, and for room if that is needed. Ends early when `cancel` is called. */
  async wait (needsRoom: boolean): Promise<void> {
    this.end()
    const sinceMs = this.#waitingSinceMs ??= this.#clock.monotonicMs()
    await new Promise<void>(resolve => {
      this.#waiting = { place: this, line: this.#line, needsRoom, sinceMs, goOn: resolve }
      this.#turns.enter(this.#waiting)
    })
    this.#waiting = undefined
    this.#start()
  }

  /** Says what was handed over, of one record or more. True when the turn is over, and `wait` is to be called. */
  spend (bytes: number, records = 1): boolean {
    this.#bytes += bytes + recordBytes * records
    if (this.#bytes < this.#lookAtBytes) return false
    this.#lookAtBytes = this.#bytes + lookBytes
    return this.isOver
  }

  /** The turn is over: asked where what takes long hands nothing over. */
  get isOver (): boolean {
    return this.#turns.isOver(this.#clock.monotonicMs() - (this.#startMs ?? 0), this.#bytes)
  }

  /** Ends the turn. Safe twice. */
  end (): void {
    if (this.#startMs === undefined) return
    this.#turns.worked(this.#clock.monotonicMs() - this.#startMs)
    this.#startMs = undefined
    if (this.#bytes === 0) return
    // Whatever comes next is more of the same.
    this.#line = this.#lines.much
    this.#waitingSinceMs = undefined
  }

  /** Lets it go on at once if it waits. */
  cancel (): void {
    if (this.#waiting === undefined) return
    this.#turns.leave(this.#waiting)
    this.#waiting.goOn()
  }

  #start (): void {
    this.#startMs = this.#clock.monotonicMs()
    this.#bytes = 0
    this.#lookAtBytes = lookBytes
  }
}

// Tested in test/sources/forward/turns.test.ts
