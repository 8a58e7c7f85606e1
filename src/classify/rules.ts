import { stream, type Stream } from '../contracts/record.ts'
import { shape, type RecordClass, type Shape } from '../contracts/verdict.ts'

/** A named decision. Every condition that is given must hold; a rule without conditions matches everything. */
export interface RuleDefinition {
  /** Shows up in metrics and in what explains a line. */
  readonly name: string
  /** undefined: records that match are filtered. */
  readonly class: RecordClass | undefined
  readonly streams?: readonly Stream[]
  readonly shapes?: readonly Shape[]
}

/** In order: the first that matches decides. */
export const standardRules: readonly RuleDefinition[] = [
  { name: 'empty', class: undefined, shapes: [shape.empty] },
  { name: 'fpm-access', class: 'access', streams: [stream.stderr], shapes: [shape.plainAccess, shape.access] },
  { name: 'stderr', class: 'error', streams: [stream.stderr] },
  { name: 'access', class: 'access', streams: [stream.stdout], shapes: [shape.access] },
  { name: 'access-broken', class: 'access', streams: [stream.stdout], shapes: [shape.brokenAccess] },
  { name: 'access-plain', class: 'access', streams: [stream.stdout], shapes: [shape.plainAccess] },
  { name: 'stdout-error', class: 'error', streams: [stream.stdout], shapes: [shape.appError] },
  { name: 'stdout', class: 'app', streams: [stream.stdout] },
  { name: 'unnamed', class: 'app' },
]

// Tested in test/pipeline/handlers.test.ts
