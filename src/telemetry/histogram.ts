/** Counts observations by size; an observation allocates nothing. */
export class Histogram {
  /** Upper bounds of the buckets, ascending, without +Inf. */
  readonly bounds: readonly number[]
  /** Observations of each bucket alone, not cumulated; the last place is for those over every bound. */
  readonly #counts: Float64Array
  #sum = 0

  constructor (bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  /** Counts `value`, in the unit of the bounds, into the first bucket whose bound is not below it. */
  observe (value: number): void {
    let index = 0
    while (index < this.bounds.length && value > (this.bounds[index] ?? Infinity)) index++
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sum += value
  }

  get sum (): number { return this.#sum }

  /** Adds what `cumulated` says to `counts`, from `start` on. Makes nothing. */
  addTo (counts: Float64Array, start: number): void {
    let total = 0
    for (let index = 0; index < this.#counts.length; index++) {
      total += this.#counts[index] as number
      counts[start + index] = (counts[start + index] ?? 0) + total
    }
  }

  /** Observations not above each bound, then all of them: what Prometheus wants, one number more than bounds. */
  cumulated (): number[] {
    let total = 0
    return Array.from(this.#counts, count => (total += count))
  }
}
