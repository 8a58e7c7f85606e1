import { once } from 'node:events'
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { decodeMulti } from '@msgpack/msgpack'
import t, { type Test } from 'tap'
import { systemClock } from '../../../src/contracts/clock.ts'
import type { AccessOptions } from '../../../src/sources/forward/admission.ts'
import { ForwardSource, type ForwardSourceOptions } from '../../../src/sources/forward/server.ts'
import { createForwardShare } from '../../../src/sources/forward/share.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import { issue } from '../../support/certificates.ts'
import { pingOf, type Claim, type Hello } from '../../support/forward-handshake.ts'
import { ManualClock, turns, until } from '../../support/manual-clock.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { encode, KeepingIntake, limits } from '../support.ts'

const frame = (log: string, option: object = {}) => encode(['web-firelens-1', 1_795_462_683, { log, source: 'stdout' }, option])
const sharedKey = 'only-we-know-this'
const own = issue('sluice')
const noTls = { cert: 'off', key: 'off', clientCa: 'off' } as const
const noAuth = { sharedKey: 'off', sharedKeyFile: 'off', users: [], usersFile: 'off', serverName: 'sluice' } as const
const open: AccessOptions = { allow: [], tls: noTls, auth: noAuth, handshakeTimeoutMs: 10_000, reloadMs: 60_000 }
const withKey: AccessOptions = { ...open, auth: { ...noAuth, sharedKey } }

/** Lets time pass until something holds, no faster than files are read. */
async function pass (clock: ManualClock, stepMs: number, what: () => boolean): Promise<void> {
  while (!what()) {
    await until(() => clock.sleeping > 0 || what())
    if (!what()) await clock.advance(stepMs)
  }
}

interface Sender {
  readonly socket: Socket
  /** Messages that came, decoded. */
  readonly heard: () => unknown[]
  readonly isClosed: () => boolean
}

function senderOf (t: Test, socket: Socket): Sender {
  const parts: Buffer[] = []
  let isClosed = false
  socket.on('data', (part: Buffer) => parts.push(part))
  socket.on('error', () => undefined)
  socket.on('close', () => { isClosed = true })
  t.teardown(() => socket.destroy())
  return { socket, heard: () => [...decodeMulti(Buffer.concat(parts))], isClosed: () => isClosed }
}

async function setUp (t: Test, access: AccessOptions, options: Partial<ForwardSourceOptions> = {}) {
  const acceptor = new KeepingIntake()
  const metrics = new Metrics()
  const { log, lines } = recordingLog()
  const { clock = systemClock } = options
  const maxMemoryBytes = 4 * limits.maxFrameBytes
  const share = createForwardShare({ room: acceptor, clock, maxStallMs: 1000, maxMemoryBytes })
  const source = new ForwardSource({
    listen: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    limits,
    share,
    access,
    pauseMs: 0,
    quietMs: 50,
    acceptor,
    clock,
    metrics,
    log,
    ...options,
  })
  t.teardown(() => source.drain(AbortSignal.abort()))
  await source.start()
  const dial = async (localAddress = '127.0.0.1'): Promise<Sender> => {
    const sender = senderOf(t, connect({ host: '127.0.0.1', port: source.port, localAddress }))
    await once(sender.socket, 'connect')
    return sender
  }
  const dialTls = async (more: ConnectionOptions = {}): Promise<Sender> => {
    const sender = senderOf(t, connectTls({ host: '127.0.0.1', port: source.port, ca: own.cert, servername: 'localhost', ...more }))
    await once(sender.socket, 'secureConnect')
    return sender
  }
  const refused = (reason: string) => metrics.counter('sluice_connections_refused_total', 'tcp', reason).value
  const gauge = () => [...metrics.series('sluice_connections')].map(each => 'value' in each ? each.value : NaN)[0]
  const warnings = () => lines.filter(({ level }) => level === 'warn')
  t.teardown(() => {
    if (JSON.stringify(lines).includes(sharedKey)) throw new Error('a line of the log holds the key')
  })
  return { acceptor, metrics, source, lines, warnings, dial, dialTls, refused, gauge }
}

