import { hexValues, isCapital, isSmall } from '../bytes/ascii.ts'
import { colourStart } from './colours.ts'
import { EncodedBack, isEscapedSpace, mayEndSlash } from './encoded-back.ts'

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
  /** A part of a card number that has fields of its own for its parts: removed, if it has three to six digits. */
  cardPart: 8,
  /** What the text before it names: `"name":"cvv","value":`. */
  named: 9,
  /** What the value itself names: `Content-Disposition: form-data; name="cvv"`. */
  disposition: 10,
} as const
export type KeyKind = typeof keyKind[keyof typeof keyKind]

const authenticationKeys = ['cvv', 'cvv2', 'cvc', 'cvc2', 'csc', 'cav2', 'cvn', 'cvn2', 'ccv', 'security_code', 'card_security_code',
  'セキュリティコード', 'セキュリティーコード', 'card_cvv', 'card_cvc', 'card_csc', 'card_cvn', 'cc_cvv', 'cc_cvc',
  ...['cvv', 'cvv2', 'cvc', 'cvc2', 'ccv'].flatMap(key => ['code', 'number', 'no', 'num', 'value'].map(end => `${key}_${end}`)),
  // Those of gateways, KOMOJU, Paygent, Authorize.net, and of Magento.
  'verification_value', 'card_verification_code', 'card_conf_number', 'x_card_code', 'cc_cid',
  'track1', 'track2', 'track_1', 'track_2', 'track_data', 'track1_data', 'track2_data', 'pin_block']
const digitsKeys = ['cid', 'card_cid', 'pin', 'sec_cd', 'card_code', '暗証番号']
/** First and last four digits may stay. */
const partKeys = ['card_number', 'card_no', 'card_num', 'cc_number', 'cc_no'].flatMap(key => [`${key}2`, `${key}3`])
const headerKeys = ['authorization', 'proxy_authorization', 'http_authorization', 'cookie', 'set_cookie', 'http_cookie', 'cookies']
/** What PHP makes of `Authorization`. */
const authorizationKeys = ['php_auth_pw', 'php_auth_digest']

/** Words that name other things at the end of longer ones: `account_sid`. */
const wholeKeys = ['sid', 'cid', 'track_data', 'csc', 'cvn', 'cookie', 'set_cookie', 'cookies']
/** These do so in prose: `mod_session: ready`. A cookie is `laravel_session=…`. */
const weakKeys = ['session']

const maxKeyChars = 48

const smallM = 0x6d
/** From here on, characters are those of scripts that put no spaces between words, and punctuation. */
const firstWithoutSpaces = 0x2000

interface Key {
  readonly codes: readonly number[]
  readonly kind: KeyKind
  /** It may be the end of a longer one. */
  readonly isLast: boolean
  /** There it is one only with quotes or before `=`. */
  readonly isWeak: boolean
}

export interface SensitiveKeyOptions {
  /** Parts of card numbers. */
  readonly cards: boolean
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
  /** 1 where a key of the table, but for those of ids, may end with two bytes: by `endsOf`. */
  readonly mayEnd = new Uint8Array(4096)
  /** Whether a key of the table has no more than two bytes, so that anything may stand before those. */
  hasShort = false
  /** Where the key begins that was read last. */
  start = 0
  /** The key that was read last is the end of a longer one, and is none before a colon where it has no quotes. */
  isWeak = false
  readonly #kinds = new Map<number, Key[]>()
  readonly #codes = new Uint32Array(maxKeyChars)
  readonly #back = new EncodedBack()

  constructor ({ cards, authentication, secrets, clients, ids }: SensitiveKeyOptions) {
    const add = (keys: readonly string[], kind: KeyKind) => { for (const key of keys) this.#add(key, kind) }
    if (authentication) add(authenticationKeys, keyKind.authentication)
    add(secrets, keyKind.secret)
    if (secrets.length > 0) {
      add(headerKeys, keyKind.header)
      add(authorizationKeys, keyKind.secret)
      add(['code'], keyKind.code)
    }
    // Behind the keys that somebody wants removed whatever they hold.
    if (authentication) add(digitsKeys, keyKind.authenticationDigits)
    if (cards) add(partKeys, keyKind.cardPart)
    if (cards || authentication || secrets.length > 0) {
      add(['value'], keyKind.named)
      add(['content_disposition'], keyKind.disposition)
    }
    add(clients, keyKind.client)
    add(ids, keyKind.id)
  }

  /** The first of several kinds counts. */
  #add (key: string, kind: KeyKind): void {
    const small = withoutDashes(key)
    // Letters that are not ASCII are not read without case: a key is written in one of these ways.
    const capital = small.charAt(0).toUpperCase() + small.slice(1)
    const isLast = isLastOfLonger.has(kind) && small.length > 2 && !wholeWords.has(small)
    const isWeak = weakKeys.includes(small)
    for (const written of new Set([small, capital, small.toUpperCase()])) {
      this.#addWritten(written, { kind, isLast, isWeak })
    }
  }

