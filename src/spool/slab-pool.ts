import { freeMemory } from '../bytes/free-memory.ts'

/** A piece of write buffer: `[writtenBytes, filledBytes)` waits to be written. */
export interface Slab {
  readonly memory: Buffer
  filledBytes: number
  writtenBytes: number
  /** So many are in the checksum. */
  summedBytes: number
}

/** Largest slab; smaller where the budget holds fewer than 32 of them. */
export const maxSlabBytes = 65_536
const leastSlabCount = 32
/** How often the smallest slab doubles until it is the largest. */
const doublings = 4

/** Memory that pools have lent beyond their budgets, all together: for lines that were in memory before. */
export interface Overdraft { usedBytes: number }

export interface SlabPoolOptions {
  readonly budgetBytes: number
  /** Called when three quarters are in use. */
  readonly onHigh: () => void
  /** Called when no more than five eighths are again. */
  readonly onLow: () => void
  /** The budget is no limit: whoever fills the pool stops at `onHigh`. */
  readonly isOpen?: boolean
  /** Counts what is lent beyond the budget. */
  readonly overdraft?: Overdraft
}

/**
 * The write buffers of one route, within a budget: slabs of a few sizes, made when first needed and used again. Small
 * ones let hundreds of segments have a line waiting at once; large ones are for those that have many.
 *
 * A line longer than the largest slab gets one of its own. While the pool is not high any line gets its memory, and one
 * that was in memory before gets it always: memory is bounded by the budget, one longest line, and what such lines had.
 */
export class SlabPool {
  /** The largest. */
  readonly slabBytes: number
  readonly budgetBytes: number
  readonly #highBytes: number
  readonly #lowBytes: number
  readonly #onHigh: () => void
  readonly #onLow: () => void
  readonly #isOpen: boolean
  readonly #overdraft: Overdraft
  /** Smallest first, and those of each size that nobody has. */
  readonly #sizes: readonly number[]
  readonly #free: readonly Slab[][]
  #usedBytes = 0
  #freeBytes = 0
  /** Of those, beyond the budget. */
  #overdrawnBytes = 0
  #isHigh = false

  constructor ({ budgetBytes, onHigh, onLow, isOpen = false, overdraft = { usedBytes: 0 } }: SlabPoolOptions) {
    this.budgetBytes = budgetBytes
    this.#isOpen = isOpen
    this.#overdraft = overdraft
    this.slabBytes = Math.max(1, Math.min(maxSlabBytes, Math.floor(budgetBytes / leastSlabCount)))
    const sizes = Array.from({ length: doublings + 1 }, (_, index) => this.slabBytes >> (doublings - index))
    this.#sizes = [...new Set(sizes)].filter(bytes => bytes > 0)
    this.#free = this.#sizes.map(() => [])
    this.#highBytes = budgetBytes * 3 / 4
    this.#lowBytes = budgetBytes * 5 / 8
    this.#onHigh = onHigh
    this.#onLow = onLow
  }

  /** Memory lent out. */
  get usedBytes (): number { return this.#usedBytes }

  /** Three quarters are in use, and five eighths have been since. */
  get isHigh (): boolean { return this.#isHigh }

  canTake (bytes: number): boolean {
    return !this.#isHigh || this.#fits(bytes <= this.slabBytes ? this.#sizes[this.#sizeFor(bytes)] as number : bytes)
  }

  /**
   * An empty slab for a line of `bytes`, whatever `canTake` says: that is the borrower's to heed.
   *
   * @param waitingBytes what the borrower has waiting already: it gets a slab as large, where there is one, so that few
   * of them hold much
   */
  take (bytes: number, waitingBytes: number): Slab {
    let slab: Slab
    if (bytes > this.slabBytes) {
      slab = createSlab(bytes)
    } else {
      const least = this.#sizeFor(bytes)
      let size = Math.max(least, this.#sizeFor(waitingBytes))
      while (size > least && !this.#fits(this.#sizes[size] as number)) size--
      slab = this.#takeSize(size)
    }
    this.#use(slab.memory.length)
    if (!this.#isHigh && this.#usedBytes >= this.#highBytes) {
      this.#isHigh = true
      this.#onHigh()
    }
    return slab
  }

  give (slab: Slab): void {
    const bytes = slab.memory.length
    this.#use(-bytes)
    if (bytes > this.slabBytes) {
      freeMemory(slab.memory)
    } else if (this.#usedBytes + this.#freeBytes + bytes > this.budgetBytes) {
      freeMemory(slab.memory)
    } else {
      slab.filledBytes = slab.writtenBytes = slab.summedBytes = 0
      this.#free[this.#sizes.indexOf(bytes)]?.push(slab)
      this.#freeBytes += bytes
    }
    if (this.#isHigh && this.#usedBytes <= this.#lowBytes) {
      this.#isHigh = false
      this.#onLow()
    }
  }

  #use (bytes: number): void {
    this.#usedBytes += bytes
    const overdrawnBytes = Math.max(0, this.#usedBytes - this.budgetBytes)
    this.#overdraft.usedBytes += overdrawnBytes - this.#overdrawnBytes
    this.#overdrawnBytes = overdrawnBytes
  }

  #fits (bytes: number): boolean { return this.#isOpen || this.#usedBytes + bytes <= this.budgetBytes }

  /** Which size holds `bytes`; the largest when none does. */
  #sizeFor (bytes: number): number {
    const sizes = this.#sizes
    let size = 0
    while (size < sizes.length - 1 && (sizes[size] as number) < bytes) size++
    return size
  }

  #takeSize (size: number): Slab {
    const bytes = this.#sizes[size] as number
    const free = this.#free[size]?.pop()
    if (free !== undefined) {
      this.#freeBytes -= bytes
      return free
    }
    // Those of other sizes make way: what nobody has counts too.
    const heldBytes = this.#usedBytes + bytes
    for (let other = this.#sizes.length - 1; other >= 0 && heldBytes + this.#freeBytes > this.budgetBytes;) {
      const unneeded = this.#free[other]?.pop()
      if (unneeded === undefined) {
        other--
      } else {
        this.#freeBytes -= unneeded.memory.length
        freeMemory(unneeded.memory)
      }
    }
    return createSlab(bytes)
  }
}

function createSlab (bytes: number): Slab {
  // Not from Buffer's own pool: these live as long as the process.
  return { memory: Buffer.allocUnsafeSlow(bytes), filledBytes: 0, writtenBytes: 0, summedBytes: 0 }
}
