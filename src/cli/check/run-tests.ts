import { pino } from 'pino'
import { jsonOf, membersOf } from '../../bytes/json-value.ts'
import type { Expected, RuleTest } from '../../config/rules/read-tests.ts'
import type { Config } from '../../config/settings.ts'
import { systemClock } from '../../contracts/clock.ts'
import { createRecord, stream } from '../../contracts/record.ts'
import { decodeEvent } from '../../encode/event-encoder.ts'
import { createExplainer, type Explanation } from '../explain/explainer.ts'
import { printable } from '../text.ts'

/** How one of the `tests` of the settings ended, as lines to show; the last says how many there are. */
export interface TestResult {
  readonly isOk: boolean
  readonly lines: readonly string[]
}

/** Runs the tests through the very code that the service runs, each on its own. */
export function * runTests (config: Config): Generator<TestResult> {
  let passed = 0
  for (const [index, test] of config.tests.entries()) {
    const differences = differencesOf(test, explained(config, test))
    const isOk = differences.length === 0
    if (isOk) passed++
    const head = `${isOk ? 'ok' : 'not ok'} ${index + 1} ${printable(test.name)}`
    yield { isOk, lines: [head, ...differences.map(text => `    ${printable(text)}`)] }
  }
  const { length } = config.tests
  yield { isOk: passed === length, lines: [`${passed} of ${length} ${length === 1 ? 'test passes' : 'tests pass'}`] }
}

function explained (config: Config, { line, source, container }: RuleTest): readonly Explanation[] {
  const explanations: Explanation[] = []
  const explainer = createExplainer({
    config,
    clock: systemClock,
    log: pino({ enabled: false }),
    source: 'test',
    room: { isFull: false, whenWritable: () => Promise.resolve() },
    explain: explanation => explanations.push(explanation),
  })
  for (const text of line.replace(/\n$/, '').split('\n')) {
    const bytes = Buffer.from(text)
    const timeMs = systemClock.wallMs()
    const line = { bytes, end: bytes.length, stream: stream[source], container, timeMs }
    explainer.acceptor.accept({ ...createRecord(), ...line })
  }
  explainer.flush()
  return explanations
}

/** What was expected and is not so, with a minus, and what is, with a plus. */
function differencesOf ({ expect }: RuleTest, explanations: readonly Explanation[]): string[] {
  const [explanation, ...others] = explanations
  if (explanation === undefined || others.length > 0) return ['- one record', `+ ${explanations.length} records`]
  const actual = actualOf(explanation)
  const compared: [string, unknown, unknown][] = []
  for (const name of ['class', 'rule', 'route', 'level'] as const) {
    if (expect[name] !== undefined) compared.push([name, expect[name], actual[name]])
  }
  if (expect.copyTo !== undefined) compared.push(['copyTo', list(expect.copyTo), list(actual.copyTo)])
  for (const [key, value] of Object.entries(expect.fields ?? {})) {
    compared.push([`fields.${key}`, value, Object.hasOwn(actual.fields, key) ? actual.fields[key] : null])
  }
  return compared.filter(([, expected, found]) => expected !== found)
    .flatMap(([name, expected, found]) => [`- ${name}: ${words(expected)}`, `+ ${name}: ${words(found)}`])
}

function actualOf (explanation: Explanation): Required<Expected> {
  const fields = fieldsOf(explanation)
  return {
    class: explanation.class ?? 'none',
    rule: explanation.ownRule?.name ?? 'none',
    route: explanation.route ?? 'none',
    level: explanation.fields?.level ?? fields['level'] ?? 'none',
    copyTo: explanation.copies,
    fields,
  }
}

/** Keys of the line as it is delivered, and before them what was read out of an error. */
function fieldsOf ({ fields, lines: [line = ''] }: Explanation): Record<string, string> {
  const delivered = membersOf(jsonOf(decodeEvent(line)?.message ?? line))
  return Object.fromEntries([...Object.entries(fields ?? {}), ...Object.entries(delivered)]
    .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]))
}

function list (names: readonly string[]): string {
  return names.length === 0 ? 'none' : [...names].sort().join(', ')
}

function words (value: unknown): string {
  return value === null ? 'no such key' : String(value)
}

// Tested in test/cli/check.test.ts
