import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { arrayCountAt, firstElementAt, skipItem, textAt, type Span } from './msgpack.ts'

/** Who may send. */
export interface ForwardSecrets {
  readonly sharedKey: Buffer
  /** Passwords by name, the name's bytes as Latin-1; undefined: the shared key is enough. */
  readonly users: ReadonlyMap<string, Buffer> | undefined
  /** By which Sluice answers. */
  readonly serverName: string
}

/** Why a sender is not let in; undefined: it is. */
export type HandshakeRefusal = 'ping' | 'shared_key' | 'user' | undefined

export interface HandshakeAnswer {
  readonly refusal: HandshakeRefusal
  /** To be sent, whether the sender is let in or not. */
  readonly pong: Buffer
}

const randomByteCount = 16
const pingItemCount = 6
const pingWord = Buffer.from('PING')
const nil = 0xc0

/** As Fluentd says them. */
const reasons = {
  ping: 'invalid ping message',
  shared_key: 'shared_key mismatch',
  user: 'username/password mismatch',
} as const

/**
 * The handshake with one sender: we greet it (HELO), it proves that it knows the key and a password (PING), and we that
 * we know the key (PONG). Every digest holds a number that is drawn for this connection, so none is of use again.
 *
 * Source: https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#handshake-messages
 */
export class Handshake {
  readonly #secrets: ForwardSecrets
  readonly #nonce: Buffer
  /** undefined where no user is asked for. */
  readonly #userSalt: Buffer | undefined

  constructor (secrets: ForwardSecrets) {
    this.#secrets = secrets
    this.#nonce = randomBytes(randomByteCount)
    this.#userSalt = secrets.users === undefined ? undefined : randomBytes(randomByteCount)
  }

  /** Its numbers are bin, as those of Fluentd: fluent-logger for Node shows no user to a str. */
  get helo (): Buffer {
    const auth = this.#userSalt === undefined ? text('') : bin(this.#userSalt)
    return Buffer.concat([
      Buffer.of(0x92), text('HELO'), Buffer.of(0x83),
      text('nonce'), bin(this.#nonce), text('auth'), auth, text('keepalive'), Buffer.of(0xc3),
    ])
  }

  /** Judges what the sender answered: a msgpack array that a `FrameScanner` has walked. */
  answer (bytes: Buffer): HandshakeAnswer {
    const texts = pingTexts(bytes)
    if (texts === undefined) return this.#refused('ping')
    const { sharedKey, serverName } = this.#secrets
    const [, hostname, salt, keyDigest, name, passwordDigest] = texts
    if (!isSame(keyDigest, digest(salt, hostname, this.#nonce, sharedKey))) return this.#refused('shared_key')
    if (!this.#isUser(name, passwordDigest)) return this.#refused('user')
    const ownDigest = digest(salt, serverName, this.#nonce, sharedKey)
    const pong = Buffer.concat([Buffer.of(0x95), text('PONG'), Buffer.of(0xc3), text(''), text(serverName), text(ownDigest)])
    return { refusal: undefined, pong }
  }

  /** Takes the same steps whether there is such a user or not. */
  #isUser (name: Buffer, passwordDigest: Buffer): boolean {
    const { users } = this.#secrets
    if (users === undefined || this.#userSalt === undefined) return true
    const password = users.get(name.toString('latin1'))
    const expected = digest(this.#userSalt, name, password ?? randomBytes(randomByteCount))
    return isSame(passwordDigest, expected) && password !== undefined
  }

  #refused (refusal: NonNullable<HandshakeRefusal>): HandshakeAnswer {
    const pong = Buffer.concat([
      Buffer.of(0x95), text('PONG'), Buffer.of(0xc2), text(reasons[refusal]), text(''), text(''),
    ])
    return { refusal, pong }
  }
}

type PingTexts = readonly [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer]

/** The texts of a PING as bytes, since a salt need not be UTF-8; undefined if it is none. */
function pingTexts (bytes: Buffer): PingTexts | undefined {
  if (arrayCountAt(bytes, 0) !== pingItemCount) return undefined
  const span: Span = { start: 0, end: 0 }
  const texts: Buffer[] = []
  let at = firstElementAt(bytes, 0)
  for (let index = 0; index < pingItemCount; index++) {
    if (textAt(bytes, at, span)) texts.push(bytes.subarray(span.start, span.end))
    else if (bytes[at] === nil) texts.push(Buffer.alloc(0))
    else return undefined
    at = skipItem(bytes, at)
  }
  return texts[0]?.equals(pingWord) === true ? texts as unknown as PingTexts : undefined
}

function digest (...parts: readonly (Buffer | string)[]): string {
  const hash = createHash('sha512')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Takes as long for a digest that is wrong at its end as for one that is wrong at once. */
function isSame (given: Buffer, expected: string): boolean {
  const bytes = Buffer.from(expected)
  return given.length === bytes.length && timingSafeEqual(given, bytes)
}

/** A msgpack str of up to 255 bytes. */
function text (value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([bytes.length < 32 ? Buffer.of(0xa0 | bytes.length) : Buffer.of(0xd9, bytes.length), bytes])
}

/** A msgpack bin of up to 255 bytes. */
function bin (bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0xc4, bytes.length), bytes])
}
