import type { Faults } from './faults.ts'
import type { AwsState } from './state.ts'
import { serviceNames } from './wire.ts'

/** What arrived so far, for a terminal: operations, buckets, streams, faults, and the last ten violations. */
export function renderTable (state: AwsState, faults: Faults): string {
  const operations = state.tally.operations().map(({ operation, requestCount, mostInFlightCount, outcomes }) => {
    const ended = Object.entries(outcomes).sort(([a], [b]) => a < b ? -1 : 1)
    return [operation, String(requestCount), String(mostInFlightCount), ended.map(([name, count]) => `${name} ${count}`).join(', ')]
  })
  const buckets = [...state.buckets.values()].map(({ name, objects }) => {
    const bytes = [...objects.values()].reduce((sum, object) => sum + object.body.length, 0)
    return [name, String(objects.size), formatBytes(bytes)]
  })
  const streams = [...state.groups.values()].flatMap(group =>
    [...group.streams.values()].map(stream => [group.name, stream.name, String(stream.events.length)]))
  const wrong = state.violations.slice(-10).map(({ operation, rule, detail }) => [operation, rule, detail])
  const set = serviceNames.flatMap(name => faults.list(name).map(fault => [`fault ${name}`, JSON.stringify(fault)]))
  return [
    section(['operation', 'requests', 'most at once', 'ended'], operations),
    section(['bucket', 'objects', 'bytes'], buckets),
    section(['group', 'stream', 'events'], streams),
    section(['', ''], set),
    section([`violations: ${state.violations.length}`, 'rule', 'detail'], wrong),
  ].filter(part => part !== '').join('\n')
}

function section (titles: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  if (rows.length === 0) return ''
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]?.length ?? 0)))
  const all = titles.every(title => title === '') ? rows : [titles, ...rows]
  return all.map(row => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`).join('')
}

function formatBytes (bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`
}
