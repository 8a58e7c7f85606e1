import type { Places } from './places.ts'

/** What a line looks like, apart from who wrote it. */
export const shape = {
  /** No bytes, or none but white space. */
  empty: 0,
  /** One line of strict JSON: an object with the keys of an access line. */
  access: 1,
  /** An access line that is not strict JSON, has several lines, or was torn by another line. */
  brokenAccess: 2,
  /** One line of strict JSON: an object of another shape. */
  json: 3,
  text: 4,
  /** An access line in one of Apache's own formats, or php-fpm's. */
  plainAccess: 5,
  /** A line of standard output whose level is one of errors. */
  appError: 6,
} as const
export type Shape = typeof shape[keyof typeof shape]

/** What the rules give a record. A record that cannot be repaired gets a further class, `invalid`. */
export type RecordClass = 'access' | 'error' | 'app'

/** What has a route: those, and `invalid`. */
export const routeClasses = ['access', 'error', 'app', 'invalid'] as const
export type RouteClass = typeof routeClasses[number]

export function isRouteClass (name: string): name is RouteClass {
  return (routeClasses as readonly string[]).includes(name)
}

/** A rule that has decided: one frozen object for each, so it may be compared and used as a key. */
export interface Rule {
  readonly name: string
  /** undefined: the record is filtered. */
  readonly class: RecordClass | undefined
}

/** One field of an access line that is not JSON: `[start, end)` of the record's bytes; not there when `start` is -1. */
export interface AccessField {
  readonly name: string
  readonly kind: 'text' | 'number' | 'time' | 'request'
  readonly start: number
  readonly end: number
}

/** The fields of an access line that is not JSON, in the order in which they are written. */
export interface AccessFields {
  readonly fields: readonly AccessField[]
  /** Whether Apache's escapes stand in the fields: `\"`, `\\`, `\xhh`. php-fpm writes what it got. */
  readonly isEscaped: boolean
}

/**
 * What classify found out about a line, for the stages behind it: none of them walks the line again to learn it.
 *
 * The object is reused for the next record; its positions are those of the record that was classified last.
 */
export interface Verdict {
  readonly rule: Rule
  readonly shape: Shape
  /** The line is one line of strict JSON that holds an object: it may go into an object byte for byte. */
  readonly isJsonLine: boolean
  /** Of a line of shape `plainAccess`. */
  readonly access: AccessFields | undefined
  /**
   * Bits of `hint`: what redaction has to look at in a line of JSON; `anyHint` of a line of another shape.
   */
  readonly hints: number
  /**
   * Where the values of an access line lie, or of another line of JSON; all -1 in a line of another shape. undefined:
   * nobody asked for them.
   */
  readonly places: Places | undefined
}

// Tested in test/classify/classifier.test.ts
