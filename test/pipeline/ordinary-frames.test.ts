import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import { mostOrdinaryLines } from '../../src/contracts/source.ts'
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
import { createRandom, fixtureLines, mutate } from '../support/access-lines.ts'
import { forwardFrames, type SentRecord } from '../support/forward-frames.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

type Random = (limit: number) => number
type Env = Readonly<Record<string, string>>

const hourMs = 3_600_000
const atMs = Date.UTC(2026, 10, 23, 10, 30)

interface Written { readonly route: string, readonly container: string, readonly hour: number, readonly line: string }

/** The inbound half behind the frames of connections; `isFast`: with the fast path, of which it counts the lines. */
function createWorld (env: Env, isFast: boolean, enrichment = '') {
  const { config } = loadConfig({ env, readFile: () => '' })
  const clock = new ManualClock(atMs)
  const { log, lines: logged } = recordingLog()
  const [ledger, metrics] = [new Ledger(), new Metrics()]
  const written: Written[] = []
  const last = new Map<string, Written>()
  let fastCount = 0
  const write = (one: Written) => {
    written.push(one)
    last.set(one.route, one)
    ledger.counter('delivered', one.route).value++
    return true
  }
  const blocksOf = ({ name: route }: { readonly name: string }): LineBlocks => ({
    timesOfLast (container) {
      const one = last.get(route)
      return one?.container === container ? { fromMs: one.hour * hourMs, toMs: (one.hour + 1) * hourMs } : undefined
    },
    appendToLast (container, bytes, start, end, count) {
      const lines = bytes.toString('latin1', start, end).split('\n')
      if (lines.pop() !== '' || lines.length !== count) throw new Error(`${lines.length} lines instead of ${count}`)
      const { hour } = last.get(route) as Written
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

const ordinary = (index: number) => JSON.stringify({
  time: `2026-11-23T10:${10 + index % 50}:07+0900`,
  remote_ip: `10.0.1.${index % 256}`,
  method: ['GET', 'POST', 'PATCH', 'PROPFIND'][index % 4],
  path: ['/cart/add', '/shop/%E5%95%86', '/a=b:c>d'][index % 3],
  query: '?id=5',
  status: [200, 302, 404, 503][index % 4],
  bytes: index * 7,
  [['duration_us', 'duration_ms', 'time_s', 'duration'][index % 4] as string]: index % 5 === 0 ? index / 8 : index,
  user_agent: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
})

/** Lines as they may come where access lines do: most are ordinary, and each kind that is not stands among these. */
const odd = [
  '{"status":200,"path":"/","status":404}', '{"status":"200","request":"GET /x?token=abcdefgh HTTP/1.1"}', '{"status":200,"path":"/\\u0041"}',
  '{"status":200,"path":"/","password":"hunter2hunter2"}', '{"status":200,"path":"/","dbPassword":"hunter2"}', '{"status":200,"path":"/","u":"mysql://u:p@h"}',
  '{"status":200,"path":"/?to=https%3A%2F%2Fu%3Ap%40h"}', '{"status":200,"path":"/?a@b=c%40d"}', '{"status":200,"path":"/","m":"&quot;token&quot;:&quot;abc&quot;"}',
  '{"status":200,"path":"/?token[a][b]=abc"}', '{"status":200,"mysql://u:p@h":"/","path":""}', '{"status":200,"path":"/?card=4111111111111111"}',
  '{"status":200,"path":"/","pan":"4111 1111 1111 1111"}', '{"status":200,"path":"/","a":{"b":[1,2]}}', '{"status":200, "path": "/"}',
  '{ "status" : 200 , "path" : "/" }', '{"status":200,"path":"/"} ', '{"status":200,"path":"/"},', '{"status":1e3,"path":"/"}',
  '{"status":02,"path":"/"}', '{"status":-2,"path":"/"}', '{"status":2.50,"path":"/"}', '{"status":2.,"path":"/"}', '{"status":,"path":"/"}',
  '{"status":200,"path":"/","user_agent":"ELB-HealthChecker/2.0","method":"GET"}', '{"status":200,"path":"/health","method":"GET","user_agent":"ELB-HealthChecker/2.0"}',
  '{"status":200,"path":"/日本"}', '{"status":200,"path":"/ÿÿ"}', '{"status":200,"ÿÿ":"/","path":""}', '{"status":200,"path":"/?c=%34111111111111111"}',
  '{"status":200,"path":"/?c=%EF%BC%94111111111111111"}', '{"status":200,"path":"/?token%3Dabcdefgh&a=b"}', '{"status":200,"path":"/?c=4111%A01111%A01111%A01111"}', '{"status":200,"path":"/%34%31"}', '{"status":200,"path":"/%EF%BC%94"}', '{"status":200,"path":"/Basic dXNlcjpwYXNzd29yZA=="}',
  '{"status":200,"path":"/","t":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc"}', '{"status":true,"path":null}', '{"status":nul,"path":"/"}',
  '{"status":200}', '{"path":"/"}', '{}', '{"":1,"status":200,"path":"/"}', '', ' ', 'no json', '[1]', '{"status":200,"path":"/"',
  '{"status":200,"path":"/","bytes":123456789012345678901}', '{"status":200,"path":"/","bytes":"1.5","duration_ms":"0.1"}', '{"status":200,"path":"/","bytes":"7.","duration_ms":".7"}', '{"a":1,"status":200,"path":"/"}',
  '{"status":200,"path":"/","duration_us":1.}', '{"status":200,"method":"GETX","path":"/"}', '{"status":200,"request":"GET"}', '{"status":600,"method":"","path":"/"}',
  '{"status":200,"path":"/\t"}', '{"status":200,"path":"/\x7f"}', '{"status":200,"path":"/","x":tru}', '{"status":200,"path":"/","x":falsey}', '{"status":200,"path":"/","x":-}',
  `{"status":200,"path":"/","x":"${'long '.repeat(600)}"}`, `{${Array.from({ length: 60 }, (_, key) => `"k${key}":${key}`).join(',')},"status":200,"path":"/"}`,
  `{"status":200,"path":"/","${'k'.repeat(70)}":"v"}`, '[24-Nov-2026 04:37:30 UTC] PHP Fatal error:  Uncaught E: x in /a.php:2', 'production.ERROR: x {"exception":"[object] (E(code: 0): b at /x.php:3)',
]
/** Bytes that a string cannot have, and characters of four bytes, in the place of this mark. */
const mark = Buffer.from('ÿÿ')
const rawBytes = ['ff414141', 'efbc9480', '41804141', 'f09f9880', 'e3818222', '001f207f'].map(hex => Buffer.from(hex, 'hex'))
const genuine = fixtureLines('stdout.log').slice(0, 40).map(line => line.toString('latin1'))

function anyLine (random: Random, index: number): string {
  const kind = random(20)
  if (kind === 0) return odd[random(odd.length)] as string
  if (kind === 1) return mutate(Buffer.from(ordinary(index)), random).toString('latin1').replaceAll('\n', ' ')
  if (kind < 5) return genuine[random(genuine.length)] as string
  return ordinary(index)
}

function anyRecord (random: Random, index: number): SentRecord {
  const kind = random(40)
  const fields: Record<string, string> = { container_id: 'a'.repeat(64), container_name: '/web', source: 'stdout', log: anyLine(random, index) }
  if (kind === 0) fields['source'] = 'stderr'
  if (kind === 1) delete fields['source']
  if (kind === 2) fields['container_name'] = '/api'
  if (kind === 3) delete fields['container_name']
  if (kind === 4) Object.assign(fields, { partial_message: 'true', partial_id: 'b', partial_ordinal: '1', partial_last: 'false' })
  if (kind === 5) delete fields['log']
  if (kind === 7) fields['container_name'] = '/4111111111111111'
  if (kind === 6) Object.assign(fields, { ecs_cluster: 'shop' })
  const keys = Object.keys(fields)
  const from = random(keys.length)
  const turned = [...keys.slice(from), ...keys.slice(0, from)].map(key => [key, fields[key]] as const)
  const given = Object.fromEntries(turned) as Record<string, string>
  // Now and then of the hour before or behind.
  const besideMs = random(30) === 0 ? (random(2) - 0.5) * 1.2 * hourMs : random(1000)
  return { timeMs: atMs + besideMs, fields: given }
}

/** What a connection sends, in pieces: frames of every kind, some of them broken. */
function anyPieces (random: Random): Buffer[] {
  const frames: Buffer[] = []
  let count = 0
  for (let left = 3 + random(12); left > 0; left--) {
    const tag = random(6) === 0 ? 'api-firelens-2' : random(6) === 0 ? 'plain' : 'web-firelens-1'
    const carrier = (['message', 'message', 'packed', 'forward', 'gzip'] as const)[random(5)] ?? 'message'
    const records = Array.from({ length: 1 + random(random(4) === 0 ? 300 : 20) }, () => anyRecord(random, count++))
    const { bytes } = forwardFrames(carrier, tag, records, random(5) === 0 ? 'chunk' : undefined)
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at)) {
      rawBytes[random(rawBytes.length)]?.copy(bytes, at)
    }
    frames.push(random(25) === 0 ? mutate(bytes, random) : bytes)
  }
  const bytes = Buffer.concat(frames)
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = random(3) === 0 ? 1 + random(2_000) : 65_536
    pieces.push(bytes.subarray(at, at += length))
  }
  return pieces
}

const worlds: ReadonlyArray<readonly [string, Env, string]> = [
  ['the defaults', {}, ''],
  ['fields of ECS', {}, '"ecs_cluster":"shop","ecs_task":"123"'],
  ['no redaction', { SLUICE_REDACT_PRESET: 'none' }, ''],
  ['health checks kept', { SLUICE_HEALTH_CHECKS_FILTER: 'false' }, ''],
  ['the container in the key', { SLUICE_ACCESS_PREFIX: 'x/{container}/{hour}' }, ''],
  ['a container of its own', { SLUICE_CONFIG_YAML: 'containers: {web: {bucket: own}}' }, ''],
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

for (const [name, env, enrichment] of [...worlds, ...slowWorlds.map(([name, env]) => [name, env, ''] as const)]) {
  t.test(`whatever frames come, the fast path does what the way through all stages does: ${name} (seed ${seed})`, async t => {
    let fastCount = 0
    for (let round = 0; round < rounds; round++) {
      const random = createRandom(seed + round)
      const fast = createWorld(env, true, enrichment)
      const plain = createWorld(env, false, enrichment)
      const senders = [anyPieces(random), anyPieces(random)]
      while (senders.some(pieces => pieces.length > 0)) {
        const connection = random(2)
        const piece = senders[connection]?.shift()
        if (piece === undefined) continue
        // Its memory is used again, as that of reads is.
        await fast.send(connection, Buffer.from(piece))
        await plain.send(connection, piece)
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
