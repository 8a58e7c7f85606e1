import { randomBytes } from 'node:crypto'
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { table } from '../src/cli/table.ts'
import { systemClock } from '../src/contracts/clock.ts'
import { KeyedMutex, Mutex } from '../src/contracts/mutex.ts'
import type { Sink } from '../src/contracts/sink.ts'
import { Delivery } from '../src/delivery/loop.ts'
import { withRetry } from '../src/delivery/retry.ts'
import { createFileEventsSink } from '../src/sinks/file/events.ts'
import { createFileObjectsSink } from '../src/sinks/file/objects.ts'
import { systemDisk } from '../src/spool/disk.ts'
import { openSpool } from '../src/spool/host-spool.ts'
import { Ledger } from '../src/telemetry/ledger.ts'
import { Metrics } from '../src/telemetry/metrics.ts'
import { readArguments } from './arguments.ts'
import { lineOf } from './lines.ts'

const help = `What many containers cost a route whose key or stream names them: segments, disk
and CPU of the spool on a real disk with its delivery to files behind it, as
ratios to the first number of containers.

  npm run bench -- containers --containers 10,40 --rounds 1

  --containers LIST  they write in turns, one line each (10,17,40,300)
  --lines N          of each run (16,000)
  --rate N           of them a second; 0 as fast as they are taken (8,000)
  --rounds N         each round has every case once (3)
  --kinds LIST       (objects,events)
  --max-open N       spool.maxOpenSegments (512)

"Away" is a destination that refuses everything: what is counted then lies in
the spool. TMPDIR says on which disk. The cases of a round follow one another,
so that the machine's other work shows in all of them; the figures are medians.
`

const values = readArguments(help, {
  lines: 16_000, rate: 8_000, rounds: 3, containers: [10, 17, 40, 300], kinds: 'objects,events', 'max-open': 512,
})
const { lines: lineCount, rate: linesPerSecond, containers: containerCounts } = values
/** A source reads some 64 KiB at a time. */
const linesPerTurn = 100

type Kind = 'objects' | 'events'
interface Case { readonly kind: Kind, readonly isThere: boolean, readonly containers: number }
interface Figures {
  readonly cpuMicroseconds: number
  /** Segments given to delivery, or left in the spool. */
  readonly segments: number
  /** Disk that the spool's files and directories took at the end, KiB. */
  readonly diskKib: number
  readonly dropped: number
}

function createSink (kind: Kind, directory: string): Sink {
  const shared = { directory: () => directory, values: { prefix: '', class: 'access', task: 'bench' }, minFreeBytes: 0 }
  return kind === 'objects'
    ? createFileObjectsSink({
      ...shared, keyTemplate: '{class}/{container}/{segment}.ndjson.{ext}', compression: 'gzip', level: 1, mutex: new Mutex(),
    })
    : createFileEventsSink({
      ...shared,
      group: 'logs',
      streamTemplate: '{container}/{task}/{class}',
      streams: new KeyedMutex(),
      limits: { maxBytes: 2 ** 20, maxRecords: 10_000 },
    })
}

