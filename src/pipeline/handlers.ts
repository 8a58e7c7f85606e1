import type { Logger } from 'pino'
import { createClassifier, type Rule } from '../classify/classifier.ts'
import { createLineShape, shape } from '../classify/line-shape.ts'
import { createPatternFilter, type Patterns } from '../filter/patterns.ts'
import { createLooksLikeAccess, isAccessLookalike } from '../classify/looks-like-access.ts'
import { createPlainAccess } from '../formats/apache-access.ts'
import type { Clock } from '../contracts/clock.ts'
import { patternFlags } from '../config/pattern.ts'
import type { Config } from '../config/settings.ts'
import { createErrorFilter } from '../filter/error-filter.ts'
import { stream, type LogRecord } from '../contracts/record.ts'
import { isByContainer, type Route, type RouteClass } from './routes.ts'
import type { Ledger } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createEncodedView, inTurn } from '../encode/encoded-view.ts'
import type { Encoder } from '../encode/encoder.ts'
import { createEnrichedEncoder } from '../encode/enriched-encoder.ts'
import { createErrorEncoder } from '../encode/error-encoder.ts'
import { createEventEncoder } from '../encode/event-encoder.ts'
import { createInvalidEncoder } from '../encode/invalid-encoder.ts'
import { repairKindNames } from '../contracts/repair-kinds.ts'
import { createJsonRepairer } from '../repair/json-repair.ts'
import { fitsMessage, splitMessage } from '../encode/message-parts.ts'
import { createObjectEncoder } from '../encode/object-encoder.ts'
import { createPlainAccessEncoder } from '../encode/access-encoder.ts'

/** Writes one line to a route's spool; false if it was dropped (and counted). As `RouteSpool.append`. */
export type Append = (timeMs: number, container: string, bytes: Buffer, start: number, end: number) => boolean

export interface HandlerOptions {
  readonly config: Config
  readonly routes: readonly Route[]
  /** Fields of ECS that access lines and errors get besides, as `fieldsJson` makes them; empty: none. */
  readonly enrichment: string
  readonly appendTo: (route: Route) => Append
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly ledger: Ledger
  readonly metrics: Metrics
  readonly log: Logger
}

/** Takes a whole record to its end on the inbound side: into a spool, or filtered. False if it was dropped. */
export type Handler = (record: LogRecord) => boolean

export interface Handlers {
  /** The rule that decides on a record, counted. Called once for each record. */
  classify (record: LogRecord): Rule
  /** What becomes of the records of a rule. */
  handlerOf (rule: Rule): Handler
}

/** Joins classify, transform and the spool: for each rule, how its lines are changed and which route takes them. */
export function createHandlers (options: HandlerOptions): Handlers {
  const { config, enrichment, ledger, metrics } = options
  const classifier = createClassifier({ ...config.access, metrics })
  const shapeOf = createLineShape(config.access)
  const isJsonLine = (bytes: Uint8Array, start: number, end: number) => {
    const found = shapeOf(bytes, start, end)
    return found === shape.access || found === shape.json
  }
  const routing = createRouting(options)
  const watch = createAccessWatch(options)
  const enriched = (encoder?: Encoder) => enrichment === '' ? encoder : createEnrichedEncoder(enrichment, encoder)
  const accessWay = (encoder?: Encoder) => routing('access', { objects: encoder, events: encoder })
  const access = watch.seen(accessWay(enriched()))
  const repair = createRepair(options, access, routing)
  const asObject = createObjectEncoder({ isJsonLine })
  const plain = (format: Parameters<typeof createPlainAccess>[0]) => {
    const encoder = createPlainAccessEncoder({ reader: createPlainAccess(format), otherwise: asObject })
    return accessWay(enriched(encoder))
  }
  const error = createErrorWay(options, routing, asObject)
  const app = watch.missed(routing('app', { objects: asObject, events: undefined }))

  const ways: Readonly<Record<string, Handler>> = {
    access,
    'access-broken': repair,
    'access-plain': plain(config.access.format === 'json' ? 'auto' : config.access.format),
    'fpm-access': plain('php_fpm'),
    stderr: error,
    stdout: app,
    unnamed: app,
  }
  const wanted = createWanted(options)
  const byRule = new Map(classifier.rules.map(rule => {
    const way = ways[rule.name]
    if (rule.class === undefined) return [rule, filterWay(ledger, rule.name)]
    if (way === undefined) throw new TypeError(`no way for rule ${rule.name}`)
    return [rule, wanted(way)]
  }))
  return {
    classify: record => classifier.classify(record),
    // The classifier returns none but its own rules.
    handlerOf: rule => byRule.get(rule) as Handler,
  }
}

/**
 * What a class's lines are changed into, by the kind of route that takes them: one line of JSON in an object, a message
 * in an event. undefined: nothing.
 */
type Contents = Readonly<Record<Route['kind'], Encoder | undefined>>

type Routing = (name: RouteClass, contents: Contents) => Handler

function filterWay (ledger: Ledger, rule: string): Handler {
  const filtered = ledger.counter('filtered', rule)
  return () => {
    filtered.value++
    return true
  }
}

/**
 * The last step of a way: encode, and write to the spool of the class's route, or of the container's own. Without an
 * encoder the line is copied as it came.
 */
