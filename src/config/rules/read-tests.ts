import type { ItemNode, WrongItem } from '../setting.ts'
import { readEntries, readFields, readText, readTexts, shown } from './item-reader.ts'

/** What a record should become. What is not given is not compared. */
export interface Expected {
  readonly class?: string
  /** Name of one of `rules`; `none`. */
  readonly rule?: string
  /** Name of the route; `none` where it is filtered. */
  readonly route?: string
  readonly copyTo?: readonly string[]
  readonly level?: string
  /** Keys of the line as it is delivered, or of the error, as text; null: it has no such key. */
  readonly fields?: Readonly<Record<string, string | null>>
}

/** One test of the settings, run by `sluice check`. */
export interface RuleTest {
  readonly name: string
  /** One line, or the lines of one record. */
  readonly line: string
  readonly source: 'stdout' | 'stderr'
  readonly container: string
  readonly expect: Expected
}

/** Reads `tests`. */
export function readTests (list: ItemNode, wrong: WrongItem): readonly RuleTest[] {
  if (list.kind !== 'list') {
    wrong(list.at, 'tests', `found ${shown(list)}`, 'a list of tests')
    return []
  }
  return Object.freeze(list.items.map((node, index) => readTest(node, index, wrong)))
}

function readTest (node: ItemNode, index: number, wrong: WrongItem): RuleTest {
  const path = `tests[${index}]`
  const test: { -readonly [Key in keyof RuleTest]: RuleTest[Key] } =
    { name: `test ${index + 1}`, line: '', source: 'stdout', container: 'web', expect: {} }
  readFields(node, path, {
    name: (value, at) => { test.name = readText(value, at, wrong, 'a text') ?? test.name },
    line: (value, at) => { test.line = readText(value, at, wrong, 'the line as the container writes it') ?? '' },
    source: (value, at) => {
      const text = readText(value, at, wrong, '`stdout`, `stderr`', /^std(?:out|err)$/)
      if (text !== undefined) test.source = text === 'stdout' ? 'stdout' : 'stderr'
    },
    container: (value, at) => { test.container = readText(value, at, wrong, 'the name of a container') ?? 'web' },
    expect: (value, at) => { test.expect = readExpected(value, at, wrong) },
  }, wrong)
  if (node.kind === 'map') {
    for (const needed of ['line', 'expect']) {
      if (!node.entries.some(({ key }) => key === needed)) wrong(node.at, path, `found a test without ${needed}`, 'line and expect')
    }
  }
  return test
}

function readExpected (node: ItemNode, path: string, wrong: WrongItem): Expected {
  const expected: { -readonly [Key in keyof Expected]: Expected[Key] } = {}
  const word = (name: 'class' | 'rule' | 'route' | 'level') => (value: ItemNode, at: string) => {
    const text = readText(value, at, wrong, 'a word')
    if (text !== undefined) expected[name] = text
  }
  readFields(node, path, {
    class: word('class'),
    rule: word('rule'),
    route: word('route'),
    level: word('level'),
    copyTo: (value, at) => {
      const isNone = value.kind === 'list' && value.items.length === 0
      expected.copyTo = isNone ? [] : readTexts(value, at, wrong, 'names of routes')
    },
    fields: (value, at) => {
      expected.fields = readEntries<string | null>(value, at, wrong, (each, eachAt) => {
        if (each.kind === 'scalar') return each.value === null ? null : each.text
        wrong(each.at, eachAt, `found ${shown(each)}`, 'a text, or nothing for no such key')
        return undefined
      })
    },
  }, wrong)
  return expected
}

// Tested in test/config/rules/rules.test.ts
