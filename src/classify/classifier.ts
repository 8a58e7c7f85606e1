import { stream, type LogRecord } from '../contracts/record.ts'
import type { Counter } from '../telemetry/ledger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createErrorShape, createLineShape, shape, type AccessFormat, type AccessKeys, type Shape } from './line-shape.ts'
import { standardRules, type RecordClass, type RuleDefinition } from './rules.ts'

/** The outcome of classifying: one frozen object for each rule, so it may be compared and used as a key. */
export interface Rule {
  readonly name: string
  /** undefined: the record is filtered. */
  readonly class: RecordClass | undefined
  /** Every line it matches is one line of strict JSON: it may go into an object byte for byte. */
  readonly isJsonLine: boolean
}

export interface ClassifierOptions extends AccessKeys {
  readonly format: AccessFormat
  readonly rules?: readonly RuleDefinition[]
  readonly metrics: Metrics
}

export interface Classifier {
  /** Every rule that `classify` may return, in order. */
  readonly rules: readonly Rule[]
  /** The first rule that matches, counted. Allocates nothing; does not keep the record. */
  classify (record: LogRecord): Rule
}

/**
 * Rules look only at the stream and at the shape of the line, so the ordered list becomes a table with one cell for
 * each pair of the two, and a line is looked at only when its stream leaves more than one rule.
 *
 * @throws TypeError when the rules leave a record without a class
 */
export function createClassifier (options: ClassifierOptions): Classifier {
  const definitions = options.rules ?? standardRules
  const rules = definitions.map(ruleOf)
  const counters: Counter[] = rules.map(rule => {
    return options.metrics.counter('sluice_classified_total', rule.class ?? 'filtered', rule.name)
  })
  const shapes = Object.values(shape)
  const streams = Object.values(stream)
  const ruleIndexes = new Uint16Array(streams.length * shapes.length)
  const needsShape = new Uint8Array(streams.length)
  for (const eachStream of streams) {
    const indexes = new Set<number>()
    for (const eachShape of shapes) {
      const index = definitions.findIndex(rule =>
        (rule.streams?.includes(eachStream) ?? true) && (rule.shapes?.includes(eachShape) ?? true))
      if (index < 0) throw new TypeError('the last rule must match every record')
      ruleIndexes[eachStream * shapes.length + eachShape] = index
      if (eachShape !== shape.empty) indexes.add(index)
    }
    needsShape[eachStream] = indexes.size > 1 ? 1 : 0
  }
  const shapeOf = createLineShape(options)
  const errorShapeOf = createErrorShape(options)

  return {
    rules,
    classify (record) {
      let lineShape: Shape = record.start >= record.end ? shape.empty : shape.text
      if (lineShape !== shape.empty && needsShape[record.stream] === 1) {
        lineShape = record.stream === stream.stderr
          ? errorShapeOf(record.bytes, record.start, record.end)
          : shapeOf(record.bytes, record.start, record.end)
      }
      const index = ruleIndexes[record.stream * shapes.length + lineShape] as number
      const counter = counters[index] as Counter
      counter.value++
      return rules[index] as Rule
    },
  }
}

function ruleOf ({ name, class: recordClass, shapes }: RuleDefinition): Rule {
  const isJson = (each: Shape) => each === shape.access || each === shape.json
  return Object.freeze({ name, class: recordClass, isJsonLine: shapes !== undefined && shapes.every(isJson) })
}
