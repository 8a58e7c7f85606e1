import type { ServiceName } from './wire.ts'

/** Counts of one operation. */
export interface OperationCount {
  readonly service: ServiceName
  readonly operation: string
  readonly requestCount: number
  readonly inFlightCount: number
  readonly mostInFlightCount: number
  /** How the requests ended: `ok`, an error code, or `hang`, `reset`, `lost`, `aborted` (the client left first). */
  readonly outcomes: Readonly<Record<string, number>>
}

interface Count {
  requestCount: number
  inFlightCount: number
  mostInFlightCount: number
  outcomes: Record<string, number>
}

/** Counts requests by operation, by service and over all, with the most that were ever in flight at once. */
export class Tally {
  readonly #counts = new Map<string, Count>()
  readonly #operations = new Map<string, { service: ServiceName, operation: string }>()
  #waiting: Array<() => void> = []

  /** Counts a request as begun; the function returned ends it, and only its first call counts. */
  begin (service: ServiceName, operation: string): (outcome: string) => void {
    this.#operations.set(operation, { service, operation })
    const counts = [this.#count(operation), this.#count(service), this.#count('')]
    for (const count of counts) {
      count.requestCount++
      count.inFlightCount++
      count.mostInFlightCount = Math.max(count.mostInFlightCount, count.inFlightCount)
    }
    this.changed()
    let ended = false
    return outcome => {
      if (ended) return
      ended = true
      for (const count of counts) {
        count.inFlightCount--
        count.outcomes[outcome] = (count.outcomes[outcome] ?? 0) + 1
      }
      this.changed()
    }
  }

  /** Counts of an operation, of a service, or of everything when no name is given. */
  of (name = ''): Readonly<Count> {
    return this.#counts.get(name) ?? { requestCount: 0, inFlightCount: 0, mostInFlightCount: 0, outcomes: {} }
  }

  operations (): readonly OperationCount[] {
    return [...this.#operations.values()].map(entry => ({ ...entry, ...this.of(entry.operation) }))
  }

  /** Resolves as soon as `reached` says so; it is asked now and after every change. */
  async until (reached: () => boolean): Promise<void> {
    while (!reached()) await new Promise<void>(resolve => { this.#waiting.push(resolve) })
  }

  changed (): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  #count (name: string): Count {
    const known = this.#counts.get(name)
    if (known !== undefined) return known
    const fresh: Count = { requestCount: 0, inFlightCount: 0, mostInFlightCount: 0, outcomes: {} }
    this.#counts.set(name, fresh)
    return fresh
  }
}
