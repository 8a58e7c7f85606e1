import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/settings.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import { mostOrdinaryLines, type OrdinaryConnection } from '../../src/contracts/source.ts'
import { rowNumbers, statusCount } from '../../src/contracts/request-rows.ts'
import * as layout from '../../src/fast-path/layout.ts'
import { accessValue, accessValueCount } from '../../src/formats/access-values.ts'
import { createInbound } from '../../src/pipeline/inbound.ts'
import type { LineBlocks } from '../../src/pipeline/inbound-types.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { FrameIntake, type FrameOwner } from '../../src/sources/forward/frame-intake.ts'
import { createForwardShare } from '../../src/sources/forward/share.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics, metricTable, type MetricName } from '../../src/telemetry/metrics.ts'
import { createRandom } from '../support/access-lines.ts'
import { anyPieces, atMs, hourMs, ordinary } from '../support/any-frames.ts'
import { forwardFrames, type SentRecord } from '../support/forward-frames.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

type Env = Readonly<Record<string, string>>

interface Written { readonly route: string, readonly container: string, readonly hour: number, readonly line: string }

const configs = new Map<Env, Config>()

/** The settings of an environment, which are read once: a world is made hundreds of times. */
function configOf (env: Env): Config {
  const known = configs.get(env)
  if (known !== undefined) return known
  const { config, warnings } = loadConfig({ env, readFile: () => '' })
  if (warnings.length > 0) throw new Error(warnings.join())
  configs.set(env, config)
  return config
}

/** The inbound half behind the frames of connections; `isFast`: with the fast path, of which it counts the lines. */
function createWorld (env: Env, isFast: boolean, enrichment = '', fullEvery = 7) {
  const config = configOf(env)
  const clock = new ManualClock(atMs)
  const { log, lines: logged } = recordingLog()
  const [ledger, metrics] = [new Ledger(), new Metrics()]
  const written: Written[] = []
  const last = new Map<string, Written>()
  let fastCount = 0
  const write = (one: Written) => {
    written.push(one)
    last.set(`${one.route} ${one.container}`, one)
    ledger.counter('delivered', one.route).value++
    return true
  }
  let askedCount = 0
  const blocksOf = ({ name: route }: { readonly name: string }): LineBlocks => ({
    timesOfLast (container) {
      // A segment that is full, or of another hour, in between.
      if (++askedCount % fullEvery === 0) return undefined
      const one = last.get(`${route} ${container}`)
      return one === undefined ? undefined : { fromMs: one.hour * hourMs, toMs: (one.hour + 1) * hourMs }
    },
    appendToLast (container, bytes, start, end, count) {
      const lines = bytes.toString('latin1', start, end).split('\n')
      if (lines.pop() !== '' || lines.length !== count) throw new Error(`${lines.length} lines instead of ${count}`)
      const { hour } = last.get(`${route} ${container}`) as Written
      for (const line of lines) write({ route, container, hour, line })
      fastCount += count
    },
  })
  const inbound = createInbound({
    config,
    routes: routesOf(config),
    enrichment,
    appendTo: ({ name: route }) => (timeMs, container, bytes, start, end) =>
      write({ route, container, hour: Math.floor(timeMs / hourMs), line: bytes.toString('latin1', start, end) }),
    ...isFast ? { blocksOf } : undefined,
    spool: { isFull: false, whenWritable: async () => {}, stored: async () => true },
    clock,
    ledger,
    metrics,
    log,
  })
  const acceptor = inbound.acceptor('unix')
  const share = createForwardShare({ room: acceptor, clock, maxStallMs: 1000, maxMemoryBytes: 16 * 1024 * 1024 })
  const owner: FrameOwner = { onFrame: () => true, onPause () {}, ready: () => undefined, onEvicted () {} }
  const counts = { linesCut: { value: 0 }, lagMs: 0 }
  const intakes = Array.from({ length: 2 }, () =>
    new FrameIntake({ source: 'unix', limits: config.forward, acceptor, clock, counts, share }, owner))
  const refused: string[] = []
  const closed = new Set<number>()
  return {
    inbound,
    logged,
    get fastCount () { return fastCount },
    written,
    /** One piece of what a connection sends, unless it was closed for what it has sent. */
    async send (connection: number, piece: Buffer) {
      if (closed.has(connection)) return
      const intake = intakes[connection] as FrameIntake
      await intake.begin(piece.length)
      try {
        await intake.take(piece)
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error
        refused.push(error.message)
        closed.add(connection)
        intake.close()
      }
    },
    end () {
      inbound.flush()
      const series = Object.keys(metricTable).map(name =>
        [name, [...metrics.series(name as MetricName)].map(one => ({ ...one, histogram: 'histogram' in one && [one.histogram.cumulated(), one.histogram.sum] }))])
      return { written: written.map(one => Object.values(one).join('|')), ledger: ledger.snapshot(), series, refused, lagMs: counts.lagMs }
    },
  }
}

