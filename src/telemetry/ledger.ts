/** A number that is counted where things happen; the hot path does `counter.value++`. */
export interface Counter { value: number }

/** The terms of the equation and the label each is broken down by. */
export const ledgerTerms = {
  received: ['source'],
  recovered: ['route'],
  made: ['reason'],
  delivered: ['route'],
  filtered: ['rule'],
  rejected: ['route', 'reason'],
  dropped: ['route', 'reason'],
  joined: ['kind'],
} as const

export type LedgerTerm = keyof typeof ledgerTerms
export const ledgerTermNames = Object.keys(ledgerTerms) as readonly LedgerTerm[]

/** Both sides of the equation. */
export const incomingTerms = ['received', 'recovered', 'made'] as const satisfies readonly LedgerTerm[]
export const outgoingTerms = ['delivered', 'filtered', 'rejected', 'dropped', 'joined', 'pending'] as const

/**
 * The account of every record:
 * `received + recovered + made = delivered + filtered + rejected + dropped + joined + pending`.
 *
 * It holds between any two turns of the event loop, because whoever ends a record counts it in the turn in which it
 * leaves `pending`, and `pending` is counted where records lie, never computed from the other terms.
 */
export class Ledger {
  readonly #counters = new Map<LedgerTerm, Map<string, LedgerCounter>>()
  readonly #pending = new Map<string, () => number>()

  /** The one counter of `term` for these label values, given in the order of `ledgerTerms`. */
  counter (term: LedgerTerm, ...labels: readonly string[]): Counter {
    if (labels.length !== ledgerTerms[term].length) throw new TypeError(`${term} takes ${ledgerTerms[term].join(', ')}`)
    const byLabels = this.#counters.get(term) ?? new Map<string, LedgerCounter>()
    this.#counters.set(term, byLabels)
    const key = labels.join('\0')
    let counter = byLabels.get(key)
    if (counter === undefined) {
      const named = ledgerTerms[term].map((name, index) => [name, labels[index] ?? ''])
      counter = { labels: Object.fromEntries(named) as Readonly<Record<string, string>>, value: 0 }
      byLabels.set(key, counter)
    }
    return counter
  }

  /** Registers a place where records wait; `count` is called at every scrape. Called once for each route. */
  addPending (route: string, count: () => number): void {
    this.#pending.set(route, count)
  }

  /** Every counter of `term` with its labels, each the same object every time: it goes on counting. */
  entries (term: LedgerTerm): Iterable<LedgerEntry> {
    return this.#counters.get(term)?.values() ?? []
  }

  * pending (): Generator<{ readonly route: string, readonly value: number }> {
    for (const [route, count] of this.#pending) yield { route, value: count() }
  }

  /** The equation as it stands, each term in total and by its labels joined with `/`; zero entries are left out. */
  snapshot (): LedgerSnapshot {
    const terms = {} as Record<LedgerTerm, TermSnapshot>
    for (const term of ledgerTermNames) {
      terms[term] = noEntries()
      for (const { labels, value } of this.entries(term)) {
        if (value === 0) continue
        terms[term].total += value
        terms[term].by[Object.values(labels).join('/')] = value
      }
    }
    const pending: TermSnapshot = noEntries()
    for (const { route, value } of this.pending()) {
      pending.total += value
      if (value !== 0) pending.by[route] = value
    }
    return { ...terms, pending, isBalanced: this.isBalanced }
  }

  /** Looked at every second: makes no object for a counter. */
  get isBalanced (): boolean {
    let pendingCount = 0
    for (const count of this.#pending.values()) pendingCount += count()
    const incoming = this.sum('received') + this.sum('recovered') + this.sum('made')
    return incoming === this.sum('delivered') + this.sum('filtered') + this.sum('rejected') + this.sum('dropped') +
      this.sum('joined') + pendingCount
  }

  /** Of `term` in total. Makes no object for a counter. */
  sum (term: LedgerTerm): number {
    let sum = 0
    for (const { value } of this.entries(term)) sum += value
    return sum
  }
}

/** Without a prototype: what it is broken down by holds names from outside. */
function noEntries (): TermSnapshot {
  return { total: 0, by: Object.create(null) as Record<string, number> }
}

interface LedgerCounter extends Counter { readonly labels: Readonly<Record<string, string>> }

export interface LedgerEntry { readonly labels: Readonly<Record<string, string>>, readonly value: number }
export interface TermSnapshot { total: number, by: Record<string, number> }
export type LedgerSnapshot =
  Readonly<Record<LedgerTerm, TermSnapshot>> & { readonly pending: TermSnapshot, readonly isBalanced: boolean }
