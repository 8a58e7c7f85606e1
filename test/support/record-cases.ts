import t from 'tap'
import { explainJson, type ExplainedRecord } from '../cli/explain/world.ts'

export interface Expected {
  readonly source: 'stdout' | 'stderr'
  readonly env?: Readonly<Record<string, string>>
  /** In the order of their first lines. null: must not be there; what is left out may be anything. */
  readonly records: readonly Readonly<Record<string, unknown>>[]
}

/** Where what was found is not what was expected. */
function differences (found: unknown, expected: unknown, at: string): readonly string[] {
  if (expected === null) return found === undefined ? [] : [`${at} is ${JSON.stringify(found)}, expected none`]
  if (typeof expected !== 'object' || Array.isArray(expected)) {
    const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
    return is === should ? [] : [`${at} is ${is}, expected ${should}`]
  }
  return Object.entries(expected as object).flatMap(([key, value]) =>
    differences((found as Readonly<Record<string, unknown>> | undefined)?.[key], value, `${at} ${key}`))
}

export async function explained (input: string, { source, env = {} }: Omit<Expected, 'records'>): Promise<readonly ExplainedRecord[]> {
  const records = await explainJson({ argv: ['--source', source, '-'], input, env })
  return records.toSorted((a, b) => (a.lines[0] ?? 0) - (b.lines[0] ?? 0))
}

export async function mistakes (input: string, expected: Expected): Promise<readonly string[]> {
  const found = await explained(input, expected)
  const linesOf = (records: readonly { readonly lines?: unknown }[]) => records.map(({ lines }) => JSON.stringify(lines)).join(' ')
  if (linesOf(found) !== linesOf(expected.records)) return [`records are ${linesOf(found)}, expected ${linesOf(expected.records)}`]
  return expected.records.flatMap((record, index) => differences(found[index], record, `line ${found[index]?.lines[0]}`))
}

/** Lines, and what becomes of them: the numbers of each record's lines, its class, level, filter and fields. */
export type Case = readonly [name: string, lines: readonly string[], records: Expected['records'], env?: Expected['env'], source?: 'stdout']

export function testCases (title: string, cases: readonly Case[]): void {
  t.test(title, async t => {
    for (const [name, lines, records, env = {}, source = 'stderr'] of cases) {
      t.same(await mistakes(`${lines.join('\n')}\n`, { source, env, records }), [], name)
    }
  })
}

const json = { SLUICE_ERROR_FORMAT: 'json' }

/** One line, and what its fields are. */
export const fieldsOf = (
  name: string, line: string, level: string | null, fields: Readonly<Record<string, unknown>>
): Case =>
  [name, line.split('\n'), [{ lines: line.split('\n').map((_, index) => index + 1), class: 'error', level, fields }], json]

export const apache = (module: string, rest: string) => `[Mon Nov 23 19:36:29.437756 2026] [${module}] [pid 1:tid 1] ${rest}`