  #addWritten (key: string, { kind, isLast, isWeak }: Omit<Key, 'codes'>): void {
    // Keys are read from their end.
    const codes = Array.from(key, each => each.codePointAt(0) as number).reverse().map(asSmall)
    if (codes.length === 0 || codes.length > maxKeyChars) return
    const hash = codes.reduce(withCode, 0)
    const same = this.#kinds.get(hash) ?? []
    this.#kinds.set(hash, same)
    same.push({ codes, kind, isLast, isWeak })
    if (kind === keyKind.id) return
    const bytes = Buffer.from(key)
    this.hasShort ||= bytes.length <= 2
    const last = bytes.at(-1) as number
    const before = bytes.at(-2) as number
    // Before the last character may stand the one before it, a dash or an underscore; before a key anything.
    const befores = codes.length === 1 ? Array(128).keys() : [before, before ^ 0x20, 0x2d, 0x5f]
    for (const each of befores) this.mayEnd[endsOf(each, last)] = 1
  }

  /**
   * Kind of the key that ends at `keyEnd`, whatever stands before it; of several that end there the longest counts.
   * That of a secret may be the end of a longer one: `user_password`, `dbPassword`, `X-Auth-Token`.
   */
  kindOf (bytes: Uint8Array, lineStart: number, keyEnd: number): KeyKind {
    const back = this.#back
    let at = keyEnd
    let count = 0
    let hash = 0
    let last = 0
    // As they are written, the last two characters that were read.
    let given = 0
    let givenBefore = 0
    let kind: KeyKind = keyKind.none
    let kindOfEnd: KeyKind = keyKind.none
    this.start = at
    this.isWeak = false
    let isWeak = false
    while (at > lineStart && count <= maxKeyChars) {
      let code = bytes[at - 1] as number
      let from = at - 1
      if (code >= 0x80 || (hexValues[code] !== 16 && at - 3 >= lineStart && mayBeEncoded(bytes, at))) {
        back.read(bytes, lineStart, at)
        code = isWideAlphanumeric(back.code) ? back.code - 0xfee0 : back.code
        from = back.start
      }
      const written = code
      code = asSmall(code)
      if (code < 0x80 ? !isOfKey(code) : isWideSeparator(code)) break
      if (code === smallM && count > 0 && colourStart(bytes, lineStart, at) >= 0) break
      if (count > 0 && (code >= firstWithoutSpaces || last >= firstWithoutSpaces ||
        (from === at - 1 && mayEndSlash[bytes[from - 1] as number] === 1 && isEscapedSpace(bytes, lineStart, from)))) {
        kind = this.#longer(kind, hash, count, at, false)
      }
      const end = count > 2 && beginsWord(written, given, givenBefore) ? this.#endOf(hash, count) : undefined
      if (end !== undefined) {
        kindOfEnd = end.kind
        isWeak = end.isWeak
      }
      at = from
      givenBefore = given
      given = written
      if (code === 0x2d || code === 0x5f) continue
      if (count < maxKeyChars) this.#codes[count] = code
      count++
      hash = withCode(hash, code)
      last = code
    }
    if (count > 0 && count <= maxKeyChars) kind = this.#longer(kind, hash, count, at, true)
    if (kind !== keyKind.none || kindOfEnd === keyKind.none) return kind
    this.start = at
    this.isWeak = isWeak
    return kindOfEnd
  }

  /** What was read, where it may be the end of a longer key. */
  #endOf (hash: number, count: number): Key | undefined {
    const same = this.#kinds.get(hash)
    if (same === undefined || count > maxKeyChars) return undefined
    for (const each of same) if (each.isLast && this.#isSame(each.codes, count)) return each
    return undefined
  }

  /**
   * The kind of the key that begins at `start`, and has the codes that were read; else the kind known so far. An id's
   * key is one only as a whole word: what is not known for sure hides no card number.
   */
  #longer (kind: KeyKind, hash: number, count: number, start: number, isWhole: boolean): KeyKind {
    const same = this.#kinds.get(hash)
    if (same === undefined) return kind
    for (const each of same) {
      if (!this.#isSame(each.codes, count) || (each.kind === keyKind.id && !isWhole)) continue
      this.start = start
      return each.kind
    }
    return kind
  }

  #isSame (codes: readonly number[], count: number): boolean {
    if (codes.length !== count) return false
    for (let index = 0; index < count; index++) if (codes[index] !== this.#codes[index]) return false
    return true
  }
}

function withoutDashes (key: string): string {
  return key.toLowerCase().replaceAll(/[-_]/g, '')
}

const wholeWords = new Set(wholeKeys.map(withoutDashes))
const isLastOfLonger: ReadonlySet<KeyKind> = new Set([keyKind.secret, keyKind.authentication,
  keyKind.authenticationDigits, keyKind.header, keyKind.cardPart])

/** Whether a word begins behind `code`, with the characters `first` and `second`: `_p`, `bPa`, `BPa`, `bPI`. */
function beginsWord (code: number, first: number, second: number): boolean {
  if (first === 0x2d || first === 0x5f) return false
  if (code === 0x2d || code === 0x5f) return true
  return isCapital(first) && !(isCapital(code) && !isSmall(second))
}

/** Place of two bytes, the last ones of a word, in `mayEnd`. Of the last one it has only what letters differ in. */
export function endsOf (before: number, last: number): number {
  return ((before & 0x7f) << 5) | (last & 0x1f)
}

/** Whether the two hex digits before `end` may be those of `%hh`, `%25hh`, `\xhh` or `\uhhhh`. */
export function mayBeEncoded (bytes: Uint8Array, end: number): boolean {
  const before = bytes[end - 3]
  return before === 0x25 || before === 0x35 || before === 0x78 || bytes[end - 5] === 0x75
}

/** `ＣＶＶ` is a key as `CVV` is. */
function isWideAlphanumeric (code: number): boolean {
  return (code >= 0xff10 && code <= 0xff19) || (code >= 0xff21 && code <= 0xff3a) || (code >= 0xff41 && code <= 0xff5a)
}

/** `：` and `＝`: or else each of a row of them is read with all that is before it. */
function isWideSeparator (code: number): boolean {
  return code === 0xff1a || code === 0xff1d
}

function isOfKey (code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d || code === 0x5f
}

function asSmall (code: number): number {
  return code >= 0x41 && code <= 0x5a ? code | 0x20 : code
}

function withCode (hash: number, code: number): number {
  return (Math.imul(hash, 31) + code) | 0
}
