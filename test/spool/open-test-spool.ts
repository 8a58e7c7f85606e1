import { basename, dirname } from 'node:path'
import { openSpool } from '../../src/spool/host-spool.ts'
import type { Processes } from '../../src/spool/processes.ts'
import type { RouteOptions, RouteSpool, Spool, SpoolOptions } from '../../src/spool/spool.ts'
import type { Segment } from '../../src/contracts/segment.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'
import { MemoryDisk } from './memory-disk.ts'

export const bootA = 'a'.repeat(32)
export const bootB = 'b'.repeat(32)
/** The clock's start: 2026-11-23 10:30 UTC. */
export const startHour = '2026112310'

export interface TestSpool {
  readonly spool: Spool
  /** The route `access`, and one call for a line of text. */
  readonly access: RouteSpool
  readonly append: (text: string, differs?: { readonly container?: string, readonly timeMs?: number }) => boolean
  readonly disk: MemoryDisk
  readonly clock: ManualClock
  readonly ledger: Ledger
  readonly metrics: Metrics
  /** Messages of the spool's log. */
  readonly messages: () => unknown[]
  readonly lines: () => readonly Readonly<Record<string, unknown>>[]
}

export const accessRoute: RouteOptions =
  { name: 'access', quotaBytes: 2 ** 20, segmentMaxBytes: 2 ** 16, segmentMaxAgeMs: 60_000, isOrdered: false }

let processCount = 0

/** What process `pid` sees; without more, every other one of its place is gone. */
export function testProcesses (pid: number, differs: Partial<Processes> = {}): Processes {
  return {
    pid,
    place: async () => 'here',
    container: async () => undefined,
    startOf: async other => other === pid ? '1' : 'ended',
    ...differs,
  }
}

/** A spool on a disk in memory and with a clock that stands still; give what differs. */
export async function openTestSpool (
  differs: Partial<Omit<SpoolOptions, 'disk' | 'clock'>> & { readonly disk?: MemoryDisk, readonly clock?: ManualClock } = {}
): Promise<TestSpool> {
  const disk = differs.disk ?? new MemoryDisk()
  const clock = differs.clock ?? new ManualClock()
  const ledger = new Ledger()
  const metrics = new Metrics()
  const { log, lines } = recordingLog()
  disk.now = () => clock.wallMs()
  const spool = await openSpool({
    directory: '/data',
    hostId: 'host',
    boot: bootA,
    routes: [accessRoute],
    writeBufferBytes: 2 ** 17,
    maxStallMs: 1000,
    flushIntervalMs: 20,
    sync: 'never',
    syncIntervalMs: 5000,
    maxOpenSegments: 16,
    // A process of its own each time, and every other one is gone.
    processes: testProcesses(++processCount),
    ledger,
    metrics,
    log,
    ...differs,
    disk,
    clock,
  })
  const access = spool.route(differs.routes?.[0]?.name ?? 'access')
  const received = ledger.counter('received', 'test')
  return {
    spool,
    access,
    append: (text, { container = '', timeMs = clock.wallMs() } = {}) => {
      received.value++
      // Among other bytes, as in a source's memory.
      const bytes = Buffer.from(`<${text}>`)
      return access.append(timeMs, container, bytes, 1, bytes.length - 1)
    },
    disk,
    clock,
    ledger,
    metrics,
    messages: () => lines.map(line => line['msg']),
    lines: () => lines,
  }
}

/** Takes what is ready; undefined when nothing is. */
export async function takeReady (route: RouteSpool): Promise<Segment | undefined> {
  const patience = new AbortController()
  const taken = route.take(patience.signal)
  await turns(10)
  patience.abort()
  return await taken
}

/** The lines of a segment that are not delivered yet. Throws if memory holds another content than the disk. */
export function linesOf (disk: MemoryDisk, segment: Segment): string[] {
  const content = disk.content(segment.path)
  if (segment.content?.equals(content) === false) throw new Error(`the copy of ${segment.id} is not what its file holds`)
  return content.subarray(segment.deliveredBytes).toString().split('\n').slice(0, -1)
}

/** Settles all that is left of a segment. */
export async function settleAll (route: RouteSpool, segment: Segment): Promise<void> {
  await route.settle(segment, segment.bytes - segment.deliveredBytes, segment.records - segment.deliveredRecords)
}

/** Counts what is pending on the disk from names and bytes alone, sharing no code with the spool. */
export function recount (disk: MemoryDisk): number {
  let records = 0
  for (const path of disk.paths()) {
    const name = basename(path)
    if (name.endsWith('.open') || name.endsWith('.ndjson')) {
      records += disk.content(path).toString('latin1').split('\n').length - 1
    } else if (name.endsWith('.cursor')) {
      const segment = `${dirname(path)}/${name.replace('.cursor', '.ndjson')}`
      if (disk.paths().includes(segment)) records -= Number(disk.content(path).toString().split(' ')[1])
    }
  }
  return records
}

/** The files below the spool, without the lock. */
export function spoolFiles (disk: MemoryDisk): string[] {
  return disk.paths().filter(path => path.includes('/spool/')).map(path => path.replace('/data/host/spool/', ''))
}
