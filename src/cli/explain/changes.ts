import type { CounterName, Metrics } from '../../telemetry/metrics.ts'

/** What was counted since one looked last. */
export class Changes {
  readonly #metrics: Metrics
  readonly #name: CounterName
  readonly #seen = new Map<string, number>()

  constructor (metrics: Metrics, name: CounterName) {
    this.#metrics = metrics
    this.#name = name
  }

  /** Labels of the series that have grown, and looks at them anew. */
  take (): readonly string[] {
    const grown: string[] = []
    for (const series of this.#metrics.series(this.#name)) {
      if (!('value' in series)) continue
      const label = series.labels.join('/')
      if (series.value > (this.#seen.get(label) ?? 0)) grown.push(label)
      this.#seen.set(label, series.value)
    }
    return grown
  }
}
