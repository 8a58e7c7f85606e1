import { createFrequentErrors } from '../../signals/frequent-errors.ts'
import { signalTable, type SignalName } from '../../signals/signal-table.ts'
import type { CounterName, Metrics } from '../../telemetry/metrics.ts'
import { numeral } from '../../telemetry/words.ts'
import { table } from '../table.ts'
import type { Explanation } from './explainer.ts'
import { printable } from '../text.ts'
import { usualColumns as columns, wrap } from '../wrap.ts'

export interface Insight {
  add (explanation: Explanation): void
  /** What the lines tell, ranked, in 80 columns; empty where they tell nothing. */
  text (metrics: Metrics): string
}

const shownErrors = 20
const shownRows = 20

/** What the service tells in `/health` and in metrics, of a file. Times are those that errors say themselves. */
export function createInsight (): Insight {
  const frequent = createFrequentErrors()

  function errors (): string[] {
    const rows = frequent.top(shownErrors)
    if (rows.length === 0) return []
    const heads = table([
      ['COUNT', 'LEVEL', 'ORIGIN', 'FINGERPRINT', 'ERROR'],
      ...rows.map(({ count, overcount, level, origin, fingerprint }) =>
        [overcount > 0 ? `≤${numeral(count)}` : numeral(count), level, origin, fingerprint, ' '.repeat(5)]),
    ], [0]).split('\n')
    const indent = (heads[0] ?? '').length - 'ERROR'.length
    const lines = rows.map(({ example, firstAtMs, lastAtMs }, index) => {
      const head = (heads[index + 1] ?? '').padEnd(indent)
      const text = `${head}${cut(printable(example.replaceAll('\n', ' ')), columns - indent)}`
      const times = Number.isNaN(firstAtMs) ? '' : `\n${`${timeOf(firstAtMs)} to ${timeOf(lastAtMs)}`.padStart(columns)}`
      return text + times
    })
    return [[heads[0], ...lines].join('\n')]
  }

  return {
    add ({ fields, container, numbers }) {
      // What Sluice has made is no further occurrence.
      if (fields === undefined || numbers.length === 0) return
      const { fingerprint, origin = 'other', level = 'none', message, time = '' } = fields
      frequent.add({ fingerprint, origin, level, message, container }, Date.parse(time))
    },
    text (metrics) {
      const parts = errors()
      const levels = ranked(metrics, 'sluice_errors_total', ([, , level = '']) => level)
      if (levels.length > 0) parts.push(table([['LEVEL', 'ERRORS'], ...levels], [1]))
      const signals = ranked(metrics, 'sluice_signals_total', ([signal = '']) => signal)
      if (signals.length > 0) {
        parts.push(['SIGNALS', ...signals.map(([name = '', count = '']) => {
          const { means, lookAt } = signalTable[name as SignalName]
          return [`${name}: ${count}`, ...wrap(`${means} ${lookAt}`, columns - 2)].join('\n  ')
        })].join('\n'))
      }
      const requests = ranked(metrics, 'sluice_http_requests_total', ([, method = '', status = '']) => `${status} ${method}`)
      if (requests.length > 0) parts.push(table([['REQUESTS', 'COUNT'], ...requests], [1]))
      const checks = ranked(metrics, 'sluice_health_checks_total', ([, status = '']) => status)
      if (checks.length > 0) parts.push(table([['HEALTH CHECKS', 'COUNT'], ...checks], [1]))
      parts.push(...durations(metrics))
      return parts.map(part => `${part}\n\n`).join('')
    },
  }
}

function durations (metrics: Metrics): string[] {
  let [count, sum] = [0, 0]
  for (const series of metrics.series('sluice_http_request_duration_seconds')) {
    if (!('histogram' in series)) continue
    count += series.histogram.cumulated().at(-1) ?? 0
    sum += series.histogram.sum
  }
  if (count === 0) return []
  return [`${numeral(count)} requests say how long they took: ${(sum / count).toFixed(3)} s on average`]
}

/** Counts by a name that is made of the labels, the largest first. */
function ranked (metrics: Metrics, name: CounterName, nameOf: (labels: readonly string[]) => string): string[][] {
  const ranked = [...metrics.sums(name, nameOf)].sort(([, one], [, other]) => other - one)
  return ranked.slice(0, shownRows).map(([key, count]) => [key, numeral(count)])
}

function cut (text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text
}

function timeOf (ms: number): string {
  return new Date(ms).toISOString().slice(0, 19)
}
