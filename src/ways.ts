import type { Logger } from 'pino'
import { createClassifier, type Rule } from './classify/classifier.ts'
import { createLineShape, shape } from './classify/line-shape.ts'
import { createLooksLikeAccess, isAccessLookalike } from './classify/looks-like-access.ts'
import { createPlainAccess } from './classify/plain-access.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config/settings.ts'
import { createErrorFilter } from './error-filter.ts'
import { stream, type LogRecord } from './record.ts'
import { isByContainer, type Route, type RouteName } from './routes.ts'
import type { Ledger } from './telemetry/ledger.ts'
import type { Metrics } from './telemetry/metrics.ts'
import type { Encoder } from './transform/encoder.ts'
import { createErrorEncoder } from './transform/error-encoder.ts'
import { createEventEncoder } from './transform/event-encoder.ts'
import { createInvalidEncoder } from './transform/invalid-encoder.ts'
import { repairKindNames } from './transform/json-repair-kinds.ts'
import { createJsonRepairer } from './transform/json-repair.ts'
import { fitsMessage, splitMessage } from './transform/message-parts.ts'
import { createObjectEncoder } from './transform/object-encoder.ts'
import { createPlainAccessEncoder } from './transform/plain-access-encoder.ts'

/** Writes one line to a route's spool; false if it was dropped (and counted). As `RouteSpool.append`. */
export type Append = (timeMs: number, container: string, bytes: Buffer, start: number, end: number) => boolean

export interface WayOptions {
  readonly config: Config
  readonly routes: readonly Route[]
  readonly appendTo: (route: RouteName) => Append
  readonly clock: Pick<Clock, 'now'>
  readonly ledger: Ledger
  readonly metrics: Metrics
  readonly log: Logger
}

/** Takes a whole record to its end on the inbound side: into a spool, or filtered. False if it was dropped. */
export type Way = (record: LogRecord) => boolean

export interface Ways {
  /** The rule that decides on a record, counted. Called once for each record. */
  classify (record: LogRecord): Rule
  /** What becomes of the records of a rule. */
  wayOf (rule: Rule): Way
}

/** Joins classify, transform and the spool: for each rule, how its lines are changed and which route takes them. */
export function createWays (options: WayOptions): Ways {
  const { config, ledger, metrics } = options
  const classifier = createClassifier({ ...config.access, metrics })
  const shapeOf = createLineShape(config.access)
  const isJsonLine = (bytes: Uint8Array, start: number, end: number) => {
    const found = shapeOf(bytes, start, end)
    return found === shape.access || found === shape.json
  }
  const routing = createRouting(options)
  const watch = createAccessWatch(options)
  const access = watch.seen(routing('access', undefined))
  const repair = createRepair(options, access, routing)
  const plain = (format: Parameters<typeof createPlainAccess>[0]) => routing('access', createPlainAccessEncoder({
    reader: createPlainAccess(format), otherwise: createObjectEncoder({ isJsonLine }),
  }))
  const error = createErrorWay(options, routing)
  const appEncoder = routeOf(options, 'app').kind === 'events' ? createEventEncoder() : createObjectEncoder({ isJsonLine })
  const app = watch.missed(routing('app', appEncoder))

  const ways: Readonly<Record<string, Way>> = {
    access,
    'access-broken': repair,
    'access-plain': plain(config.access.format === 'json' ? 'auto' : config.access.format),
    'fpm-access': plain('php_fpm'),
    stderr: error,
    stdout: app,
    unnamed: app,
  }
  const byRule = new Map(classifier.rules.map(rule => {
    const way = rule.class === undefined ? filterWay(ledger, rule.name) : ways[rule.name]
    if (way === undefined) throw new TypeError(`no way for rule ${rule.name}`)
    return [rule, way]
  }))
  return {
    classify: record => classifier.classify(record),
    // The classifier returns none but its own rules.
    wayOf: rule => byRule.get(rule) as Way,
  }
}

type Routing = (name: RouteName, encoder: Encoder | undefined) => Way

function routeOf ({ routes }: WayOptions, name: RouteName): Route {
  const route = routes.find(each => each.name === name)
  if (route === undefined) throw new TypeError(`no route ${name}`)
  return route
}

function filterWay (ledger: Ledger, rule: string): Way {
  const filtered = ledger.counter('filtered', rule)
  return () => {
    filtered.value++
    return true
  }
}

/** The last step of a way: encode, and write to the route's spool. Without an encoder the line is copied as it came. */
function createRouting (options: WayOptions): Routing {
  const { config, ledger } = options
  const split = ledger.counter('made', 'split')
  return (name, encoder) => {
    const route = routeOf(options, name)
    const append = options.appendTo(name)
    const hasContainer = isByContainer(route)
    const whole: Way = record => {
      const container = hasContainer ? record.container : ''
      if (encoder === undefined) return append(record.timeMs, container, record.bytes, record.start, record.end)
      encoder.encode(record)
      return append(record.timeMs, container, encoder.buffer, encoder.start, encoder.end)
    }
    if (route.kind !== 'events') return whole
    const maxBytes = config.events.maxMessageBytes
    return record => {
      if (fitsMessage(record, maxBytes)) return whole(record)
      let areAccepted = true
      const count = splitMessage(record, { maxBytes, emit: part => { if (!whole(part)) areAccepted = false } })
      split.value += count - 1
      return areAccepted
    }
  }
}

/** Access lines that are no JSON are made into it; what cannot be is of class `invalid`, with the reason. */
function createRepair ({ metrics }: WayOptions, access: Way, routing: Routing): Way {
  const repairer = createJsonRepairer()
  const kinds = repairKindNames.map(kind => metrics.counter('sluice_repaired_total', kind))
  // An access line is an object: what is none was left over where another was written into it.
  const reasonOf = () => repairer.reason === 'not_object' ? 'torn' : repairer.reason ?? 'syntax'
  const invalid = routing('invalid', createInvalidEncoder({ reasonOf }))
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

function createErrorWay ({ config, clock, ledger }: WayOptions, routing: Routing): Way {
  const error = routing('error', createErrorEncoder({
    format: config.error.format, maxMessageBytes: config.events.maxMessageBytes,
  }))
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
  seen (way: Way): Way
  /** A way of lines that were not. */
  missed (way: Way): Way
}

/** When most of stdout is of class `app` and looks like access lines all the same, the log says once what to set. */
function createAccessWatch ({ log }: WayOptions): AccessWatch {
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
