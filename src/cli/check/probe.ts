import { pino } from 'pino'
import type { Config } from '../../config/settings.ts'
import { systemClock } from '../../contracts/clock.ts'
import type { Batch } from '../../contracts/sink.ts'
import { noFacts } from '../../ecs/task-facts.ts'
import { createMemory, memoryLimitBytes } from '../../pipeline/memory.ts'
import type { Route } from '../../pipeline/routes.ts'
import { createDestinations } from '../../pipeline/sinks.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { version } from '../../version.ts'
import { permissionsOf } from './where.ts'

/** What AWS said to one permission, or several that are asked for together. */
export interface ProbeResult {
  readonly isOk: boolean
  /** The permissions, or the sentence that the health page would say. */
  readonly words: string
}

/** Names that say what they are, and are always the same: a second probe adds no object. */
const objectTemplate = '{prefix}.sluice-probe'
const stream = 'sluice-probe'
const probeMs = 30_000

/**
 * Does once at each destination in AWS what the service does: an object under a fixed key (that it is there already is
 * as good as stored), an event in a stream of its own. It goes the way of the service, so it needs no other permission,
 * and fails with the same words.
 */
export async function * probe (config: Config, routes: readonly Route[], region: string): AsyncGenerator<ProbeResult> {
  // An object without content needs no file.
  const path = '/dev/null'
  const log = pino({ level: 'silent' })
  const metrics = new Metrics()
  const memory = createMemory({ config, routes, maxBytes: memoryLimitBytes(config) })
  const destinationOf = createDestinations({
    config, task: 'probe', facts: noFacts, directory: () => config.dataDir, memory, clock: systemClock, metrics, log,
  })
  const seen = new Set<string>()
  for (const route of routes) {
    const { destination, kind } = route
    const id = JSON.stringify(destination)
    if (destination.sink === 'file' || seen.has(id)) continue
    seen.add(id)
    const nowMs = systemClock.wallMs()
    const line = JSON.stringify({ t: nowMs, c: '', m: `sluice ${version} probe` })
    const batch = {
      segment: { route: route.name, container: '', hour: '', id: 'probe', mayBeDelivered: true, names: {}, path, records: 1, bytes: 0 },
      startByte: 0,
      endByte: 0,
      records: 1,
      lines: kind === 'events' ? Buffer.from(`${line}\n`) : undefined,
    } as unknown as Batch
    const { sink } = destinationOf({ ...route, template: kind === 'events' ? stream : objectTemplate, compression: 'gzip' })
    try {
      const rejections = await sink.send(batch, AbortSignal.timeout(probeMs))
      const [rejection] = rejections
      const words = permissionsOf(config, route, region).join('; ')
      yield rejection === undefined
        ? { isOk: true, words }
        : { isOk: false, words: `the event was refused: ${rejection.reason}` }
    } catch (error) {
      yield { isOk: false, words: error instanceof Error ? error.message : String(error) }
    } finally {
      await sink.close()
    }
  }
}

// Tested in test/e2e/probe.test.ts
