import type { RuleSettings } from '../../config/rules/read-rules.ts'
import type { LogRecord } from '../../contracts/record.ts'
import type { RecordClass } from '../../contracts/verdict.ts'
import type { ErrorReading } from '../../formats/error-reading.ts'
import type { ErrorLevel } from '../../contracts/levels.ts'
import type { Counter } from '../../telemetry/ledger.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { compileMatch, type Predicate } from './conditions.ts'
import { createLineEdit } from './line-edit.ts'
import { createSampler, traceKeys } from './sample.ts'
import { Subject, type RuleValues } from './subject.ts'

/** What a rule of the settings does with the records that it matches. */
export interface OwnRule {
  readonly name: string
  /** Route that takes them in the place of that of their class. */
  readonly route: string | undefined
  /** Routes that take them besides. */
  readonly copyTo: readonly string[]
  readonly level: ErrorLevel | undefined
  /** Changes the keys of a line of JSON, of an error or of any other record; undefined: they stay. */
  readonly editError: ((line: LogRecord) => LogRecord) | undefined
  readonly edit: ((line: LogRecord) => LogRecord) | undefined
  /** Whether the record that was matched last is left out. */
  leavesOut (): boolean
}

/**
 * Finds the first rule that matches a record, and counts it. Makes no object for an ordinary access line, unless a
 * condition is a regular expression or a network, or the value that it asks for is written with escapes.
 *
 * @param line as it will be delivered: an access line that had to be repaired is the repaired one
 * @param reading of the record, where it is of class `error`
 */
export type FindRule = (line: LogRecord, recordClass: RecordClass | 'invalid', reading: ErrorReading) => OwnRule | undefined

export interface RulesOptions {
  readonly rules: readonly RuleSettings[]
  readonly values: RuleValues
  readonly metrics: Metrics
}

interface Compiled {
  readonly when: Predicate
  readonly unless: Predicate | undefined
  readonly counter: Counter
  readonly rule: OwnRule
}

const everything: Predicate = () => true

export function createRules ({ rules, values, metrics }: RulesOptions): FindRule {
  const subject = new Subject(values)
  const keys = [...values.slotByKey.keys()]
  const traces = traceKeys.map(key => ({ slot: values.slotByKey.get(key) ?? -1, key: keys.indexOf(key) }))
    .filter(({ slot }) => slot >= 0)
  const compiled = rules.map((rule): Compiled => {
    const { name, when, unless, filter, sample, route, copyTo = [], level, add, remove, rename, mask } = rule
    const isKept = sample === undefined ? undefined : createSampler(sample, traces)
    const changes = { add, remove, rename, mask }
    const isEdit = Object.values(changes).some(change => change !== undefined)
    const editError = isEdit ? createLineEdit(changes) : undefined
    return {
      when: when === undefined ? everything : compileMatch(when, values),
      unless: unless === undefined ? undefined : compileMatch(unless, values),
      counter: metrics.counter('sluice_rule_matched_total', name),
      rule: {
        name,
        route,
        copyTo,
        level: level as ErrorLevel | undefined,
        editError,
        edit: level === undefined ? editError : createLineEdit({ ...changes, add: { level, ...add } }),
        leavesOut: () => filter === true || isKept?.(subject) === false,
      },
    }
  })
  return (line, recordClass, reading) => {
    subject.begin(line, recordClass, reading)
    for (const { when, unless, counter, rule } of compiled) {
      if (!when(subject) || unless?.(subject) === true) continue
      counter.value++
      return rule
    }
    return undefined
  }
}
