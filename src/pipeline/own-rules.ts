import type { Config } from '../config/settings.ts'
import type { LogRecord } from '../contracts/record.ts'
import { shape, type RecordClass, type Verdict } from '../contracts/verdict.ts'
import { createAccessEncoder } from '../encode/access-encoder.ts'
import { createEncodedView } from '../encode/encoded-view.ts'
import { createRules, type OwnRule } from '../filter/rules/rules.ts'
import type { ErrorReading } from '../formats/error-reading.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { AskedValues } from './asked-values.ts'
import type { Redaction } from './redaction.ts'

/** The rules of the settings, and what they change in a line. */
export interface OwnRules {
  /** The first rule that matches, counted. `line` is what was repaired, where that was needed. */
  find (line: LogRecord, recordClass: RecordClass | 'invalid', verdict: Verdict, reading: ErrorReading): OwnRule | undefined
  /** The line as the rule changes it, a view that is reused, redacted before; the line itself where nothing changes. */
  change (rule: OwnRule, line: LogRecord, recordClass: RecordClass | 'invalid', verdict: Verdict, reading: ErrorReading): LogRecord
}

export interface OwnRulesOptions {
  readonly config: Config
  readonly values: AskedValues
  readonly metrics: Metrics
  readonly redaction: Redaction | undefined
}

export function createOwnRules ({ config, values, metrics, redaction }: OwnRulesOptions): OwnRules {
  const findRule = createRules({ rules: config.rules, values, metrics })
  const jsonOf = createEncodedView(createAccessEncoder())
  // What a key says of its value is lost where the key is renamed.
  const redacted = (line: LogRecord) => redaction?.redact(line, true) ?? line

  return {
    find (line, recordClass, verdict, reading) {
      // Nothing was noted of a line that has a level of errors, though it may be JSON.
      if (verdict.shape === shape.appError) values.note(line)
      return findRule(line, recordClass, reading)
    },
    change (rule, line, recordClass, verdict, reading) {
      const isError = recordClass === 'error'
      const edit = isError ? rule.editError : rule.edit
      let changed = line
      // An access line that is no JSON becomes what it is delivered as first.
      if (edit !== undefined && verdict.access !== undefined) changed = edit(redacted(jsonOf(line, verdict)))
      else if (edit !== undefined && values.note(line)) changed = edit(redacted(line))
      if (!isError) return changed
      if (changed !== line) reading.begin(changed.bytes, changed.start, changed.end)
      if (rule.level !== undefined) reading.setLevel(rule.level)
      return changed
    },
  }
}
