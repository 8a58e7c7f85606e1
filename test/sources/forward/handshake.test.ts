import { decode } from '@msgpack/msgpack'
import t from 'tap'
import { Handshake, type ForwardSecrets } from '../../../src/sources/forward/handshake.ts'
import { pingOf, sha512, type Claim, type Hello } from '../../support/forward-handshake.ts'
import { encode } from '../support.ts'

const sharedKey = 'the key'
const withKey: ForwardSecrets = { sharedKey: Buffer.from(sharedKey), users: undefined, serverName: 'sluice' }
const withUsers: ForwardSecrets = { ...withKey, users: new Map([['shop', Buffer.from('pässword')]]) }

const helloOf = (handshake: Handshake) => (decode(handshake.helo) as [string, Hello])[1]

/** As one that knows the key, unless it claims another. */
const ping = (hello: Hello, claim: Partial<Claim> = {}) => pingOf(hello, { key: sharedKey, ...claim })

t.test('the greeting is that of the protocol, with numbers of its own for each connection', async t => {
  const [one, other] = [helloOf(new Handshake(withUsers)), helloOf(new Handshake(withUsers))]
  t.equal((decode(new Handshake(withKey).helo) as unknown[])[0], 'HELO')
  t.same([one.nonce.length, one.auth.length, one.keepalive], [16, 16, true])
  t.equal(new Set([one.nonce, one.auth, other.nonce, other.auth].map(String)).size, 4)
  t.equal(helloOf(new Handshake(withKey)).auth, '', 'no user is asked for')
})

t.test('a sender that knows the key is let in, and told by a digest that we know it too', async t => {
  const handshake = new Handshake(withKey)
  const hello = helloOf(handshake)
  const { refusal, pong } = handshake.answer(encode(ping(hello)))
  t.equal(refusal, undefined)
  t.same(decode(pong), ['PONG', true, '', 'sluice', sha512('salt', 'sluice', hello.nonce, sharedKey)])
})

t.test('a salt may be any bytes, as Fluent Bit writes it', async t => {
  const handshake = new Handshake(withKey)
  const salt = Buffer.from('ff00fe80c3289f9d00112233445566aa', 'hex')
  // Fluent Bit calls it a str, the encoder a bin.
  const message = encode(ping(helloOf(handshake), { salt })).toString('latin1').replace('\xc4\x10', '\xb0')
  t.equal(handshake.answer(Buffer.from(message, 'latin1')).refusal, undefined)
})

t.test('a wrong key is refused in the words of Fluentd, and nothing is proved to its sender', async t => {
  const handshake = new Handshake(withKey)
  const { refusal, pong } = handshake.answer(encode(ping(helloOf(handshake), { key: 'a guess' })))
  t.equal(refusal, 'shared_key')
  t.same(decode(pong), ['PONG', false, 'shared_key mismatch', '', ''])
})

t.test('what was heard on one connection is of no use on another', async t => {
  const heard = encode(ping(helloOf(new Handshake(withKey))))
  t.equal(new Handshake(withKey).answer(heard).refusal, 'shared_key')
})

t.test('where there are users, a sender is one of them and knows its password', async t => {
  const handshake = new Handshake(withUsers)
  const hello = helloOf(handshake)
  const refusalOf = (claim: Partial<Claim>) => handshake.answer(encode(ping(hello, claim))).refusal
  t.equal(refusalOf({ user: 'shop', password: 'pässword' }), undefined)
  t.equal(refusalOf({ user: 'shop', password: 'password' }), 'user')
  t.equal(refusalOf({ user: 'nobody', password: 'pässword' }), 'user')
  t.equal(refusalOf({}), 'user')
  t.equal(refusalOf({ key: 'a guess', user: 'shop', password: 'pässword' }), 'shared_key')
  t.same(decode(handshake.answer(encode(ping(hello))).pong), ['PONG', false, 'username/password mismatch', '', ''])
})

t.test('a user that nobody asks for is no obstacle', async t => {
  const handshake = new Handshake(withKey)
  t.equal(handshake.answer(encode(ping(helloOf(handshake), { user: 'shop', password: 'x' }))).refusal, undefined)
})

t.test('anything but a PING is refused', async t => {
  const handshake = new Handshake(withKey)
  const good = ping(helloOf(handshake))
  const others = [
    ['tag', 1, { log: 'x' }], [], good.slice(0, 5), [...good, ''], ['PONG', ...good.slice(1)], ['PING', 1, 2, 3, 4, 5],
    ['PING', [], [], [], [], []],
  ]
  for (const other of others) {
    const { refusal, pong } = handshake.answer(encode(other))
    t.equal(refusal, 'ping', JSON.stringify(other))
    t.same(decode(pong), ['PONG', false, 'invalid ping message', '', ''])
  }
  t.equal(handshake.answer(encode([...good.slice(0, 4), null, null])).refusal, undefined, 'no user at all')
})
