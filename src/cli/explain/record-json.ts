import type { Destinations } from './destination.ts'
import type { Explanation } from './explainer.ts'

/** Says what became of a record as one line of JSON; members without a value are left out. */
export function createRecordJson ({ wordsOf, deliveredOf }: Destinations): (each: Explanation) => string {
  return explanation => {
    const { numbers, stream, container, timeMs, route, fields, repairs, redactions, read } = explanation
    return `${JSON.stringify({
      lines: numbers,
      stream,
      container: container === '' ? undefined : container,
      time: isoOf(timeMs),
      class: explanation.class,
      rule: explanation.rule,
      filter: explanation.filter,
      ownRule: explanation.ownRule,
      copies: explanation.copies.length === 0 ? undefined : explanation.copies,
      repairs,
      redactions,
      reason: explanation.invalidReason,
      level: fields?.level,
      fields,
      storm: explanation.storm,
      route,
      destination: route === undefined ? undefined : wordsOf(route),
      read,
      delivered: deliveredOf(explanation),
    })}\n`
  }
}

/** A sender may claim any time at all. */
function isoOf (timeMs: number): string | undefined {
  const date = new Date(timeMs)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

// Tested in test/cli/explain.test.ts
