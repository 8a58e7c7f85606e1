import { plainPattern, type Section } from './sections.ts'

/** A task of the stream processor that gives records a tag. */
export interface StreamTask {
  readonly where: string
  readonly stream: string
  readonly tag: string
  /** The tags that it takes; undefined if it takes a stream. */
  readonly fromTag: string | undefined
  readonly fromStream: string | undefined
  /** All must hold. */
  readonly conditions: readonly { readonly key: string, readonly pattern: string }[]
}

/** In place of a key: the pattern is a condition of SQL, which only a line can answer. */
export const statement = 'the statement'

/**
 * The tasks that select whole records: `CREATE STREAM … WITH (tag='…') AS SELECT * FROM TAG:'…' WHERE …`.
 *
 * Source: https://docs.fluentbit.io/manual/stream-processing/getting-started/fluent-bit-sql
 */
export function streamTasks (sections: readonly Section[]): readonly StreamTask[] {
  return sections.filter(({ name }) => name === 'STREAM_TASK').flatMap(({ entries }) =>
    entries.filter(({ key }) => key.toLowerCase() === 'exec').flatMap(({ value, where }) => taskOf(value, where) ?? []))
}

function taskOf (text: string, where: string): StreamTask | undefined {
  const [, stream = '', properties = '', kind = '', source = '', condition = ''] =
    /^CREATE\s+STREAM\s+(\S+)\s+WITH\s*\(([^)]*)\)\s*AS\s+SELECT\s+\*\s+FROM\s+(TAG|STREAM):\s*(\S+?)\s*(?:WHERE\s+(.*?))?\s*;?\s*$/is.exec(text) ?? []
  const [, tag] = /\btag\s*=\s*'([^']*)'/i.exec(properties) ?? []
  if (tag === undefined) return undefined
  const from = source.replace(/^'|'$/g, '')
  const isTag = kind.toUpperCase() === 'TAG'
  return {
    where,
    stream,
    tag,
    fromTag: isTag ? from : undefined,
    fromStream: isTag ? undefined : from,
    conditions: conditionsOf(condition),
  }
}

/** `a = 'x' AND b = 'y'`; of what is not that, only a line can tell. */
function conditionsOf (text: string): { key: string, pattern: string }[] {
  if (text === '') return []
  // Without parentheses, AND binds closer than OR.
  if (/\sAND\s/i.test(text) && /\sOR\s/i.test(text) && !text.includes('(')) return [{ key: statement, pattern: text }]
  return text.split(/\s+AND\s+/i).flatMap(each => {
    const alternatives = each.split(/\s+OR\s+/i).map(one => /^\(?\s*([\w.]+(?:\[[^\]]*\])*)\s*(!=|<>|=)\s*'([^']*)'\s*\)?$/.exec(one.trim()))
    const [first] = alternatives
    const isSimple = alternatives.every(one => one !== null && one[1] === first?.[1] && one[2] === '=')
    if (first === undefined || first === null) return [{ key: statement, pattern: each }]
    if (!isSimple) {
      const [, key = '', , value = ''] = first
      const isNegated = alternatives.length === 1 && first[2] !== '='
      return isNegated ? [{ key, pattern: `^(?!${plainPattern(value)}$)` }] : [{ key: statement, pattern: each }]
    }
    const values = alternatives.map(one => plainPattern(one?.[3] ?? ''))
    const key = first[1] ?? ''
    const before = key === 'container_name' ? '/?' : ''
    return [{ key, pattern: `^${before}${values.length === 1 ? values.join('') : `(?:${values.join('|')})`}$` }]
  })
}

// Tested in test/config/fluent-bit/flows.test.ts
