import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import type { Config } from '../config/settings.ts'
import { memoryShareNames, MemoryTurns, type MemoryShare, type MemoryShareName } from '../contracts/memory.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { cgroupLimitBytes } from './memory-limit.ts'
import type { Route } from './routes.ts'

/** Node, its heap, the AWS SDK, and memory that is free again and not yet given back: what no share counts. */
const processBytes = 160 * 1024 * 1024
/** Of a limit that leaves too little besides, so much is for buffers all the same. */
const leastShare = 0.25
/** Where neither the settings nor the system say how much there is. */
const machineShare = 0.25

/** Frames in the making take as much memory as so many of the longest, those of all senders together. */
const framesInMemory = 4
/** What a connection with TLS takes for its keys and records, in either direction, before it sends anything. */
const tlsBytes = 64 * 1024
/** What joins let go of may take beyond the write buffers, before they hold the rest. */
const overdraftBytes = 8 * 1024 * 1024
/** Requests in flight to CloudWatch Logs for each route: one for each of so many streams, in order within each. */
const eventRequests = 4
/** A batch is its lines, and the request made of them, which is a little more and is encrypted as a whole. */
export const copiesOfBatch = 3
/** An object is in pieces and as a whole for a moment, then plain and encrypted: twice what was compressed. */
export const copiesOfObject = 2

export interface MemoryBudget {
  /** The limit of the whole process. */
  readonly maxBytes: number
  /** What frames of senders may take. */
  readonly framesBytes: number
  /** Most connections with TLS: together they take no more than frames may. */
  readonly tlsConnections: number
  /** Bounds of the joins, by their settings or less. */
  readonly partialsBytes: number
  readonly tracesBytes: number
  /** Write buffers of one route. */
  readonly writeBufferBytes: number
  readonly overdraftBytes: number
  /** Segments of one route of events that are sent at once. */
  readonly eventRequests: number
  /** Largest segment of a route: an object is in memory while it is sent to S3. */
  segmentBytesOf (route: Pick<Route, 'destination' | 'segmentMaxBytes'>): number
  readonly batches: MemoryTurns
  readonly objects: MemoryTurns
  /** Settings ask for more than there is. */
  readonly isReduced: boolean
  /** Who holds what now. `used`: of those that are not counted here. */
  shares (used: Readonly<Record<'frames' | 'joins' | 'buffers', number>>): MemoryShare[]
}

export interface MemoryOptions {
  readonly config: Config
  readonly routes: readonly Route[]
  /** Of the process, from its settings or the system. */
  readonly maxBytes: number
}

/** What the process may use: the setting, else the limit of its container, else a part of the machine. */
export function memoryLimitBytes ({ memory }: Pick<Config, 'memory'>): number {
  if (memory.maxBytes !== 'off') return memory.maxBytes
  return Math.min(cgroupLimitBytes(readSystemFile) ?? totalmem() * machineShare, totalmem())
}

/**
 * Divides the memory of the process between those who hold much of it. Each has a share of its own, so that none can
 * take another's: what its settings ask for, or, where all of them ask for more than there is, no less than any other.
 *
 * What each does when its share is used up: frames make their sender wait or close its connection (`FrameMemory`),
 * joins end the oldest, write buffers make senders wait and then drop (`spool.maxStall`), batches and objects wait for
 * those before them, with their records in the spool.
 */
export function createMemory ({ config, routes, maxBytes }: MemoryOptions): MemoryBudget {
  const { forward, join, spool, events, objects } = config
  const eventRoutes = routes.filter(({ destination }) => destination.sink === 'cloudwatch').length
  const isToS3 = routes.some(({ destination }) => destination.sink === 's3')
  const batchBytes = copiesOfBatch * events.batchMaxBytes
  const wanted = {
    frames: framesInMemory * forward.maxFrameBytes,
    partials: join.partials.maxTotalBytes,
    traces: join.traces.maxTotalBytes,
    buffers: routes.length * spool.writeBufferBytes,
    overdraft: overdraftBytes,
    batches: eventRoutes * eventRequests * batchBytes,
    objects: isToS3 ? copiesOfObject * objects.maxBytes : 0,
  }
  const availableBytes = Math.max(maxBytes - processBytes, maxBytes * leastShare)
  const names = Object.keys(wanted) as (keyof typeof wanted)[]
  const bytes = fairShares(Object.values(wanted), availableBytes)
  const given = Object.fromEntries(names.map((name, index) => [name, bytes[index] ?? 0])) as typeof wanted
  const turns = { batches: new MemoryTurns(given.batches), objects: new MemoryTurns(given.objects) }
  const maxOf: Readonly<Record<MemoryShareName, number>> = {
    frames: given.frames,
    joins: given.partials + given.traces,
    buffers: given.buffers + given.overdraft,
    batches: given.batches,
    objects: given.objects,
  }
  return {
    maxBytes,
    framesBytes: given.frames,
    tlsConnections: Math.min(forward.maxConnections, Math.floor(given.frames / tlsBytes)),
    partialsBytes: given.partials,
    tracesBytes: given.traces,
    writeBufferBytes: Math.floor(given.buffers / routes.length),
    overdraftBytes: given.overdraft,
    eventRequests: Math.max(1, Math.floor(given.batches / Math.max(1, eventRoutes) / batchBytes)),
    segmentBytesOf: ({ destination, segmentMaxBytes }) =>
      destination.sink === 's3' ? Math.min(segmentMaxBytes, Math.floor(given.objects / copiesOfObject)) : segmentMaxBytes,
    ...turns,
    isReduced: names.some(name => given[name] < wanted[name]),
    shares: used => memoryShareNames.map(name => ({
      name,
      maxBytes: maxOf[name],
      usedBytes: name === 'batches' || name === 'objects' ? turns[name].usedBytes : used[name],
    })),
  }
}

/** Everybody gets as much as everybody else, or as little as he wants: what is left is for those who want more. */
export function fairShares (wantedBytes: readonly number[], availableBytes: number): number[] {
  const given = wantedBytes.map(() => 0)
  const byWant = [...wantedBytes.keys()].sort((a, b) => (wantedBytes[a] ?? 0) - (wantedBytes[b] ?? 0))
  let leftBytes = availableBytes
  for (const [served, index] of byWant.entries()) {
    const bytes = Math.min(wantedBytes[index] ?? 0, Math.floor(leftBytes / (byWant.length - served)))
    given[index] = bytes
    leftBytes -= bytes
  }
  return given
}

/** Shows the shares as metrics. `read` is called at the scrape. */
export function registerMemory (metrics: Metrics, read: () => readonly MemoryShare[]): void {
  const shareOf = (name: MemoryShareName) => read().find(share => share.name === name)
  for (const name of memoryShareNames) {
    metrics.gauge('sluice_memory_used_bytes', [name], () => shareOf(name)?.usedBytes ?? 0)
    metrics.gauge('sluice_memory_limit_bytes', [name], () => shareOf(name)?.maxBytes ?? 0)
  }
}

function readSystemFile (path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    // There is no such controller, or no such system.
    return undefined
  }
}
