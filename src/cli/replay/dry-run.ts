import { pino } from 'pino'
import type { Config } from '../../config/settings.ts'
import { systemClock } from '../../contracts/clock.ts'
import { createInbound } from '../../pipeline/inbound.ts'
import { routesOf } from '../../pipeline/routes.ts'
import { Ledger } from '../../telemetry/ledger.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { table } from '../table.ts'
import { readInputs, type ReadOptions } from './read-inputs.ts'

export interface DryRunOptions extends Pick<ReadOptions, 'inputs' | 'progress' | 'counts'> {
  readonly io: Pick<Io, 'stdout'>
  readonly config: Config
}

/** Reads what a replay would send, and says how many records would go where. It sends and remembers nothing. */
export async function tryReplay ({ io, config, inputs, progress, counts }: DryRunOptions): Promise<number> {
  const ledger = new Ledger()
  const byRoute = new Map<string, number>()
  const room = { isFull: false, whenWritable: () => Promise.resolve(), stored: () => Promise.resolve(true) }
  const inbound = createInbound({
    config,
    routes: routesOf(config),
    enrichment: '',
    appendTo: ({ name }) => () => {
      byRoute.set(name, (byRoute.get(name) ?? 0) + 1)
      return true
    },
    spool: room,
    clock: systemClock,
    ledger,
    metrics: new Metrics(),
    log: pino({ enabled: false }),
  })
  await readInputs({ inputs, progress, counts, accept: inbound.again('replay'), take: async handOver => { handOver() } })
  const filtered = Object.entries(ledger.snapshot().filtered.by)
  const rows = [
    ...[...byRoute].map(([route, count]) => ['  would send to', route, String(count)]),
    ...filtered.map(([rule, count]) => ['  would leave out by', rule, String(count)]),
  ]
  io.stdout.write(`${counts.records} records in ${counts.inputs} of ${inputs.length} files\n${rows.length > 0 ? `${table(rows, [2])}\n` : ''}`)
  return exitCodes.ok
}

// Tested in test/e2e/replay.test.ts