const byContainer = { SLUICE_OBJECTS_KEY: '{class}/{container}/{segment}.{ext}' }
const manySettings = 'containers: {ecs-web-1: {bucket: own}, service-web-2: {bucket: two}, web: {copyTo: [more]}}\n' +
  'routes: {more: {to: s3, bucket: more}}'
/** With the number of senders whose frames come among one another, where these are many. */
const worlds: ReadonlyArray<readonly [name: string, env: Env, enrichment: string, senderCount?: number]> = [
  ['the defaults', {}, ''],
  ['fields of ECS', {}, '"ecs_cluster":"shop","ecs_task":"123"'],
  ['no redaction', { SLUICE_REDACT_PRESET: 'none' }, ''],
  ['health checks kept', { SLUICE_HEALTH_CHECKS_FILTER: 'false' }, ''],
  ['the container in the key', byContainer, ''],
  ['a container of its own', { SLUICE_CONFIG_YAML: 'containers: {web: {bucket: own}}' }, ''],
  ['three senders', {}, '', 3],
  ['forty senders', {}, '"ecs_cluster":"shop"', 40],
  ['forty senders, the container in the key', byContainer, '', 40],
  ['forty senders, some with a bucket or copies of their own', { SLUICE_CONFIG_YAML: manySettings }, '', 40],
  ['more senders than are known', {}, '', layout.mostSenders + 2],
  ['more senders than are known, the container in the key', byContainer, '', layout.mostSenders + 100],
]
/** Settings that ask for more of an ordinary access line: nothing goes the fast path, or not of every container. */
const slowWorlds: ReadonlyArray<readonly [string, Env]> = [
  ['redaction of addresses', { SLUICE_REDACT_PRESET: 'pci' }],
  ['redaction of e-mail', { SLUICE_REDACT_EMAILS: 'redact' }],
  ['a pattern of one\'s own', { SLUICE_REDACT_PATTERNS: 'cart' }],
  ['lines left out by a pattern', { SLUICE_FILTER_EXCLUDE: '"status":404' }],
  ['lines of a container left out', { SLUICE_CONFIG_YAML: 'containers: {web: {exclude: [cart]}}' }],
  ['rules', { SLUICE_CONFIG_YAML: 'rules: [{name: old, when: {status: 404}, filter: true}]' }],
  ['copies', { SLUICE_CONFIG_YAML: 'routes: {access: {copyTo: [more]}, more: {to: s3, bucket: more}}' }],
  ['copies of a container', { SLUICE_CONFIG_YAML: 'containers: {web: {copyTo: [more]}}\nroutes: {more: {to: s3, bucket: more}}' }],
  ['plain access lines only', { SLUICE_ACCESS_FORMAT: 'combined' }],
  ['events', { SLUICE_ROUTES_ACCESS_TO: 'cloudwatch' }],
]
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const rounds = Number(process.env['ROUNDS'] ?? 12)
t.setTimeout(rounds * 10_000)