/** Answers the greeting. Resolves with what the other side says to that. */
async function authenticate (sender: Sender, claim: Claim): Promise<unknown[]> {
  await until(() => sender.heard().length === 1)
  const [, hello] = sender.heard()[0] as [string, Hello]
  sender.socket.write(encode(pingOf(hello, claim)))
  await until(() => sender.heard().length === 2 || sender.isClosed())
  return sender.heard()[1] as unknown[]
}

t.test('only networks of the list are read; others are closed, counted and told', async t => {
  const { acceptor, warnings, dial, refused } = await setUp(t, { ...open, allow: ['127.0.0.2', '10.0.0.0/8'] })
  const stranger = await dial('127.0.0.3')
  stranger.socket.write(frame('stranger'))
  await until(stranger.isClosed)
  const known = await dial('127.0.0.2')
  known.socket.write(frame('known'))
  await until(() => acceptor.records.length > 0)
  t.same(acceptor.lines, ['known'])
  t.equal(refused('network'), 1)
  t.match(warnings(), [{ peer: '127.0.0.3', reason: 'network', msg: 'sender not let in, connection closed' }])
})

t.test('a sender with the key is read and acked as any other, also what it sends ahead of our answer', async t => {
  const { acceptor, dial } = await setUp(t, withKey)
  const sender = await dial()
  await until(() => sender.heard().length === 1)
  const [, hello] = sender.heard()[0] as [string, Hello]
  const ping = encode(pingOf(hello, { key: sharedKey }))
  // In two pieces, the second with more behind it.
  sender.socket.write(ping.subarray(0, 50))
  await turns()
  sender.socket.write(Buffer.concat([ping.subarray(50), frame('a', { chunk: 'c1' })]))
  await until(() => sender.heard().length === 3)
  t.match(sender.heard()[1], ['PONG', true, '', 'sluice', /^[\da-f]{128}$/])
  t.same(sender.heard()[2], { ack: 'c1' })
  t.same(acceptor.lines, ['a'])
})

t.test('a sender without the key is told so, closed and counted, and nothing of it is kept', async t => {
  const { acceptor, dial, refused, warnings } = await setUp(t, withKey)
  const wrong = await dial()
  t.same(await authenticate(wrong, { key: 'a guess' }), ['PONG', false, 'shared_key mismatch', '', ''])
  await until(wrong.isClosed)
  const plain = await dial()
  plain.socket.write(frame('plain'))
  await until(plain.isClosed)
  t.same(plain.heard()[1], ['PONG', false, 'invalid ping message', '', ''])
  const other = await dial()
  other.socket.write('GET / HTTP/1.1\r\n\r\n')
  await until(other.isClosed)
  t.same([refused('shared_key'), refused('ping')], [1, 2])
  t.same(acceptor.lines, [])
  t.match(warnings().map(({ reason }) => reason), ['shared_key', 'ping', 'ping'])
})

t.test('a sender has to be one of the users, where there are any', async t => {
  const { acceptor, dial, refused } = await setUp(t, { ...open, auth: { ...noAuth, sharedKey, users: ['shop=password'] } })
  const good = await dial()
  t.match(await authenticate(good, { key: sharedKey, user: 'shop', password: 'password' }), ['PONG', true])
  good.socket.write(frame('good'))
  const bad = await dial()
  t.match(await authenticate(bad, { key: sharedKey, user: 'shop', password: 'guess' }), ['PONG', false, 'username/password mismatch'])
  await until(bad.isClosed)
  await until(() => acceptor.records.length === 1)
  t.equal(refused('user'), 1)
})

