import type { Row } from './figures.ts'
import { shown } from './figures.ts'
import type { FullSpeed, Load } from './full-speed.ts'
import { sluiceRouter, type Router } from './router.ts'

/** What is sent at full speed: the options of the benches that send, with what each is unless given. */
export const loadOptions = {
  count: 1_000_000, workload: 'mixed', mode: 'message', per: 0, connections: 1, containers: 1,
}

export const loadOptionsHelp = `  --count N          lines (1,000,000)
  --workload NAME    mixed (one line in twenty an error), or traces (half of the
                     lines are of traces, twelve lines each)
  --mode NAME        message, as Docker sends, or packed: PackedForward frames,
                     one at a time a connection, each acked
  --per N            lines a write: 1 as a driver that keeps up (2,000; a frame
                     of packed 1,000)
  --connections N    (1)
  --containers N     they write in turns; above one, each has its objects (1)
`

export function loadOf ({ count, workload, mode, per: given, connections, containers }: typeof loadOptions): Load {
  const per = given > 0 ? given : mode === 'packed' ? 1000 : 2000
  return { count: Math.ceil(count / per) * per, workload, mode, per, connections, containers }
}

export function loadWords ({ count, workload, mode, per, connections, containers }: Load): string {
  const some = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`
  return `${shown(count)} lines, ${workload}, ${mode}, ${per} a write, ` +
    `${some(connections, 'connection')}, ${some(containers, 'container')}`
}

export async function routerFor (directory: string, { containers }: Pick<Load, 'containers'>): Promise<Router> {
  return await sluiceRouter(directory, containers === 1
    ? {}
    : { SLUICE_OBJECTS_KEY: '{class}/{container}/{segment}.ndjson.{ext}' })
}

export const fullSpeedRows: readonly Row<FullSpeed>[] = [
  ['lines accepted a second', run => run.acceptedPerSecond],
  ['lines drained a second', run => run.drainedPerSecond],
  ['CPU seconds per million lines', run => run.cpuSecondsPerMillion, 2],
  ['the same without the start', run => run.laterCpuSecondsPerMillion, 2],
  ['RSS at the start, MB', run => run.idleRssMb],
  ['peak RSS, MB', run => run.peakRssMb],
  ['objects, MB', run => run.objectBytes / 1e6, 1],
  ['lost', run => run.lost],
  ['repeated', run => run.repeated],
  ['altered', run => run.altered],
  ['misrouted', run => run.misrouted],
  ['limits of AWS broken', run => run.brokenLimits],
]
