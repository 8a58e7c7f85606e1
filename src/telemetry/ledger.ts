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

/**
 * The account of every record:
 * `received + recovered + made = delivered + filtered + rejected + dropped + joined + pending`.
 *
 * It holds between any two turns of the event loop, because whoever ends a record counts it in the turn in which it
 * leaves `pending`, and `pending` is counted where records lie, never computed from the other terms.
 */
export class Ledger {
  readonly #counters = new Map<LedgerTerm, Map<string, Counter>>()
  readonly #pending = new Map<string, () => number>()

  /** The one counter of `term` for these label values, given in the order of `ledgerTerms`. */
  counter (term: LedgerTerm, ...labels: readonly string[]): Counter {
    if (labels.length !== ledgerTerms[term].length) throw new TypeError(`${term} takes ${ledgerTerms[term].join(', ')}`)
    const byLabels = this.#counters.get(term) ?? new Map<string, Counter>()
    this.#counters.set(term, byLabels)
    const key = labels.join('\0')
    const counter = byLabels.get(key) ?? { value: 0 }
    byLabels.set(key, counter)
    return counter
  }

  /** Registers a place where records wait; `count` is called at every scrape. Called once for each route. */
  addPending (route: string, count: () => number): void {
    this.#pending.set(route, count)
  }

  /** Every counter of `term` with its labels. */
  * entries (term: LedgerTerm): Generator<LedgerEntry> {
    for (const [key, counter] of this.#counters.get(term) ?? []) {
      const values = key.split('\0')
      yield {
        labels: Object.fromEntries(ledgerTerms[term].map((name, index) => [name, values[index] ?? ''])),
        value: counter.value,
      }
    }
  }

  * pending (): Generator<{ readonly route: string, readonly value: number }> {
    for (const [route, count] of this.#pending) yield { route, value: count() }
  }

  /** The equation as it stands, each term in total and by its labels joined with `/`; zero entries are left out. */
  snapshot (): LedgerSnapshot {
    const terms = {} as Record<LedgerTerm, TermSnapshot>
    for (const term of Object.keys(ledgerTerms) as LedgerTerm[]) terms[term] = noEntries()
    for (const term of Object.keys(ledgerTerms) as LedgerTerm[]) {
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
    const incoming = terms.received.total + terms.recovered.total + terms.made.total
    const outgoing = terms.delivered.total + terms.filtered.total + terms.rejected.total +
      terms.dropped.total + terms.joined.total + pending.total
    return { ...terms, pending, isBalanced: incoming === outgoing }
  }
}

/** Without a prototype: what it is broken down by holds names from outside. */
function noEntries (): TermSnapshot {
  return { total: 0, by: Object.create(null) as Record<string, number> }
}

export interface LedgerEntry { readonly labels: Readonly<Record<string, string>>, readonly value: number }
export interface TermSnapshot { total: number, by: Record<string, number> }
export type LedgerSnapshot =
  Readonly<Record<LedgerTerm, TermSnapshot>> & { readonly pending: TermSnapshot, readonly isBalanced: boolean }
