import { once } from 'node:events'
import { connect as connectPlain, createServer, type Socket } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { TlsDoor, type Secured } from '../../../src/sources/forward/tls-door.ts'
import { issue } from '../../support/certificates.ts'

const authority = issue('authority', { isAuthority: true })
const own = issue('sluice', { issuer: authority })
const sender = issue('sender', { issuer: authority })
const stranger = issue('stranger')

/** A door, and what becomes of each connection to it. */
async function open (t: Test, options: { readonly clientCa?: string } = {}) {
  const clientCa = options.clientCa === undefined ? undefined : Buffer.from(options.clientCa)
  const door = new TlsDoor({ cert: Buffer.from(own.cert), key: Buffer.from(own.key), clientCa })
  const outcomes: Promise<Secured>[] = []
  const server = createServer(raw => {
    raw.on('error', () => undefined)
    t.teardown(() => raw.destroy())
    outcomes.push(door.secure(raw))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const dial = (more: ConnectionOptions = {}): TLSSocket => {
    const socket = connect({ host: '127.0.0.1', port, ca: authority.cert, servername: 'localhost', ...more })
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
    return socket
  }
  const plain = (): Socket => {
    const socket = connectPlain(port, '127.0.0.1')
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
    return socket
  }
  const outcome = async (): Promise<Secured> => {
    while (outcomes.length === 0) await once(server, 'connection')
    return await (outcomes.shift() as Promise<Secured>)
  }
  return { dial, plain, outcome }
}

t.test('a sender reads and writes what it would without TLS', async t => {
  const { dial, outcome } = await open(t)
  const client = dial()
  const secured = await outcome()
  if (secured.kind !== 'socket') return t.fail(secured.detail)
  client.write('from the sender')
  const [heard] = await once(secured.socket, 'data') as [Buffer]
  t.equal(heard.toString(), 'from the sender')
  secured.socket.write('from us')
  const [answer] = await once(client, 'data') as [Buffer]
  t.equal(answer.toString(), 'from us')
  t.ok(client.authorized)
  t.equal(client.getProtocol(), 'TLSv1.3')
})

t.test('a sender that speaks something else is refused, with the word of OpenSSL', async t => {
  const { plain, outcome } = await open(t)
  plain().write('GET / HTTP/1.1\r\n\r\n')
  t.match(await outcome(), { kind: 'refused', reason: 'tls', detail: /^ERR_SSL_/ })
})

t.test('a sender that goes away is told from one that is refused', async t => {
  const { plain, outcome } = await open(t)
  const socket = plain()
  await once(socket, 'connect')
  socket.destroy()
  t.match(await outcome(), { kind: 'refused', reason: 'closed' })
})

t.test('old versions and keys that are not of one connection are refused', async t => {
  const { dial, outcome } = await open(t)
  dial({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
  t.match(await outcome(), { kind: 'refused', reason: 'tls' })
  dial({ maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' })
  t.match(await outcome(), { kind: 'refused', reason: 'tls' })
})

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  const maxVersion = version
  t.test(`where certificates are asked for, only one that the authority has issued is let in (${version})`, async t => {
    const { dial, outcome } = await open(t, { clientCa: authority.cert })
    dial({ maxVersion, cert: sender.cert, key: sender.key })
    t.match(await outcome(), { kind: 'socket' })
    dial({ maxVersion, cert: stranger.cert, key: stranger.key })
    t.match(await outcome(), { kind: 'refused', reason: 'client_certificate', detail: /SELF_SIGNED/ })
    dial({ maxVersion })
    t.match(await outcome(), { kind: 'refused', reason: 'client_certificate', detail: 'no certificate shown' })
    const ended = issue('sender', { issuer: authority, fromMs: Date.now() - 2 * 86_400_000, untilMs: Date.now() - 86_400_000 })
    dial({ maxVersion, cert: ended.cert, key: ended.key })
    t.match(await outcome(), { kind: 'refused', reason: 'client_certificate', detail: 'CERT_HAS_EXPIRED' })
  })

  t.test(`no session goes on without a certificate (${version})`, async t => {
    const { dial, outcome } = await open(t, { clientCa: authority.cert })
    const first = dial({ maxVersion, cert: sender.cert, key: sender.key })
    let session: Buffer | undefined
    first.on('session', given => { session = given })
    const secured = await outcome()
    if (secured.kind !== 'socket') return t.fail(secured.detail)
    secured.socket.write('a ticket would come before this')
    await once(first, 'data')
    dial(session === undefined ? { maxVersion } : { maxVersion, session })
    t.match(await outcome(), { kind: 'refused', reason: 'client_certificate', detail: 'no certificate shown' })
  })
}

t.test('a key that is not that of the certificate is an error', async t => {
  t.throws(() => new TlsDoor({ cert: Buffer.from(own.cert), key: Buffer.from(stranger.key), clientCa: undefined }), /key values mismatch/i)
})