t.test('a sender that does not go on is closed in time, whatever it has said', async t => {
  const clock = new ManualClock()
  const { dial, refused, gauge, source } = await setUp(t, withKey, { clock })
  const silent = await dial()
  const slow = await dial()
  await until(() => silent.heard().length === 1 && slow.heard().length === 1)
  slow.socket.write(Buffer.of(0x96, 0xa4))
  await until(() => gauge() === 2)
  await clock.advance(9_999)
  t.same([silent.isClosed(), slow.isClosed()], [false, false])
  await clock.advance(1)
  await until(() => silent.isClosed() && slow.isClosed())
  await until(() => gauge() === 0)
  t.equal(refused('handshake_timeout'), 2)
  t.ok(source.isOpen)
})

t.test('who looks only whether the port is open is counted, not told', async t => {
  const { dial, refused, warnings } = await setUp(t, withKey)
  const sender = await dial()
  sender.socket.end()
  await until(() => refused('closed') === 1)
  t.same(warnings(), [])
})

t.test('senders that show nothing give way to others, the oldest first', async t => {
  const { dial, gauge, acceptor, metrics } = await setUp(t, withKey, { limits: { ...limits, maxConnections: 2 } })
  const first = await dial()
  const second = await dial()
  await until(() => gauge() === 2)
  const third = await dial()
  await until(first.isClosed)
  t.notOk(second.isClosed())
  t.match(await authenticate(third, { key: sharedKey }), ['PONG', true])
  third.socket.write(frame('third'))
  await until(() => acceptor.records.length === 1)
  t.equal(metrics.counter('sluice_connections_displaced_total', 'tcp', 'unproven').value, 1)
  await until(() => gauge() === 2)
})

t.test('a flood of senders that are not let in is counted in full and logged in part', async t => {
  const { dial, refused, warnings } = await setUp(t, { ...open, allow: ['10.0.0.0/8'] })
  for (let index = 0; index < 35; index++) await until((await dial()).isClosed)
  t.equal(refused('network'), 35)
  t.equal(warnings().length, 1)
  t.ok(warnings().at(-1)?.['muted'])
})

t.test('a stop ends who has not shown itself yet', async t => {
  const { dial, source, gauge } = await setUp(t, withKey)
  const sender = await dial()
  await until(() => gauge() === 1)
  await source.drain(new AbortController().signal)
  await until(sender.isClosed)
})

/** Files of a certificate in a directory of the test's own. */
function tlsFiles (t: Test) {
  const directory = t.testdir({ cert: own.cert, key: own.key })
  const tls = { cert: join(directory, 'cert'), key: join(directory, 'key'), clientCa: 'off' } as const
  return { tls, write: (name: string, text: string) => writeFileSync(join(directory, name), text), directory }
}

t.test('over TLS everything is as without it: key, records, acks, several frames at once', async t => {
  const { tls } = tlsFiles(t)
  const { acceptor, dialTls, gauge } = await setUp(t, { ...withKey, tls })
  const sender = await dialTls()
  t.match(await authenticate(sender, { key: sharedKey }), ['PONG', true])
  const logs = Array.from({ length: 1000 }, (_, index) => `line ${index} ${'x'.repeat(500)}`)
  sender.socket.write(Buffer.concat(logs.map((log, index) => frame(log, { chunk: `c${index}` }))))
  await until(() => sender.heard().length === 1002)
  t.same(acceptor.lines, logs)
  t.same(sender.heard().at(-1), { ack: 'c999' })
  sender.socket.end()
  await until(() => gauge() === 0)
})

t.test('where TLS is set, a sender without it is refused with what to do', async t => {
  const { tls } = tlsFiles(t)
  const { acceptor, dial, refused, warnings } = await setUp(t, { ...open, tls })
  const plain = await dial()
  plain.socket.write(frame('plain'))
  await until(plain.isClosed)
  const strange = await dial()
  strange.socket.write(Buffer.from('16030100050100ffff00', 'hex'))
  await until(strange.isClosed)
  t.equal(refused('tls'), 2)
  t.match(warnings(), [{ reason: 'tls', detail: 'expected TLS, found 0x94' }, { reason: 'tls', detail: /in one record/ }])
  t.same(acceptor.lines, [])
})

