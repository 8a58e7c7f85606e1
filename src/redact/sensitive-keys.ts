import { hexValues } from '../bytes/ascii.ts'
import { EncodedBack } from './encoded-back.ts'

/** What is done with the value of a key. */
export const keyKind = {
  none: 0,
  /** Removed. */
  secret: 1,
  /** Authentication data of a card: removed. */
  authentication: 2,
  /** The same, if it has three to six digits: the key means other things too. */
  authenticationDigits: 3,
  /** A header: removed, to the end of the line. */
  header: 4,
  /** Removed in a query that has a `state` too: OAuth's. */
  code: 5,
  /** An address, which is truncated. */
  client: 6,
  /** An id, in which no card number is looked for. */
  id: 7,
} as const
export type KeyKind = typeof keyKind[keyof typeof keyKind]

const authenticationKeys = ['cvv', 'cvv2', 'cvc', 'cvc2', 'csc', 'cav2', 'cvn', 'security_code', 'card_security_code',
  'セキュリティコード', 'card_cvv', 'card_cvc', 'track', 'track1', 'track2', 'track_1', 'track_2', 'track_data', 'track1_data', 'track2_data',
  'pin_block']
const digitsKeys = ['cid', 'pin']
const headerKeys = ['authorization', 'proxy_authorization', 'http_authorization', 'cookie', 'set_cookie', 'http_cookie']

const maxKeyChars = 48

export interface SensitiveKeyOptions {
  readonly authentication: boolean
  /** Keys of secrets; none: neither headers nor codes are redacted. */
  readonly secrets: readonly string[]
  readonly clients: readonly string[]
  readonly ids: readonly string[]
}

/**
 * Tells the kind of a key by the bytes before a separator. Keys are compared without case and without `-` and `_`, so
 * that `API-Key`, `api_key` and `apiKey` are one; they may be encoded.
 */
export class SensitiveKeys {
  /** 1 where a key of the table, but for those of ids, may end with two bytes: by the lower five bits of each. */
  readonly mayEnd = new Uint8Array(1024)
  /** Where the key begins that was read last. */
  start = 0
  readonly #kinds = new Map<number, Array<{ readonly codes: readonly number[], readonly kind: KeyKind }>>()
  readonly #codes = new Uint16Array(maxKeyChars)
  readonly #back = new EncodedBack()

  constructor ({ authentication, secrets, clients, ids }: SensitiveKeyOptions) {
    const add = (keys: readonly string[], kind: KeyKind) => { for (const key of keys) this.#add(key, kind) }
    if (authentication) {
      add(authenticationKeys, keyKind.authentication)
      add(digitsKeys, keyKind.authenticationDigits)
    }
    add(secrets, keyKind.secret)
    if (secrets.length > 0) {
      add(headerKeys, keyKind.header)
      add(['code'], keyKind.code)
    }
    add(clients, keyKind.client)
    add(ids, keyKind.id)
  }

  /** The first of several kinds counts. */
  #add (key: string, kind: KeyKind): void {
    const codes = [...key.toLowerCase()].filter(each => each !== '-' && each !== '_')
      .map(each => each.charCodeAt(0)).reverse()
    // Keys are read from their end.
    if (codes.length === 0 || codes.length > maxKeyChars) return
    const hash = hashOf(codes, codes.length)
    const same = this.#kinds.get(hash) ?? []
    this.#kinds.set(hash, same)
    same.push({ codes, kind })
    if (kind === keyKind.id) return
    for (const written of [key, key.replaceAll(/[-_]/g, '')]) {
      const bytes = Buffer.from(written)
      const last = bytes.at(-1) as number
      this.mayEnd[(((bytes.at(-2) ?? 0) & 0x1f) << 5) | (last & 0x1f)] = 1
    }
  }

  /** Kind of the key that ends at `keyEnd`, whatever stands before it. */
  kindOf (bytes: Uint8Array, lineStart: number, keyEnd: number): KeyKind {
    const back = this.#back
    let at = keyEnd
    let count = 0
    while (at > lineStart) {
      let code = bytes[at - 1] as number
      let from = at - 1
      if (code >= 0x80 || (hexValues[code] !== 16 && at - 3 >= lineStart && mayBeEncoded(bytes, at))) {
        back.read(bytes, lineStart, at)
        code = back.code
        from = back.start
      }
      if (code >= 0x41 && code <= 0x5a) code |= 0x20
      if (code < 0x80 && !isOfKey(code)) break
      at = from
      if (code === 0x2d || code === 0x5f) continue
      if (count === maxKeyChars) return keyKind.none
      this.#codes[count++] = code
    }
    this.start = at
    if (count === 0) return keyKind.none
    const same = this.#kinds.get(hashOf(this.#codes, count))
    if (same === undefined) return keyKind.none
    for (const { codes, kind } of same) if (this.#isSame(codes, count)) return kind
    return keyKind.none
  }

  #isSame (codes: readonly number[], count: number): boolean {
    if (codes.length !== count) return false
    for (let index = 0; index < count; index++) if (codes[index] !== this.#codes[index]) return false
    return true
  }
}

/** Whether the two hex digits before `end` may be those of `%hh`, `%25hh`, `\xhh` or `\uhhhh`. */
export function mayBeEncoded (bytes: Uint8Array, end: number): boolean {
  const before = bytes[end - 3]
  return before === 0x25 || before === 0x35 || before === 0x78 || bytes[end - 5] === 0x75
}

function isOfKey (code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f
}

function hashOf (codes: ArrayLike<number>, count: number): number {
  let hash = count
  for (let index = 0; index < count; index++) hash = (Math.imul(hash, 31) + (codes[index] as number)) | 0
  return hash
}

// Tested in test/redact/redactor.test.ts
