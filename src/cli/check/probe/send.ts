import { pino } from 'pino'
import type { Config } from '../../../config/settings.ts'
import { systemClock } from '../../../contracts/clock.ts'
import type { Batch } from '../../../contracts/sink.ts'
import { noFacts } from '../../../ecs/task-facts.ts'
import { createMemory, memoryLimitBytes } from '../../../pipeline/memory.ts'
import type { Route } from '../../../pipeline/routes.ts'
import { createDestinations } from '../../../pipeline/sinks.ts'
import { Metrics } from '../../../telemetry/metrics.ts'
import { version } from '../../../version.ts'

/** Names that say what they are, and are always the same: a second probe adds no object. */
const objectTemplate = '{prefix}.sluice-probe'
export const stream = 'sluice-probe'

/** One batch by the sink that the service has. @throws SluiceError, as a sink does */
export async function send (config: Config, route: Route, signal: AbortSignal): Promise<void> {
  const { kind } = route
  const destinationOf = createDestinations({
    config,
    task: 'probe',
    facts: noFacts,
    directory: () => config.dataDir,
    memory: createMemory({ config, routes: [route], maxBytes: memoryLimitBytes(config) }),
    clock: systemClock,
    metrics: new Metrics(),
    log: pino({ level: 'silent' }),
  })
  const line = JSON.stringify({ t: systemClock.wallMs(), c: '', m: `sluice ${version} probe` })
  const batch = {
    // An object without content needs no file.
    segment: { route: route.name, container: '', hour: '', id: 'probe', mayBeDelivered: true, names: {}, path: '/dev/null', records: 1, bytes: 0 },
    startByte: 0,
    endByte: 0,
    records: 1,
    lines: kind === 'events' ? Buffer.from(`${line}\n`) : undefined,
  } as unknown as Batch
  const { sink } = destinationOf({ ...route, template: kind === 'events' ? stream : objectTemplate, compression: 'gzip' })
  try {
    const [rejection] = await sink.send(batch, signal)
    if (rejection !== undefined) throw new Error(`the event was refused: ${rejection.reason}`)
  } finally {
    await sink.close()
  }
}

// Tested in test/e2e/probe.test.ts