t.test('a handshake that is not ended is closed in time', async t => {
  const { tls } = tlsFiles(t)
  const clock = new ManualClock()
  const { dial, refused, gauge } = await setUp(t, { ...open, tls }, { clock })
  const silent = await dial()
  const half = await dial()
  half.socket.write(Buffer.of(0x16, 3, 1))
  await until(() => gauge() === 2)
  await clock.advance(10_000)
  await until(() => silent.isClosed() && half.isClosed())
  t.equal(refused('handshake_timeout'), 2)
})

t.test('a renewed certificate is used from the next connection on, and open ones go on', async t => {
  const { tls, write } = tlsFiles(t)
  const clock = new ManualClock(Date.now())
  const { dialTls, acceptor, lines, warnings, metrics } = await setUp(t, { ...open, tls }, { clock })
  const before = await dialTls()
  const renewed = issue('renewed')
  write('cert', renewed.cert)
  await clock.advance(60_000)
  await until(() => warnings().length === 1)
  t.match(warnings(), [{ msg: /those read before stay in use/, error: { message: /key values mismatch/i } }])
  await dialTls()
  await clock.advance(60_000)
  t.equal(warnings().length, 1, 'told once')
  write('key', renewed.key)
  await clock.advance(60_000)
  await until(() => lines.some(({ msg }) => msg === 'files of tcpTls and tcpAuth have changed, used from now on'))
  await t.rejects(dialTls(), 'who trusts only the old one')
  const after = await dialTls({ ca: renewed.cert })
  before.socket.write(frame('before'))
  after.socket.write(frame('after'))
  await until(() => acceptor.records.length === 2)
  const [series] = metrics.series('sluice_tls_certificate_expiry_seconds')
  t.ok(series !== undefined && 'value' in series && series.value > 360 * 86_400)
})

t.test('files that are gone change nothing', async t => {
  const { tls, directory } = tlsFiles(t)
  const clock = new ManualClock(Date.now())
  const { dialTls, warnings } = await setUp(t, { ...open, tls }, { clock })
  unlinkSync(join(directory, 'key'))
  await clock.advance(180_000)
  await until(() => warnings().length === 1)
  await dialTls()
})

t.test('without its files it does not listen, says why, and listens when they are there', async t => {
  const { tls, directory, write } = tlsFiles(t)
  const key = readFileSync(tls.key, 'utf8')
  unlinkSync(join(directory, 'key'))
  const clock = new ManualClock(Date.now())
  const { source, lines, dialTls } = await setUp(t, { ...open, tls }, { clock })
  t.notOk(source.isOpen)
  t.match(lines.filter(({ level }) => level === 'error'), [{ msg: 'cannot listen, trying again', reason: 'credentials' }])
  write('key', key)
  await pass(clock, 30_000, () => source.isOpen)
  await dialTls()
})

t.test('a certificate that ends soon is told, once a day', async t => {
  const soon = issue('sluice', { untilMs: Date.now() + 3 * 86_400_000 })
  const { tls, write } = tlsFiles(t)
  write('cert', soon.cert)
  write('key', soon.key)
  const clock = new ManualClock(Date.now())
  const { warnings } = await setUp(t, { ...open, tls, reloadMs: 3_600_000 }, { clock })
  const startMs = clock.monotonicMs()
  await until(() => warnings().length === 1)
  await pass(clock, 3_600_000, () => warnings().length === 2)
  t.ok(clock.monotonicMs() - startMs >= 86_400_000)
  t.match(warnings().map(({ msg }) => msg), ['the certificate of tcpTls ends soon', 'the certificate of tcpTls ends soon'])
})
