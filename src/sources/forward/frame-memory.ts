import type { Clock } from '../../contracts/clock.ts'
import { refuse } from './refusal.ts'

/** Whoever holds memory of frames: one connection. */
export interface MemoryHolder {
  /** Gives back what it holds without need. */
  trim (): void
  /** It holds most: its connection is to be closed. What it holds is no longer counted. */
  evict (): void
}

/** Whoever has done nothing with what it holds for so long is stalled, ms. */
const stalledMs = 1000

/**
 * Bounds the memory that all connections of the process take for frames: those not complete, those being handed over,
 * and what unpacking them needs.
 *
 * When one more piece does not fit, what is held without need is given back first. Then a connection gives way, one of
 * the source that holds most: of those that are stalled the one that holds most, bytes times the time. Where none is,
 * it is the one that holds most if the one that asks is within its share, and else the one that asks: so frames that
 * are under way are completed rather than begun anew.
 */
export class FrameMemory {
  readonly maxBytes: number
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #shares = new Set<MemoryShare>()
  #usedBytes = 0

  constructor (maxBytes: number, clock: Pick<Clock, 'monotonicMs'>) {
    this.maxBytes = maxBytes
    this.#clock = clock
  }

  get usedBytes (): number { return this.#usedBytes }

  /** A connection's own part: empty at first. */
  share (source: string, holder: MemoryHolder): MemoryShare {
    return new MemoryShare(this, source, holder, this.#clock)
  }

  /** @internal @throws SluiceError `ERR_FRAME` when `share` itself is the one to give way */
  take (share: MemoryShare, bytes: number): void {
    if (this.#usedBytes + bytes > this.maxBytes) this.#makeRoom(share, bytes)
    if (share.bytes === 0) this.#shares.add(share)
    this.#usedBytes += bytes
    share.bytes += bytes
  }

  /** @internal */
  give (share: MemoryShare, bytes: number): void {
    this.#usedBytes -= bytes
    share.bytes -= bytes
    if (share.bytes === 0) this.#shares.delete(share)
  }

  #makeRoom (asking: MemoryShare, bytes: number): void {
    if (asking.bytes + bytes > this.maxBytes) refuseMemory(this.maxBytes)
    for (const share of [...this.#shares]) if (share !== asking) share.holder.trim()
    while (this.#usedBytes + bytes > this.maxBytes) {
      const victim = this.#victim(asking, bytes)
      if (victim === asking) refuseMemory(this.maxBytes)
      victim.holder.evict()
      victim.close()
    }
  }

  /** Who gives way; `asking` counts as if it had the bytes that it asks for. */
  #victim (asking: MemoryShare, askedBytes: number): MemoryShare {
    const bytesOf = (share: MemoryShare) => share === asking ? share.bytes + askedBytes : share.bytes
    const all = new Set(this.#shares).add(asking)
    const bySource = new Map<string, number>()
    for (const share of all) bySource.set(share.source, (bySource.get(share.source) ?? 0) + bytesOf(share))
    const [source] = [...bySource].reduce((most, each) => each[1] > most[1] ? each : most)
    const candidates = [...all].filter(share => share.source === source)
    const nowMs = this.#clock.monotonicMs()
    const stalled = candidates.filter(share => share !== asking && nowMs - share.activeMs >= stalledMs)
    if (stalled.length > 0) return heaviest(stalled, share => share.bytes * (nowMs - share.activeMs))
    const isWithinShare = asking.source !== source || bytesOf(asking) * all.size <= this.maxBytes
    return isWithinShare ? heaviest(candidates, bytesOf) : asking
  }
}

function refuseMemory (maxBytes: number): never {
  refuse('memory', `expected frames in the making of ${maxBytes} bytes at most in all, found more`)
}

function heaviest (shares: readonly MemoryShare[], weightOf: (share: MemoryShare) => number): MemoryShare {
  return shares.reduce((most, each) => weightOf(each) > weightOf(most) ? each : most)
}

/** What one connection holds. */
export class MemoryShare {
  /** @internal Kept by the memory. */
  bytes = 0
  /** When something was last done with what it holds, monotonic ms. */
  activeMs: number
  readonly source: string
  readonly holder: MemoryHolder
  readonly #memory: FrameMemory
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #isClosed = false

  constructor (memory: FrameMemory, source: string, holder: MemoryHolder, clock: Pick<Clock, 'monotonicMs'>) {
    this.#memory = memory
    this.source = source
    this.holder = holder
    this.#clock = clock
    this.activeMs = clock.monotonicMs()
  }

  /** So little of the memory is in use that one may keep some for later. */
  get isRoomy (): boolean {
    return this.#memory.usedBytes * 4 <= this.#memory.maxBytes
  }

  /** @throws SluiceError `ERR_FRAME` when all is in use, and this is the one that holds most */
  take (bytes: number): void {
    if (this.#isClosed) return
    if (this.bytes === 0) this.touch()
    this.#memory.take(this, bytes)
  }

  give (bytes: number): void {
    if (!this.#isClosed) this.#memory.give(this, bytes)
  }

  /** Something is being done with what it holds: it came, or is handed over. */
  touch (): void {
    this.activeMs = this.#clock.monotonicMs()
  }

  /** Counts nothing of it any more. Safe twice. */
  close (): void {
    this.give(this.bytes)
    this.#isClosed = true
  }
}
