import type { Config } from '../config/settings.ts'
import { linePart, type LogRecord } from '../contracts/record.ts'
import type { RouteClass, Verdict } from '../contracts/verdict.ts'
import { createEncodedView } from '../encode/encoded-view.ts'
import type { Encoder } from '../encode/encoder.ts'
import { createEventEncoder } from '../encode/event-encoder.ts'
import { fitsMessage, splitMessage } from '../encode/message-parts.ts'
import type { Ledger } from '../telemetry/ledger.ts'
import { OpenLines } from './open-lines.ts'
import { copiesOf, isByContainer, type Route } from './routes.ts'

/** Writes one line to a route's spool; false if it was dropped (and counted). As `RouteSpool.append`. */
export type Append =
  (timeMs: number, container: string, bytes: Buffer, start: number, end: number, isHeld: boolean) => boolean

/** The last two steps of a record: encoded as its route wants it, and appended to the route's spool. */
export interface Outlet {
  readonly route: Route
  /**
   * @param isHeld it was held by a join: as in `RouteSpool.append`
   * @returns false if the record, or a part of it, was dropped (and counted)
   */
  put (record: LogRecord, verdict: Verdict, isHeld: boolean): boolean
}

/** The outlets of one class. */
export interface Outlets {
  /** The outlet of a container: the route of its own, or the one that all others share. */
  readonly of: (container: string) => Outlet
  /** That of a route of one's own. @throws TypeError where there is none */
  named (route: string): Outlet
  /** Those that take a copy of every record of a container. */
  readonly copiesOf: (container: string) => Copies
}

export interface Copies {
  readonly outlets: readonly Outlet[]
  /** The routes of these. */
  readonly names: readonly string[]
}

/**
 * How a class's lines are encoded, by the kind of their route: as a line of JSON for an object, as a message for an
 * event. undefined: the line stays as it came.
 */
export type Contents = Readonly<Record<Route['kind'], Encoder | undefined>>

export interface OutletOptions {
  readonly config: Config
  readonly routes: readonly Route[]
  readonly appendTo: (route: Route) => Append
  readonly ledger: Ledger
}

export function createOutlets (options: OutletOptions, name: RouteClass, contents: Contents): Outlets {
  const { config, routes } = options
  const outlets = new Map<string | undefined, Outlet>()
  const named = new Map<string, Outlet>()
  for (const route of routes) {
    if (route.class !== name && route.class !== undefined) continue
    const build = route.kind === 'events' ? eventOutlet : objectOutlet
    const outlet = build(options, route, contents[route.kind])
    if (route.class === name) outlets.set(route.container, outlet)
    else named.set(route.name, outlet)
  }
  const shared = outlets.get(undefined)
  if (shared === undefined) throw new TypeError(`no route ${name}`)
  const byName = (route: string) => {
    const outlet = named.get(route)
    if (outlet === undefined) throw new TypeError(`no route ${route}`)
    return outlet
  }
  const copies = (container: string | undefined): Copies => {
    const names = Object.freeze([...copiesOf(config, name, container)])
    return { names, outlets: names.map(byName) }
  }
  const sharedCopies = copies(undefined)
  const ownCopies = new Map(Object.keys(config.containers).map(container => [container, copies(container)]))
  return {
    of: outlets.size === 1 ? () => shared : container => outlets.get(container) ?? shared,
    named: byName,
    copiesOf: ownCopies.size === 0 ? () => sharedCopies : container => ownCopies.get(container) ?? sharedCopies,
  }
}

function objectOutlet ({ appendTo }: OutletOptions, route: Route, encoder: Encoder | undefined): Outlet {
  const append = appendTo(route)
  const hasContainer = isByContainer(route)
  return {
    route,
    put (record, verdict, isHeld) {
      const container = hasContainer ? record.container : ''
      if (encoder === undefined) return append(record.timeMs, container, record.bytes, record.start, record.end, isHeld)
      encoder.encode(record, verdict)
      return append(record.timeMs, container, encoder.buffer, encoder.start, encoder.end, isHeld)
    },
  }
}

function eventOutlet (options: OutletOptions, route: Route, encoder: Encoder | undefined): Outlet {
  const { config: { events: { maxMessageBytes: maxBytes } }, ledger } = options
  const split = ledger.counter('made', 'split')
  const whole = objectOutlet(options, route, createEventEncoder())
  const messageOf = encoder === undefined ? (record: LogRecord) => record : createEncodedView(encoder)
  const partCounts = new OpenLines<number>()
  return {
    route,
    put (record, verdict, isHeld) {
      const message = messageOf(record, verdict)
      const { part } = record
      if (part === linePart.whole && fitsMessage(message, maxBytes)) return whole.put(message, verdict, isHeld)
      const partsBefore = partCounts.before(record) ?? 0
      let areAccepted = true
      let partCount = 0
      try {
        splitMessage(message, {
          maxBytes,
          partsBefore,
          goesOn: part === linePart.first || part === linePart.middle,
          emit: part => {
            // Once its first part has found room, the others are what it has left in memory.
            if (!whole.put(part, verdict, isHeld || (partCount > 0 && areAccepted))) areAccepted = false
            if (++partCount > 1) split.value++
          },
        })
      } catch (error) {
        // The parts that were put have ended the record; the rescued record that the caller makes is one more.
        if (partCount > 0) split.value++
        throw error
      }
      partCounts.keep(record, partsBefore + partCount)
      return areAccepted
    },
  }
}

// Tested in test/pipeline/inbound.test.ts
