import { stream, type LogRecord } from '../contracts/record.ts'
import type { Rule } from '../contracts/verdict.ts'
import { createJsonWalker } from '../bytes/json-walker.ts'
import { createKeyTable } from '../bytes/key-table.ts'
import { createAccessEncoder } from '../encode/access-encoder.ts'
import { inTurn } from '../encode/encoded-view.ts'
import type { Encoder } from '../encode/encoder.ts'
import { createEnrichedEncoder, createNotedEncoder } from '../encode/enriched-encoder.ts'
import { createErrorEncoder } from '../encode/error-encoder.ts'
import { createInvalidEncoder } from '../encode/invalid-encoder.ts'
import { createObjectEncoder } from '../encode/object-encoder.ts'
import type { InvalidReason } from '../contracts/repair-kinds.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import { createRedactedEncoder, type Redaction } from './redaction.ts'
import { createOutlets, type OutletOptions, type Outlets } from './outlets.ts'

/** What is done with the records of a rule. */
export interface Handler {
  /** Made into strict JSON before anything else. */
  readonly isRepaired: boolean
  readonly outlets: Outlets
}

export interface HandlerOptions extends OutletOptions {
  /** Fields of ECS that are added to access lines and errors, as `fieldsJson` makes them; empty: none. */
  readonly enrichment: string
  /** Of the error that is being encoded. */
  readonly reading: ErrorReading
  /** For lines that are redacted when they are encoded; undefined where nothing is redacted. */
  readonly redaction?: Redaction | undefined
  /** Why the record that is being encoded could not be repaired. */
  readonly reasonOf: () => InvalidReason
  /** Members of JSON for the record that is being encoded: which part of a cut line it is. Empty: it is whole. */
  readonly cutOf: () => string
}

export interface Handlers {
  /** The handler of a rule that gives a class. */
  of (rule: Rule): Handler
  /** Where access lines go that are JSON. */
  readonly accessJson: Outlets
  /** Where lines go that cannot be repaired. */
  readonly invalid: Outlets
  /** Where a record goes as it came, when its own handler has failed. */
  asItCame (record: LogRecord): Outlets
}

/** For each rule, how its lines are changed and which routes take them. */
export function createHandlers (options: HandlerOptions): Handlers {
  const { config, enrichment, reading } = options
  const enriched = (encoder?: Encoder) => enrichment === '' ? encoder : createEnrichedEncoder(enrichment, encoder)
  const same = (encoder: Encoder | undefined) => ({ objects: encoder, events: encoder })
  const { cutOf } = options
  const noted = (encoder: Encoder) => createNotedEncoder(cutOf, encoder)
  const asJson = noted(createObjectEncoder({ isJsonLine: (_record, verdict) => verdict.isJsonLine && cutOf() === '' }))
  const asText = noted(createObjectEncoder({ isJsonLine: () => false }))
  const access = createOutlets(options, 'access', same(enriched()))
  const accessPlain = createOutlets(options, 'access', same(enriched(createRedactedEncoder(createAccessEncoder(), options.redaction))))
  const app = createOutlets(options, 'app', { objects: asJson, events: undefined })
  const errorEncoder = createErrorEncoder({
    reading, format: config.error.format, maxMessageBytes: config.events.maxMessageBytes, enrichment,
  })
  const error = createOutlets(options, 'error', { objects: inTurn(errorEncoder, noted(asJsonIfItIs())), events: errorEncoder })
  const rescued = {
    error: createOutlets(options, 'error', { objects: asText, events: undefined }),
    app: createOutlets(options, 'app', { objects: asText, events: undefined }),
  }

  const byRule: ReadonlyMap<string, Handler> = new Map(Object.entries({
    access: { isRepaired: false, outlets: access },
    'access-broken': { isRepaired: true, outlets: access },
    'access-plain': { isRepaired: false, outlets: accessPlain },
    'fpm-access': { isRepaired: false, outlets: accessPlain },
    stderr: { isRepaired: false, outlets: error },
    'stdout-error': { isRepaired: false, outlets: error },
    stdout: { isRepaired: false, outlets: app },
    unnamed: { isRepaired: false, outlets: app },
  }))
  return {
    of ({ name }) {
      const handler = byRule.get(name)
      if (handler === undefined) throw new TypeError(`no handler for rule ${name}`)
      return handler
    },
    accessJson: access,
    invalid: createOutlets(options, 'invalid', same(noted(createInvalidEncoder({ reasonOf: options.reasonOf })))),
    asItCame: record => record.stream === stream.stderr ? rescued.error : rescued.app,
  }
}

/** For text that an encoder has made of a line: no verdict says whether that is JSON. */
function asJsonIfItIs (): Encoder {
  const walk = createJsonWalker({ keys: createKeyTable([]) })
  return createObjectEncoder({ isJsonLine: ({ bytes, start, end }) => walk(bytes, start, end) === 0 })
}