function createRouting (options: HandlerOptions): Routing {
  return (name, contents) => {
    const steps = new Map(options.routes.filter(route => route.class === name).map(route => [
      route.container,
      route.kind === 'events' ? eventStep(options, route, contents.events) : objectStep(options, route, contents.objects),
    ]))
    const shared = steps.get(undefined)
    if (shared === undefined) throw new TypeError(`no route ${name}`)
    if (steps.size === 1) return shared
    return record => (steps.get(record.container) ?? shared)(record)
  }
}

function objectStep ({ appendTo }: HandlerOptions, route: Route, encoder: Encoder | undefined): Handler {
  const append = appendTo(route)
  const hasContainer = isByContainer(route)
  return record => {
    const container = hasContainer ? record.container : ''
    if (encoder === undefined) return append(record.timeMs, container, record.bytes, record.start, record.end)
    encoder.encode(record)
    return append(record.timeMs, container, encoder.buffer, encoder.start, encoder.end)
  }
}

function eventStep (options: HandlerOptions, route: Route, encoder: Encoder | undefined): Handler {
  const { config: { events: { maxMessageBytes: maxBytes } }, ledger } = options
  const split = ledger.counter('made', 'split')
  const whole = objectStep(options, route, createEventEncoder())
  const messageOf = encoder === undefined ? (record: LogRecord) => record : createEncodedView(encoder)
  return record => {
    const message = messageOf(record)
    if (fitsMessage(message, maxBytes)) return whole(message)
    let areAccepted = true
    const count = splitMessage(message, { maxBytes, emit: part => { if (!whole(part)) areAccepted = false } })
    split.value += count - 1
    return areAccepted
  }
}

/** Wraps a way so that only records that the settings' patterns want go it; the way itself where there are none. */
function createWanted ({ config, ledger }: HandlerOptions): (way: Handler) => Handler {
  const compiled = ({ include = [], exclude = [] }: Partial<Config['filter']>): Patterns => ({
    include: include.map(pattern => new RegExp(pattern, patternFlags)),
    exclude: exclude.map(pattern => new RegExp(pattern, patternFlags)),
  })
  const ruleOf = createPatternFilter({
    everywhere: compiled(config.filter),
    byContainer: Object.fromEntries(Object.entries(config.containers).map(([name, own]) => [name, compiled(own)])),
  })
  if (ruleOf === undefined) return way => way
  return way => record => {
    const rule = ruleOf(record)
    if (rule === undefined) return way(record)
    ledger.counter('filtered', rule).value++
    return true
  }
}

/** Access lines that are no JSON are made into it; what cannot be is of class `invalid`, with the reason. */
function createRepair ({ metrics }: HandlerOptions, access: Handler, routing: Routing): Handler {
  const repairer = createJsonRepairer()
  const kinds = repairKindNames.map(kind => metrics.counter('sluice_repaired_total', kind))
  // An access line is an object: what is none was left over where another was written into it.
  const reasonOf = () => repairer.reason === 'not_object' ? 'torn' : repairer.reason ?? 'syntax'
  const encoder = createInvalidEncoder({ reasonOf })
  const invalid = routing('invalid', { objects: encoder, events: encoder })
  // A view of the repaired line beside the record's own.
  let repaired: LogRecord | undefined
  return record => {
    if (repairer.repair(record.bytes, record.start, record.end) === 'invalid') {
      metrics.counter('sluice_invalid_total', reasonOf()).value++
      return invalid(record)
    }
    kinds.forEach((counter, bit) => { if ((repairer.kinds & (1 << bit)) !== 0) counter.value++ })
    repaired ??= { ...record }
    repaired.bytes = repairer.buffer
    repaired.start = repairer.start
    repaired.end = repairer.end
    repaired.timeMs = record.timeMs
    repaired.container = record.container
    return access(repaired)
  }
}

function createErrorWay (
  { config, enrichment, clock, ledger }: HandlerOptions, routing: Routing, asObject: Encoder
): Handler {
  const encoder = createErrorEncoder({
    format: config.error.format, maxMessageBytes: config.events.maxMessageBytes, enrichment,
  })
  const error = routing('error', { objects: inTurn(encoder, asObject), events: encoder })
  const filterOf = createErrorFilter({ ...config.error, clock })
  if (filterOf === undefined) return error
  return record => {
    const rule = filterOf(record)
    if (rule === undefined) return error(record)
    ledger.counter('filtered', rule).value++
    return true
  }
}

interface AccessWatch {
  /** A way of lines that were taken for access lines. */
  seen (way: Handler): Handler
  /** A way of lines that were not. */
  missed (way: Handler): Handler
}

/** When most of stdout is of class `app` and looks like access lines all the same, the log says once what to set. */
function createAccessWatch ({ log }: HandlerOptions): AccessWatch {
  const detector = createLooksLikeAccess()
  return {
    seen: way => record => {
      detector.note(false)
      return way(record)
    },
    missed: way => record => {
      if (record.stream === stream.stdout) {
        detector.note(isAccessLookalike(record.bytes, record.start, record.end))
        if (detector.shouldWarn()) log.warn(accessAdvice)
      }
      return way(record)
    },
  }
}

const accessAdvice = 'most lines of stdout look like access lines but are of class app: set access.format, or ' +
  'access.statusKeys and access.requestKeys to the keys of your LogFormat (sluice explain shows why)'
