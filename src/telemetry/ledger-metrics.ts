import { type Ledger, type LedgerTerm, ledgerTermNames, ledgerTerms } from './ledger.ts'
import type { MetricDefinition, Series } from './metrics.ts'

const helpOfTerm: Readonly<Record<LedgerTerm, string>> = {
  received: 'Records that a source handed over.',
  recovered: 'Records found in the spool at the start.',
  made: 'Records that Sluice made: parts of a line that was too long (`split`), copies for a further route (`copy`), summaries of storms (`summary`).',
  delivered: 'Records that the destination has confirmed.',
  filtered: 'Records left out by a rule.',
  rejected: 'Records that the destination refused for good.',
  dropped: 'Records lost by decision, by reason.',
  joined: 'Records absorbed into another record.',
}

/** The ledger as metrics. In every scrape, over all labels: received + recovered + made = all the others together. */
export const ledgerTable: Readonly<Record<string, MetricDefinition>> = {
  ...Object.fromEntries(ledgerTermNames.map(term => [nameOf(term), {
    type: 'counter', labels: ledgerTerms[term], unit: '', help: helpOfTerm[term],
  }] as const)),
  sluice_records_pending: {
    type: 'gauge', labels: ['route'], unit: '', help: 'Records accepted whose end is not yet known, counted where they lie.',
  },
}

/** Every series of the ledger's metric `name`. */
export function * ledgerSeries (ledger: Ledger, name: string): Generator<Series> {
  for (const term of ledgerTermNames) {
    if (nameOf(term) !== name) continue
    for (const { labels, value } of ledger.entries(term)) yield { labels: Object.values(labels), value }
  }
  if (name !== 'sluice_records_pending') return
  for (const { route, value } of ledger.pending()) yield { labels: [route], value }
}

function nameOf (term: LedgerTerm): string {
  return `sluice_records_${term}_total`
}

// Tested in test/telemetry/exposition.test.ts
