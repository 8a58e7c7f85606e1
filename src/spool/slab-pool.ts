/** A piece of write buffer: `[writtenBytes, filledBytes)` waits to be written. */
export interface Slab {
  readonly memory: Buffer
  filledBytes: number
  writtenBytes: number
}

/** Largest slab; smaller where the budget holds fewer than 32 of them. */
export const maxSlabBytes = 65_536
const leastSlabCount = 32

/**
 * The write buffers of one route: slabs of one size, made when first needed and used again, within a budget.
 *
 * A line longer than a slab gets one of its own. If it does not fit the budget, it gets it all the same while no other
 * such slab is out: memory is bounded by the budget and one longest line.
 */
export class SlabPool {
  readonly slabBytes: number
  readonly budgetBytes: number
  readonly #highBytes: number
  readonly #lowBytes: number
  readonly #onHigh: () => void
  readonly #onLow: () => void
  readonly #isOpen: boolean
  readonly #free: Slab[] = []
  #usedBytes = 0
  #largeCount = 0
  #isHigh = false

  /**
   * `onHigh` is called when three quarters are in use, `onLow` when no more than five eighths are again. With `isOpen`
   * the budget is no limit: whoever fills the pool stops at `onHigh`.
   */
  constructor (budgetBytes: number, onHigh: () => void, onLow: () => void, isOpen = false) {
    this.budgetBytes = budgetBytes
    this.#isOpen = isOpen
    this.slabBytes = Math.max(1, Math.min(maxSlabBytes, Math.floor(budgetBytes / leastSlabCount)))
    this.#highBytes = budgetBytes * 3 / 4
    this.#lowBytes = budgetBytes * 5 / 8
    this.#onHigh = onHigh
    this.#onLow = onLow
  }

  /** Memory lent out. */
  get usedBytes (): number { return this.#usedBytes }

  canTake (bytes: number): boolean {
    if (this.#isOpen) return true
    if (bytes <= this.slabBytes) return this.#usedBytes + this.slabBytes <= this.budgetBytes
    return this.#usedBytes + bytes <= this.budgetBytes || this.#largeCount === 0
  }

  /** An empty slab for a line of `bytes`; undefined when `canTake` would say no. */
  take (bytes: number): Slab | undefined {
    if (!this.canTake(bytes)) return undefined
    const slab = (bytes <= this.slabBytes ? this.#free.pop() : undefined) ?? this.#create(bytes)
    if (bytes > this.slabBytes) this.#largeCount++
    this.#usedBytes += slab.memory.length
    if (!this.#isHigh && this.#usedBytes >= this.#highBytes) {
      this.#isHigh = true
      this.#onHigh()
    }
    return slab
  }

  give (slab: Slab): void {
    this.#usedBytes -= slab.memory.length
    if (slab.memory.length > this.slabBytes) {
      this.#largeCount--
    } else {
      slab.filledBytes = 0
      slab.writtenBytes = 0
      this.#free.push(slab)
    }
    if (this.#isHigh && this.#usedBytes <= this.#lowBytes) {
      this.#isHigh = false
      this.#onLow()
    }
  }

  #create (bytes: number): Slab {
    // Not from Buffer's own pool: these live as long as the process.
    const memory = Buffer.allocUnsafeSlow(Math.max(bytes, this.slabBytes))
    return { memory, filledBytes: 0, writtenBytes: 0 }
  }
}
