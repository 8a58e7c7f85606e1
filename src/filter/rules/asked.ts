import type { Match, RuleSettings } from '../../config/rules/read-rules.ts'
import type { AccessValue } from '../../formats/access-values.ts'
import { traceKeys } from './sample.ts'

/** The values of lines that rules ask for: the walk over a line notes no others. */
export interface AskedByRules {
  readonly values: readonly AccessValue[]
  readonly keys: readonly string[]
}

const valuesOfField: Readonly<Record<string, readonly AccessValue[]>> = {
  method: ['method', 'request'],
  path: ['path', 'request'],
  query: ['query', 'path', 'request'],
  status: ['status'],
  bytes: ['bytes'],
  duration: ['duration'],
  client: ['client'],
  agent: ['agent'],
  host: ['host'],
  referer: ['referer'],
}

export function askedByRules (rules: readonly RuleSettings[]): AskedByRules {
  const matches = rules.flatMap(({ when, unless }) => [when, unless])
    .filter((match): match is Match => match !== undefined)
  const values = matches.flatMap(match => Object.keys(match).flatMap(name => valuesOfField[name] ?? []))
  const keys = matches.flatMap(match => Object.keys(match.keys ?? {}))
  const samples = rules.some(({ sample }) => sample !== undefined) ? traceKeys : []
  return { values: [...new Set(values)], keys: [...new Set([...keys, ...samples])] }
}

// Tested in test/filter/rules/rules.test.ts