async function measure ({ kind, isThere, containers }: Case): Promise<Figures> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-containers-'))
  const delivered = join(root, 'delivered')
  // A file in the way: nothing can be made below it.
  if (!isThere) writeFileSync(delivered, '')
  const ledger = new Ledger()
  const silent = { info: () => {}, warn: () => {}, error: console.error }
  const spool = await openSpool({
    directory: root,
    hostId: 'bench',
    boot: randomBytes(16).toString('hex'),
    routes: [{
      name: 'access',
      quotaBytes: 2 ** 30,
      segmentMaxBytes: kind === 'objects' ? 2 ** 25 : 2 ** 22,
      segmentMaxAgeMs: kind === 'objects' ? 60_000 : 1000,
      isOrdered: kind === 'events',
    }],
    writeBufferBytes: 2 ** 21,
    maxStallMs: 1000,
    flushIntervalMs: 20,
    sync: 'never',
    syncIntervalMs: 1000,
    maxOpenSegments: values['max-open'],
    ledger,
    metrics: new Metrics(),
    clock: systemClock,
    disk: systemDisk,
    log: silent,
  })
  const route = spool.route('access')
  const sink = createSink(kind, delivered)
  let segments = 0
  const delivery = new Delivery({
    route: 'access',
    queue: {
      take: async (signal, onWait) => {
        const segment = await route.take(signal, onWait)
        if (segment !== undefined) segments++
        return segment
      },
      settle: (segment, bytes, records) => route.settle(segment, bytes, records),
      release: segment => route.release(segment),
    },
    send: withRetry({
      policy: { baseMs: 200, capMs: 30_000 },
      clock: systemClock,
      random: Math.random,
      draining: new AbortController().signal,
      onFailure: () => {},
      onRecovery: () => {},
      onSuccess: () => {},
    })(sink.send),
    cutting: sink.cutting,
    concurrency: kind === 'objects' ? 1 : 4,
    delivered: ledger.counter('delivered', 'access'),
    rejected: reason => ledger.counter('rejected', 'access', reason),
    keep: async () => {},
    onFailure: () => {},
    onRecovery: () => {},
    clock: systemClock,
    log: silent as never,
  })
  const names = Array.from({ length: containers }, (_, index) => `shop-${index}`)
  const lines = names.map((name, index) => kind === 'objects'
    ? Buffer.from(lineOf(index * 20))
    : Buffer.from(JSON.stringify({ t: Date.now(), c: name, m: lineOf(index * 20 + 7) })))

  globalThis.gc?.()
  const before = process.cpuUsage()
  const startedMs = performance.now()
  delivery.start()
  for (let sent = 0; sent < lineCount;) {
    const timeMs = Date.now()
    for (const until = Math.min(lineCount, sent + linesPerTurn); sent < until && !spool.isFull; sent++) {
      const index = sent % containers
      const line = lines[index] as Buffer
      route.append(timeMs, names[index] as string, line, 0, line.length)
    }
    const aheadMs = linesPerSecond === 0 ? 0 : sent / linesPerSecond * 1000 - (performance.now() - startedMs)
    if (spool.isFull) await spool.whenWritable()
    else if (aheadMs > 1) await sleep(aheadMs)
    else await new Promise(resolve => setImmediate(resolve))
  }
  if (isThere) {
    await spool.sealAll()
    while (route.pendingRecords > 0) await sleep(2)
  }
  await spool.stored()
  const cpu = process.cpuUsage(before)
  // What is being removed may be gone by now.
  const files = globSync('bench/spool/**', { cwd: root })
    .flatMap(path => statSync(join(root, path), { throwIfNoEntry: false }) ?? [])
  const figures = {
    cpuMicroseconds: cpu.user + cpu.system,
    segments: isThere ? segments : files.filter(file => file.isFile()).length,
    diskKib: files.reduce((sum, { blocks }) => sum + blocks / 2, 0),
    dropped: ledger.snapshot().dropped.total,
  }
  await delivery.stop()
  await sink.close()
  await spool.close()
  rmSync(root, { recursive: true })
  return figures
}

const kinds = values.kinds.split(',') as Kind[]
const cases = kinds.flatMap(kind => [true, false].flatMap(isThere =>
  containerCounts.map((containers): Case => ({ kind, isThere, containers }))))
const figuresOf = new Map(cases.map(one => [one, [] as Figures[]]))
// The first runs pay for what is compiled, of which many containers need more than few.
for (const kind of kinds) {
  for (const isThere of [true, false]) await measure({ kind, isThere, containers: Math.max(...containerCounts) })
}
for (let round = 0; round < values.rounds; round++) {
  for (const one of cases) figuresOf.get(one)?.push(await measure(one))
}

const median = (one: Case, of: (figures: Figures) => number): number => {
  const sorted = (figuresOf.get(one) ?? []).map(of).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}
const number = (value: number, digits = 0) => value.toLocaleString('en-US', { maximumFractionDigits: digits })
const rows = cases.map(one => {
  const first = cases.find(({ kind, isThere }) => kind === one.kind && isThere === one.isThere) ?? one
  const segments = median(one, figures => figures.segments)
  const cpu = median(one, figures => figures.cpuMicroseconds)
  const perContainer = (of: Case) => median(of, figures => figures.segments) / of.containers
  return [
    one.kind, one.isThere ? 'there' : 'away', String(one.containers), number(segments),
    number(perContainer(one), 1), `${number(perContainer(one) / perContainer(first), 1)}×`,
    number(cpu / lineCount, 1), `${number(cpu / median(first, figures => figures.cpuMicroseconds), 1)}×`,
    number(median(one, figures => figures.diskKib)), number(median(one, figures => figures.dropped)),
  ]
})
console.log(table([
  [`${number(lineCount)} LINES`, 'DESTINATION', 'CONTAINERS', 'SEGMENTS', 'A CONTAINER', 'RATIO', 'CPU µs A LINE', 'RATIO',
    'SPOOL KiB', 'DROPPED'],
  ...rows,
], [2, 3, 4, 5, 6, 7, 8, 9]))
