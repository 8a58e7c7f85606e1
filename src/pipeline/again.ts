import { createJsonWalker } from '../bytes/json-walker.ts'
import { createKeyTable } from '../bytes/key-table.ts'
import type { Classifier } from '../classify/classifier.ts'
import type { LogRecord } from '../contracts/record.ts'
import { isRouteClass, routeClasses, type RouteClass } from '../contracts/verdict.ts'
import { createObjectEncoder } from '../encode/object-encoder.ts'
import type { Filter } from '../filter/filter.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import { healthCheckRule } from '../signals/health-checks.ts'
import { createOutlets, type OutletOptions, type Outlets } from './outlets.ts'
import type { Redaction } from './redaction.ts'
import type { Rescue } from './rescue.ts'
import { stormName, stormRouteOf } from './routes.ts'

export interface AgainOptions extends OutletOptions {
  readonly classifier: Classifier
  readonly filter: Filter | undefined
  /** Of an access line that was classified last: whether it is a health check, which is left out and counted. */
  readonly isHealthCheck: (record: LogRecord) => boolean
  readonly redaction: Redaction | undefined
  readonly reading: ErrorReading
  readonly rescue: Rescue
  readonly source: string
}

/**
 * Takes a record that had passed the inbound half before, as it was written then. The rules and filters of now may
 * leave it out; else it stays in its class, and nothing is joined, repaired or encoded a second time. The rules of the
 * settings have had their say: it is not changed or copied again. What a route of one's own had taken goes there again
 * and is not filtered; where there is no such route any more, it is of class `app`, or `error` where it was of a storm.
 *
 * @param route the class, or a route of one's own
 * @returns false if it was dropped (and counted)
 */
export type AcceptAgain = (record: LogRecord, route: string) => boolean

export function createAgain (options: AgainOptions): AcceptAgain {
  const { classifier, filter, isHealthCheck, redaction, reading, rescue, ledger, source } = options
  const received = ledger.counter('received', source)
  const walk = createJsonWalker({ keys: createKeyTable([]) })
  // A message that becomes a line of an object, because its route is another now, must be JSON.
  const asJson = createObjectEncoder({ isJsonLine: ({ bytes, start, end }) => walk(bytes, start, end) === 0 })
  const outlets = Object.fromEntries(routeClasses.map(name =>
    [name, createOutlets(options, name, { objects: asJson, events: undefined })])) as Record<RouteClass, Outlets>

  function ruleAgainst (record: LogRecord, recordClass: RouteClass): string | undefined {
    const { rule } = classifier.classify(record)
    if (rule.class === undefined) return rule.name
    const isLeftOut = recordClass === 'access' && isHealthCheck(record)
    if (recordClass === 'error') reading.begin(record.bytes, record.start, record.end)
    return filter?.(record, recordClass === 'invalid' ? 'access' : recordClass, reading) ??
      (isLeftOut ? healthCheckRule : undefined)
  }

  /** It may have been written when other settings held. */
  function redacted (record: LogRecord): LogRecord {
    try {
      return redaction?.redact(record, walk(record.bytes, record.start, record.end) === 0) ?? record
    } catch (error) {
      rescue.tell('redact', error)
      return redaction?.redactFailed(record) ?? record
    }
  }

  const stormOf = stormRouteOf(options.routes)
  const named = new Set(options.routes.filter(route => route.class === undefined).map(({ name }) => name))

  return (record, route) => {
    received.value++
    if (redaction !== undefined) record.container = redaction.nameOf(record.container)
    const isOfStorm = route === stormName
    if (named.has(route)) {
      const name = isOfStorm ? stormOf(record.container) : route
      return rescue.put(redacted(record), outlets.app.named(name), false)
    }
    const recordClass = isRouteClass(route) ? route : isOfStorm ? 'error' : 'app'
    const outlet = outlets[recordClass].of(record.container)
    try {
      const rule = ruleAgainst(record, recordClass)
      if (rule !== undefined) {
        ledger.counter('filtered', rule).value++
        return true
      }
    } catch (error) {
      // As everywhere: it goes on as it came.
      rescue.tell('filter', error)
    }
    return rescue.put(redacted(record), outlet, false)
  }
}