const sent = new Map<string, readonly (readonly Buffer[])[]>()

/** What two connections send in a round, by the number of senders: the same in all worlds, and made once. */
function piecesOf (round: number, senderCount: number): Buffer[][] {
  const key = `${round} ${senderCount}`
  const random = createRandom(seed + round)
  const pieces = sent.get(key) ?? [anyPieces(random, senderCount), anyPieces(random, senderCount)]
  sent.set(key, pieces)
  return pieces.map(ofConnection => [...ofConnection])
}

for (const [name, env, enrichment, senderCount = 1] of [...worlds, ...slowWorlds.map(([name, env]) => [name, env, ''] as const)]) {
  t.test(`whatever frames come, the fast path does what the way through all stages does: ${name} (seed ${seed})`, async t => {
    let fastCount = 0
    for (let round = 0; round < rounds; round++) {
      const random = createRandom(seed + rounds + round)
      const fast = createWorld(env, true, enrichment)
      const plain = createWorld(env, false, enrichment)
      const senders = piecesOf(round, senderCount)
      while (senders.some(pieces => pieces.length > 0)) {
        const connection = random(2)
        const piece = senders[connection]?.shift()
        if (piece === undefined) continue
        // Its memory is used again, as that of reads is, and other worlds are sent the same.
        await fast.send(connection, Buffer.from(piece))
        await plain.send(connection, Buffer.from(piece))
      }
      const [got, wanted] = [fast.end(), plain.end()]
      fastCount += fast.fastCount
      if (!t.strictSame(got, wanted, `round ${round}`, { diagnostic: false })) return
      t.ok(got.ledger.isBalanced)
    }
    t.comment(`${fastCount} lines went the fast path`)
    if (worlds.some(([fast]) => fast === name)) t.ok(fastCount > rounds * 50, `${fastCount} lines`)
  })
}

t.test('lines come from where they are, also where a packed frame ends among others', async t => {
  const of = (from: number, count: number) => Array.from({ length: count }, (_, index): SentRecord =>
    ({ timeMs: atMs, fields: { container_name: '/web', source: 'stdout', log: ordinary(from + index) } }))
  const frames = Buffer.concat([
    forwardFrames('message', 'web-firelens-1', of(0, 3)).bytes,
    forwardFrames('packed', 'web-firelens-1', of(100, 120)).bytes,
    forwardFrames('message', 'web-firelens-1', of(300, 60)).bytes,
    forwardFrames('packed', 'web-firelens-1', of(400, 60)).bytes,
    forwardFrames('message', 'web-firelens-1', of(500, 3)).bytes,
  ])
  for (let cut = 1_000; cut < 50_000; cut += 1_000) {
    const world = createWorld({}, true)
    await world.send(0, frames.subarray(0, cut))
    await world.send(0, frames.subarray(cut))
    const all = [...of(0, 3), ...of(100, 120), ...of(300, 60), ...of(400, 60), ...of(500, 3)]
    if (!t.strictSame(world.written.map(({ line }) => line), all.map(({ fields }) => fields['log']), `cut at ${cut}`)) return
    t.ok(world.fastCount > 200)
  }
})

t.test('lines come from where they are, also where another connection has its turn while a frame is unpacked', async t => {
  const of = (from: number, count: number) => Array.from({ length: count }, (_, index): SentRecord =>
    ({ timeMs: atMs, fields: { container_name: '/web', source: 'stdout', log: `{"status":200,"path":"/${from + index}"}` } }))
  const before = forwardFrames('message', 'web-firelens-1', of(1000, 20)).bytes
  const packed = forwardFrames('gzip', 'web-firelens-1', of(2000, 20)).bytes
  const behind = forwardFrames('message', 'web-firelens-1', of(3000, 20)).bytes
  // Frames of the other's begin where these do: what is between them and those before is heartbeats.
  const frameBytes = before.length / 20
  const shift = Buffer.alloc((before.length + packed.length) % frameBytes, 0xc0)
  const others = forwardFrames('message', 'web-firelens-1', of(4000, 200)).bytes
  const world = createWorld({}, true)
  await world.send(0, forwardFrames('message', 'web-firelens-1', of(0, 20)).bytes)
  const both = [world.send(0, Buffer.concat([before, packed, behind])), world.send(1, Buffer.concat([shift, others]))]
  await Promise.all(both)
  const all = [...of(0, 20), ...of(1000, 20), ...of(2000, 20), ...of(3000, 20), ...of(4000, 200)]
  t.strictSame(world.written.map(({ line }) => line).sort(), all.map(({ fields }) => fields['log'] as string).sort())
  t.ok(world.fastCount > 200)
})

