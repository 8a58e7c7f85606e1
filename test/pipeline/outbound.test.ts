import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import type { Sink } from '../../src/contracts/sink.ts'
import { createMemory } from '../../src/pipeline/memory.ts'
import { createOutbound } from '../../src/pipeline/outbound.ts'
import { routesOf, type Route } from '../../src/pipeline/routes.ts'
import { createDestinations, type Destination } from '../../src/pipeline/sinks.ts'
import { noFacts } from '../../src/ecs/task-facts.ts'
import { createLineCutting } from '../../src/sinks/file/line-batches.ts'
import { systemDisk, type Disk } from '../../src/spool/disk.ts'
import { openSpool } from '../../src/spool/host-spool.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock, until } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

const boot = 'a'.repeat(32)

/** The outbound way of access lines on a real disk, to files in `out`. */
async function setUp (t: Test, differs: Partial<Destination> = {}, disk: Disk = systemDisk) {
  const directory = t.testdir({ data: {} })
  const out = join(directory, 'out')
  const env = { SLUICE_DATA_DIR: join(directory, 'data'), SLUICE_FILE_DIRECTORY: out, SLUICE_FILE_MIN_FREE_BYTES: '0B' }
  const { config } = loadConfig({ env, readFile: () => '' })
  const route = routesOf(config).find(({ name }) => name === 'access') as Route
  const clock = new ManualClock()
  const { log, lines } = recordingLog()
  const shared = { config, clock, ledger: new Ledger(), metrics: new Metrics(), log }
  const spool = await openSpool({
    directory: config.dataDir,
    hostId: 'host',
    boot,
    routes: [{ ...route, isOrdered: false }],
    writeBufferBytes: config.spool.writeBufferBytes,
    maxStallMs: config.spool.maxStall,
    flushIntervalMs: config.spool.flushInterval,
    sync: 'never',
    syncIntervalMs: config.spool.syncInterval,
    maxOpenSegments: config.spool.maxOpenSegments,
    disk,
    ...shared,
  })
  const { directory: own = '' } = spool
  const memory = createMemory({ config, routes: routesOf(config), maxBytes: 2 ** 30 })
  const destination = createDestinations({ ...shared, task: 'task1', facts: noFacts, directory: () => own, memory })(route)
  const access = spool.route('access')
  const draining = new AbortController().signal
  const outbound = createOutbound({
    ...shared, route, spool: access, destination: { ...destination, ...differs }, draining,
  })
  t.teardown(async () => {
    await outbound.stop()
    await spool.close()
  })
  outbound.start()
  return {
    clock,
    out,
    outbound,
    metrics: shared.metrics,
    messages: () => lines.map(({ msg }) => msg),
    segments: () => globSync('spool/access/**/*.ndjson', { cwd: own }).map(name => join(own, name)),
    async write (line: string) {
      access.append(clock.wallMs(), '', Buffer.from(line), 0, line.length)
      await access.seal()
    },
  }
}

t.test('a route whose held segment disappears is not paused for ever, though nothing follows', async t => {
  const { clock, out, outbound, messages, segments, write } = await setUp(t)
  writeFileSync(out, 'in the way')
  // Longer than what is kept of a segment in memory.
  await write(`{"status":200,"query":"${'x'.repeat(40_000)}"}`)
  await until(() => outbound.facts().delivery.kind === 'paused')
  for (const path of segments()) rmSync(path)
  rmSync(out)
  while (outbound.facts().pendingRecords > 0) await clock.advance(1_000)
  await clock.advance(60_000)
  t.same(outbound.facts().delivery, { kind: 'flowing' })
  t.same(messages().slice(-2), ['segment lost', 'delivery resumed'])
})

t.test('a small segment that delivery holds is delivered though its file disappears', async t => {
  const { clock, out, outbound, messages, segments, write } = await setUp(t)
  writeFileSync(out, 'in the way')
  await write('{"status":200}')
  await until(() => outbound.facts().delivery.kind === 'paused')
  for (const path of segments()) rmSync(path)
  rmSync(out)
  while (outbound.facts().pendingRecords > 0) await clock.advance(1_000)
  const [object = ''] = globSync(`${out}/**/*.gz`)
  t.equal(gunzipSync(readFileSync(object)).toString(), '{"status":200}\n')
  t.equal(messages().at(-1), 'delivery resumed')
})

