import type { Config } from '../config/settings.ts'
import { anyHint, type HintWatch, type LineLooks } from '../contracts/hints.ts'
import { createNameMemo } from '../contracts/name-memo.ts'
import { createRecord, type LogRecord } from '../contracts/record.ts'
import type { Verdict } from '../contracts/verdict.ts'
import type { Encoder } from '../encode/encoder.ts'
import { createEncodedView } from '../encode/encoded-view.ts'
import { clientKeys } from '../formats/access-values.ts'
import { redactPart, type PartsState } from '../redact/line-parts.ts'
import { redactionKinds, Redactor, type RedactorOptions } from '../redact/redactor.ts'
import { createByContainer } from '../signals/containers.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Takes out of records what the settings want redacted, and counts it. */
export interface Redaction {
  /** Bits of `redactionKinds`: what was taken out of the record since `begin`. */
  readonly kinds: number
  /** Goes to the next record. */
  begin (): void
  /**
   * @param isJson the line is one of JSON, and stays one
   * @param hints bits of `hint`, of this line; `anyHint` unless given
   * @returns the record itself where nothing had to be redacted, else a view that is reused
   */
  redact (record: LogRecord, isJson: boolean, hints?: number): LogRecord
  /** As `redact`, for a part of a line that is too long for one record. Called for each, in their order. */
  redactPart (record: LogRecord, state: PartsState): LogRecord
  /** Is told of what to look for while lines are walked. */
  readonly watch: HintWatch
  /** As `Redactor.looks`. */
  readonly looks: LineLooks | undefined
  /** The name of a container, which senders choose: where something was taken out of it, another one. */
  nameOf (container: string): string
  /** As `redact`, for a record that has made a stage fail. Never throws: of what cannot be redacted nothing is kept. */
  redactFailed (record: LogRecord, state?: PartsState): LogRecord
}

export interface RedactionOptions {
  readonly config: Config
  readonly metrics: Metrics
  /** Called where a container wrote a card number, which it should not have. */
  readonly onCard?: (container: string) => void
}

const secretKind = redactionKinds.indexOf('secret')
const cardBit = 1 << redactionKinds.indexOf('card_number')

/** Headers in which proxies name the client, as lines call them: `xff` is that of docs/apache.md. */
const forwardedKeys = ['x_forwarded_for', 'http_x_forwarded_for', 'forwarded_for', 'xff', 'forwarded', 'http_forwarded', 'x_real_ip',
  'http_x_real_ip', 'real_ip', 'x_client_ip', 'true_client_ip', 'cf_connecting_ip', 'fastly_client_ip', 'cloudfront_viewer_address']

const unreadable = Buffer.from('[redacted]')

/** @returns undefined where the settings want nothing redacted, so that no record is looked at */
export function createRedaction ({ config, metrics, onCard }: RedactionOptions): Redaction | undefined {
  const options = redactorOptions(config)
  if (options === undefined) return undefined
  const redactor = new Redactor(options)
  const view = createRecord()
  const countersOf = createByContainer(container =>
    redactionKinds.map(kind => metrics.counter('sluice_redacted_total', kind, container)))

  function asView (record: LogRecord, bytes: Buffer, start: number, end: number): LogRecord {
    Object.assign(view, record)
    view.bytes = bytes
    view.start = start
    view.end = end
    return view
  }

  const nameOf = createNameMemo(container => {
    const bytes = Buffer.from(container)
    const isChanged = redactor.redact(bytes, 0, bytes.length, false)
    return isChanged ? redactor.buffer.toString('utf8', redactor.start, redactor.end) : container
  })

  /** Counts what the redactor has found in a record. */
  function changed (record: LogRecord): LogRecord {
    for (const [kind, counter] of countersOf(record.container).entries()) {
      const count = redactor.counts[kind] as number
      counter.value += count
      if (count > 0) redaction.kinds |= 1 << kind
    }
    if ((redaction.kinds & cardBit) !== 0) onCard?.(record.container)
    return asView(record, redactor.buffer, redactor.start, redactor.end)
  }

  const redaction = {
    kinds: 0,
    begin () { redaction.kinds = 0 },
    watch: redactor.watch,
    looks: redactor.looks,
    redact (record: LogRecord, isJson: boolean, hints = anyHint): LogRecord {
      return redactor.redact(record.bytes, record.start, record.end, isJson, hints) ? changed(record) : record
    },
    redactPart (record: LogRecord, state: PartsState): LogRecord {
      if (state.isSecret) {
        redaction.kinds |= 1 << secretKind
        return asView(record, unreadable, 0, unreadable.length)
      }
      return redactPart(redactor, state, record.bytes, record.start, record.end) ? changed(record) : record
    },
    nameOf,
    redactFailed (record: LogRecord, state?: PartsState): LogRecord {
      try {
        // Where the rest of a secret ends in it, nobody can say now.
        const mayBeSecret = state !== undefined && (state.mayGoOn || state.isSecret)
        if (mayBeSecret) return asView(record, unreadable, 0, unreadable.length)
        return redaction.redact(record, false)
      } catch {
        // What failed was counted and logged before.
        return asView(record, unreadable, 0, unreadable.length)
      }
    },
  }
  return redaction
}

/** Redacts what another encoder makes: a line of JSON. */
export function createRedactedEncoder (inner: Encoder, redaction: Redaction | undefined): Encoder {
  if (redaction === undefined) return inner
  const viewOf = createEncodedView(inner)
  const encoder = {
    buffer: inner.buffer,
    start: 0,
    end: 0,
    encode (record: LogRecord, verdict: Verdict): void {
      const { bytes, start, end } = redaction.redact(viewOf(record, verdict), true)
      encoder.buffer = bytes
      encoder.start = start
      encoder.end = end
    },
  }
  return encoder
}

function redactorOptions ({ redact }: Config): RedactorOptions | undefined {
  const isOn = redact.preset !== 'none'
  const isPci = redact.preset === 'pci'
  const isWanted = (choice: 'auto' | 'redact' | 'keep') => choice === 'auto' ? isPci : choice === 'redact'
  const hasClients = redact.clientAddresses === 'auto' ? isPci : redact.clientAddresses === 'truncate'
  const options = {
    cards: isOn,
    authentication: isOn,
    secretKeys: redact.keys,
    idKeys: redact.idKeys,
    emails: isWanted(redact.emails),
    clientKeys: hasClients ? [...clientKeys, ...forwardedKeys] : [],
    patterns: redact.patterns,
  }
  const isNeeded = isOn || redact.keys.length > 0 || options.emails || hasClients || options.patterns.length > 0
  return isNeeded ? options : undefined
}

// Tested in test/pipeline/redaction.test.ts
