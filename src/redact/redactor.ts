import { LineRewriter } from '../bytes/line-rewriter.ts'
import { anyHint, hint, type HintWatch, type LineLooks } from '../contracts/hints.ts'
import { truncateAddresses } from './addresses.ts'
import { Cards } from './cards.ts'
import { Emails } from './emails.ts'
import { lineLooks } from './line-looks.ts'
import { OwnPatterns } from './own-patterns.ts'
import { Secrets } from './secrets.ts'
import { SensitiveKeys } from './sensitive-keys.ts'

/** What is redacted, as metrics and outcomes call it. */
export const redactionKinds = [
  'card_number', 'track_data', 'authentication_data', 'secret', 'email', 'client_address', 'pattern',
] as const

export interface RedactorOptions {
  readonly cards: boolean
  /** Authentication data of cards, by key. */
  readonly authentication: boolean
  /** Keys whose values are secrets. */
  readonly secretKeys: readonly string[]
  /** Keys whose values are ids, in which no card number is looked for. */
  readonly idKeys: readonly string[]
  readonly emails: boolean
  /** Keys whose values are addresses of clients, which are truncated; none: no address is. */
  readonly clientKeys: readonly string[]
  /** Regular expressions; what they match is removed. */
  readonly patterns: readonly string[]
}

/**
 * Takes card numbers, authentication data and secrets out of lines. A line of JSON stays one. Takes time in proportion
 * to the line; an ordinary line is looked at and allocates nothing.
 */
export class Redactor {
  /** The line, where `redact` has changed it: `buffer[start, end)`, until the next call. */
  buffer: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  /** How many of each of `redactionKinds` the last line had. */
  readonly counts = new Uint32Array(redactionKinds.length)

  /** What it looks at in a line of JSON; undefined where that is more than hints tell. */
  readonly looks: LineLooks | undefined
  /**
   * Of the last line: from where on what follows it has to be read with it, since a value that is to be taken out goes
   * on to its end; -1: none does.
   */
  openFrom = -1

  readonly #watch: HintWatch
  /** What is looked for is no part of any hint. */
  readonly #looksAtAll: boolean
  readonly #secrets: Secrets | undefined
  readonly #secretsRewriter = new LineRewriter()
  readonly #cards: Cards | undefined
  readonly #cardsRewriter = new LineRewriter()
  readonly #emails: Emails | undefined
  readonly #emailsRewriter = new LineRewriter()
  readonly #clientsRewriter: LineRewriter | undefined
  readonly #patterns: OwnPatterns | undefined

  constructor (options: RedactorOptions) {
    const { cards, authentication, secretKeys, idKeys, emails, clientKeys, patterns } = options
    const ids = cards ? idKeys : []
    const keys = new SensitiveKeys({ cards, authentication, secrets: secretKeys, clients: clientKeys, ids })
    const secrets = new Secrets(keys, secretKeys.length > 0)
    const hasSecrets = cards || authentication || secretKeys.length > 0 || clientKeys.length > 0
    if (hasSecrets) this.#secrets = secrets
    this.#watch = hasSecrets ? secrets : { hints: 0, isAfterKey: () => false, isToken: () => false }
    this.#looksAtAll = emails || clientKeys.length > 0 || patterns.length > 0
    if (!this.#looksAtAll) {
      this.looks = lineLooks(keys, cards, (bytes, start, end) => this.redact(bytes, start, end, true, 0))
    }
    if (cards) this.#cards = new Cards((bytes, lineStart, at) => secrets.isOfId(bytes, lineStart, at))
    if (emails) this.#emails = new Emails()
    if (clientKeys.length > 0) this.#clientsRewriter = new LineRewriter()
    if (patterns.length > 0) this.#patterns = new OwnPatterns(patterns)
  }

  /** Is told of what to look for while lines are walked: `redact` of such a line takes its hints. */
  get watch (): HintWatch { return this.#watch }

  /**
   * @param hints bits of `hint`, of this line
   * @param keptFrom where the line begins that is wanted: what is before that is only read
   * @returns false when nothing had to be redacted
   */
  redact (
    bytes: Buffer, start: number, end: number, isJson: boolean, hints: number = anyHint, keptFrom: number = start
  ): boolean {
    this.openFrom = -1
    if (!this.#mayBeIn(bytes, start, end, hints)) return false
    const { counts } = this
    let isChanged = false
    this.buffer = bytes
    this.start = keptFrom
    this.end = end
    const secrets = (hints & hint.key) === 0 ? undefined : this.#secrets
    if (secrets !== undefined && secrets.rewrite(this.#secretsRewriter, bytes, start, end, isJson, keptFrom)) {
      isChanged = this.#take(this.#secretsRewriter, isChanged)
      counts[0] = secrets.counts.card
      counts[2] = secrets.counts.authentication
      counts[3] = secrets.counts.secret
      counts[5] = secrets.counts.client
    }
    this.openFrom = secrets?.openFrom ?? -1
    const cards = this.#cards
    if (cards !== undefined && cards.rewrite(this.#cardsRewriter, this.buffer, this.start, this.end, isJson)) {
      isChanged = this.#take(this.#cardsRewriter, isChanged)
      counts[0] = (counts[0] as number) + cards.numberCount
      counts[1] = cards.trackCount
    }
    const emails = this.#emails
    if (emails !== undefined && emails.rewrite(this.#emailsRewriter, this.buffer, this.start, this.end)) {
      isChanged = this.#take(this.#emailsRewriter, isChanged)
      counts[4] = emails.count
    }
    if (this.#clientsRewriter !== undefined && !isJson && this.#truncateClient(this.#clientsRewriter)) {
      isChanged = this.#take(this.#clientsRewriter, isChanged)
      counts[5] = (counts[5] as number) + 1
    }
    const patterns = this.#patterns
    if (patterns !== undefined && patterns.rewrite(this.buffer, this.start, this.end, isJson)) {
      if (!isChanged) counts.fill(0)
      isChanged = true
      counts[6] = patterns.count
      this.buffer = patterns.buffer
      this.start = 0
      this.end = this.buffer.length
    }
    return isChanged
  }

  /** Whether there may be something to redact. Nothing is the usual case, so it is told by few looks at the line. */
  #mayBeIn (bytes: Buffer, start: number, end: number, hints: number): boolean {
    return this.#looksAtAll || hints === anyHint || ((hints & hint.key) !== 0 && this.#secrets !== undefined) ||
      this.#cards?.mayBeIn(bytes, start, end, hints) === true
  }

  #take ({ scratch }: LineRewriter, isChanged: boolean): boolean {
    if (!isChanged) this.counts.fill(0)
    this.buffer = scratch.buffer
    this.start = 0
    this.end = scratch.end
    return true
  }

  /** `[client 192.0.2.7:51234]` of Apache's errors. */
  #truncateClient (rewriter: LineRewriter): boolean {
    const { buffer, start, end } = this
    const at = buffer.subarray(start, Math.min(end, start + headBytes)).indexOf(clientMark)
    if (at < 0) return false
    const from = start + at + clientMark.length
    rewriter.begin(buffer, start)
    if (!truncateAddresses(rewriter, buffer, from, Math.min(from + 64, end))) return false
    rewriter.finish(end)
    return true
  }
}

const clientMark = Buffer.from('[client ')
/** In so much of a line, bytes, Apache names the client. */
const headBytes = 300