t.test('a call takes little of what came, also where each line goes elsewhere than the one before', async t => {
  const of = (count: number) => Array.from({ length: count }, (_, index): SentRecord => {
    const log = `{"status":200,"path":"/${'a'.repeat(4_000)}"}`
    return { timeMs: atMs, fields: { container_name: index % 2 === 0 ? '/web' : '/api', source: 'stdout', log } }
  })
  const world = createWorld(byContainer, true, '', Infinity)
  await world.send(0, forwardFrames('message', 'plain', of(10)).bytes)
  const { bytes } = forwardFrames('message', 'plain', of(100))
  const connection = world.inbound.acceptor('unix').ordinary?.connection() as OrdinaryConnection
  const counts: number[] = []
  for (let at = 0; at < bytes.length; at = connection.nextAt) {
    connection.renew()
    counts.push(connection.takeFrames(bytes, at, bytes.length))
    t.ok(connection.lineBytes <= 128 * 1024, `${connection.lineBytes} bytes`)
  }
  t.equal(counts.reduce((sum, count) => sum + count, 0), 100)
})

t.test('settings with more keys than it has room for have no fast path, which is told, and lose nothing', async t => {
  const keys = Array.from({ length: 1100 }, (_, index) => `status${index}`)
  const { written, send, logged } = createWorld({ SLUICE_ACCESS_STATUS_KEYS: ['status', ...keys].join(',') }, true)
  const records = Array.from({ length: 20 }, (_, index): SentRecord =>
    ({ timeMs: atMs, fields: { container_name: '/web', source: 'stdout', log: ordinary(index) } }))
  await send(0, forwardFrames('message', 'web-firelens-1', records).bytes)
  t.same(written.map(({ line }) => line), records.map(({ fields }) => fields['log']))
  t.match(logged, [{ msg: /no fast path can be made/ }])
})

t.test('a frame of more entries than it may have is refused where they begin', async t => {
  const records = Array.from({ length: 3_000 }, (_, index): SentRecord =>
    ({ timeMs: atMs, fields: { container_name: '/web', source: 'stdout', log: ordinary(index) } }))
  const { bytes } = forwardFrames('packed', 'web-firelens-1', records)
  for (const isFast of [true, false]) {
    const world = createWorld({ SLUICE_FORWARD_MAX_ENTRIES: '2000' }, isFast)
    await world.send(0, bytes)
    t.equal(world.written.length, 2_000)
    t.match(world.end().refused, [/expected 2000 entries at most/])
    t.equal(world.fastCount > 200, isFast)
  }
})

t.test('what AssemblyScript cannot import is written in its layout as it is elsewhere', async t => {
  t.equal(layout.mostLines, mostOrdinaryLines)
  t.equal(layout.requestBytes, rowNumbers * 8)
  t.equal(layout.statusCount, statusCount)
  t.equal(layout.slotCount, accessValueCount)
  const { statusSlot, methodSlot, requestSlot, bytesSlot, durationSlot, agentSlot } = layout
  t.same([statusSlot, methodSlot, requestSlot, bytesSlot, durationSlot, agentSlot],
    (['status', 'method', 'request', 'bytes', 'duration', 'agent'] as const).map(name => accessValue[name]))
})
