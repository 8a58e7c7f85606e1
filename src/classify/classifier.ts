import { anyHint } from '../contracts/hints.ts'
import { stream, type LogRecord } from '../contracts/record.ts'
import { shape, type AccessFields, type Rule, type Shape, type Verdict } from '../contracts/verdict.ts'
import { notePlainFields } from '../formats/access-values.ts'
import type { Counter } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { ErrorLevel } from '../contracts/levels.ts'
import { createAppErrors } from './app-errors.ts'
import { createErrorShape, createLineShape, type LineShapeOptions } from './line-shape.ts'
import { standardRules, type RuleDefinition } from './rules.ts'

export interface ClassifierOptions extends Omit<LineShapeOptions, 'isAppError'> {
  readonly rules?: readonly RuleDefinition[]
  /** The level from which lines of standard output are errors; unless given, none is. */
  readonly errorsFrom?: ErrorLevel | undefined
  readonly metrics: Metrics
}

export interface Classifier {
  /** Every rule that a verdict may name, in order. */
  readonly rules: readonly Rule[]
  /**
   * Finds the first rule that matches, or takes `given`, that of the parts before this one, and counts it. Walks the
   * line once, allocates nothing, keeps no reference.
   *
   * @returns always the same object, about this record until the next call
   */
  classify (record: LogRecord, given?: Rule): Verdict
}

/**
 * Rules look only at the stream and at the shape of the line, so the ordered list becomes a table with one cell for
 * each pair of the two.
 *
 * @throws TypeError when the rules leave a record without a class
 */
export function createClassifier (options: ClassifierOptions): Classifier {
  const definitions = options.rules ?? standardRules
  const rules = definitions.map(({ name, class: recordClass }): Rule => Object.freeze({ name, class: recordClass }))
  const counters: Counter[] = rules.map(rule => {
    return options.metrics.counter('sluice_classified_total', rule.class ?? 'filtered', rule.name)
  })
  const shapes = Object.values(shape)
  const streams = Object.values(stream)
  const ruleIndexes = new Uint16Array(streams.length * shapes.length)
  for (const eachStream of streams) {
    for (const eachShape of shapes) {
      const index = definitions.findIndex(rule =>
        (rule.streams?.includes(eachStream) ?? true) && (rule.shapes?.includes(eachShape) ?? true))
      if (index < 0) throw new TypeError('the last rule must match every record')
      ruleIndexes[eachStream * shapes.length + eachShape] = index
    }
  }
  const { errorsFrom, watch } = options
  const lines = createLineShape(options)
  const outputLines = errorsFrom === undefined
    ? lines
    : createLineShape({ ...options, isAppError: createAppErrors(errorsFrom) })
  const errorLines = createErrorShape(options)
  const places = options.values?.places
  const verdict = {
    places,
    rule: rules[0] as Rule,
    shape: shape.empty as Shape,
    isJsonLine: false,
    hints: anyHint as number,
    access: undefined as AccessFields | undefined,
  }

  return {
    rules,
    classify ({ stream: from, bytes, start, end }, given) {
      const reader = from === stream.stderr ? errorLines : from === stream.stdout ? outputLines : lines
      const found = reader.shapeOf(bytes, start, end)
      const index = given === undefined ? ruleIndexes[from * shapes.length + found] as number : rules.indexOf(given)
      const counter = counters[index] as Counter
      counter.value++
      verdict.rule = rules[index] as Rule
      verdict.shape = found
      verdict.isJsonLine = found === shape.access || found === shape.json
      verdict.hints = verdict.isJsonLine && watch !== undefined ? watch.hints : anyHint
      verdict.access = found === shape.plainAccess ? reader.access : undefined
      if (places !== undefined && !verdict.isJsonLine) {
        if (verdict.access === undefined) places.clear()
        else notePlainFields(verdict.access, bytes, places)
      }
      return verdict
    },
  }
}