t.test('wall time that steps changes no age, no pause and no time of the next try of a route', async t => {
  const { clock, out, outbound, write } = await setUp(t)
  writeFileSync(out, 'in the way')
  await write('{"status":200}')
  await until(() => outbound.facts().delivery.kind === 'paused')
  const before = outbound.facts()
  t.equal(before.oldestPendingMs, clock.monotonicMs(), 'no time has passed')
  for (const stepMs of [90_000, -90_000, 86_400_000, -86_400_000]) {
    clock.stepWall(stepMs)
    t.same(outbound.facts(), before, `${stepMs} ms`)
  }
})

t.test('a request that hangs is counted as a timeout, tried again, and after long enough the sink is reconnected', async t => {
  const reconnect = { count: 0 }
  const hanging: Sink = {
    name: 'file',
    cutting: undefined,
    send: async () => await new Promise(() => undefined),
    reconnect: () => { reconnect.count++ },
    close: async () => undefined,
  }
  const { clock, metrics, outbound, messages, write } = await setUp(t, { sink: hanging, timeoutMs: 30_000 })
  await write('{"status":200}')
  while (reconnect.count === 0) await clock.advance(1_000)
  t.match(outbound.facts(), { delivery: { kind: 'paused' }, lastError: { reason: 'timeout' }, pendingRecords: 1 })
  const [ok, timeouts] = [...metrics.series('sluice_delivery_requests_total')]
  t.match(ok, { labels: ['access', 'file', 'ok'], value: 0 })
  t.match(timeouts, { labels: ['access', 'file', 'timeout'] })
  t.ok(timeouts !== undefined && 'value' in timeouts && timeouts.value > 2, 'each try')
  t.same(messages().slice(-2), ['delivery paused', 'reconnecting to the destination: new connections and credentials'])
})

t.test('what a destination has not taken when a stop ends soon is stored elsewhere, once, and that is told', async t => {
  const stored: string[] = []
  const closed = { sink: 0, store: 0 }
  const sink: Sink = {
    name: 'cloudwatch',
    cutting: createLineCutting({ maxBytes: 1_000, maxRecords: 10 }),
    send: async () => { throw new SluiceError('ERR_SINK_UNAVAILABLE', 'down') },
    reconnect: () => undefined,
    close: async () => { closed.sink++ },
  }
  const letterStore = {
    store: async (text: Buffer) => { stored.push(text.toString()) },
    close: () => { closed.store++ },
  }
  const { outbound, messages, write } = await setUp(t, { sink, letterStore })
  await outbound.takeLastChance()
  await write('{"status":200}')
  await until(() => outbound.facts().delivery.kind === 'paused')
  t.notOk(messages().some(message => String(message).startsWith('the stop ends soon')), 'nothing was waiting')
  await Promise.all([outbound.takeLastChance(), outbound.takeLastChance()])
  await until(() => outbound.facts().pendingRecords === 0)
  t.match(stored, [/"reason":"stop","record":\{"status":200\}/])
  t.equal(messages().filter(message => String(message).startsWith('the stop ends soon')).length, 1)
  await outbound.stop()
  t.same(closed, { sink: 1, store: 1 })
})

t.test('what the disk has not taken is not said to go to S3 when a stop ends soon', async t => {
  const sink: Sink = {
    name: 'cloudwatch',
    cutting: createLineCutting({ maxBytes: 1_000, maxRecords: 10 }),
    send: async () => [],
    reconnect: () => undefined,
    close: async () => undefined,
  }
  let isRefusing = true
  const disk: Disk = {
    ...systemDisk,
    open: async (path, mode) => {
      if (isRefusing) throw Object.assign(new Error('EROFS: read-only file system, open'), { code: 'EROFS' })
      return await systemDisk.open(path, mode)
    },
  }
  const letterStore = { store: async () => undefined, close: () => undefined }
  const { clock, outbound, messages, write } = await setUp(t, { sink, letterStore }, disk)
  await write('{"status":200}')
  t.match(outbound.facts().spoolProblem, { reason: 'erofs' })
  await outbound.takeLastChance()
  t.match(messages().at(-1), /^the stop ends soon: .* goes to S3, as dead letters; what no file holds is lost if the disk/)
  isRefusing = false
  while (outbound.facts().pendingRecords > 0) await clock.advance(1_000)
})
