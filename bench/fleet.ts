import { readArguments } from './arguments.ts'

const help = `What a fleet of 1 to 10,000 tasks costs in objects, requests and query bytes:
arithmetic, no load.

  node bench/fleet.ts --lines 100 --age 300

  --lines N    lines a second of a task (20)
  --age N      seconds until an object is sealed (60)
`

/** Prices of us-east-1 in US dollars, without free tiers. Source: the price pages of S3 and Athena, November 2026 */
export const prices = { putPer1000: 0.005, getPer1000: 0.0004, storedPerGibMonth: 0.023, scannedPerTib: 5 }

/**
 * The line and what gzip makes of it, as test/e2e/fleet.test.ts measures them. Parquet's share of gzip is a quarter by
 * assumption: the test finds less, but its lines repeat more than those of a site.
 */
export const shape = {
  lineBytes: 470,
  gzipShare: 0.1,
  parquetShare: 0.25,
  objectMaxBytes: 32 * 1024 * 1024,
  listed: 1000,
}

export interface FleetDay {
  readonly objects: number
  readonly putDollars: number
  readonly storedGib: number
  /** Of one question over all of the day: what it reads, requests and both prices. */
  readonly queryGib: number
  readonly queryRequests: number
  readonly queryDollars: number
  /** The same question on the day as Parquet, a file of at least 128 MiB an hour, reading two columns of seventeen. */
  readonly compactedGib: number
  readonly compactedRequests: number
  readonly compactedDollars: number
}

const gib = 1024 ** 3
const daySeconds = 86_400

/** A day of `tasks` tasks that each write `linesPerSecond` access lines, objects sealed after `ageSeconds`. */
export function fleetDay (tasks: number, linesPerSecond: number, ageSeconds: number): FleetDay {
  const bytes = tasks * linesPerSecond * shape.lineBytes * daySeconds
  const byAge = daySeconds / ageSeconds
  const bySize = linesPerSecond * shape.lineBytes * daySeconds / shape.objectMaxBytes
  // A task without lines writes no object.
  const objects = Math.ceil(tasks * Math.min(linesPerSecond * daySeconds, Math.max(byAge, bySize)))
  const stored = bytes * shape.gzipShare
  const parquet = stored * shape.parquetShare
  const files = 24 * Math.max(1, Math.ceil(parquet / 24 / (128 * 1024 * 1024)))
  const dollars = (scannedBytes: number, requests: number) =>
    scannedBytes / 1024 ** 4 * prices.scannedPerTib + requests / 1000 * prices.getPer1000
  const requests = objects + Math.ceil(objects / shape.listed)
  const columnBytes = parquet * 2 / 17
  return {
    objects,
    putDollars: objects / 1000 * prices.putPer1000,
    storedGib: stored / gib,
    queryGib: stored / gib,
    queryRequests: requests,
    queryDollars: dollars(stored, requests),
    compactedGib: columnBytes / gib,
    compactedRequests: files + 24,
    compactedDollars: dollars(columnBytes, files + 24),
  }
}

if (import.meta.main) {
  const { lines: linesPerSecond, age: ageSeconds } = readArguments(help, { lines: 20, age: 60 })
  const rows = [1, 10, 100, 1_000, 10_000].map(tasks => {
    const day = fleetDay(tasks, linesPerSecond, ageSeconds)
    return {
      tasks,
      'objects/day': day.objects,
      'PUT $/day': day.putDollars.toFixed(2),
      'GiB/day': day.storedGib.toFixed(1),
      'query requests': day.queryRequests,
      'query $': day.queryDollars.toFixed(3),
      'Parquet GiB': day.compactedGib.toFixed(2),
      'Parquet requests': day.compactedRequests,
      'Parquet $': day.compactedDollars.toFixed(4),
    }
  })
  console.table(rows)
}
