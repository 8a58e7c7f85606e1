import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'
import { excerpt } from '../mistake.ts'
import { YamlSource } from '../yaml-source.ts'
import { entryOf, fillIn, type Command, type Entry, type ParsedFile, type Section, type Variables } from './sections.ts'

/** The lists of the pipeline, and of the file, whose items are sections of the classic format. */
const lists: ReadonlyMap<string, string> = new Map(Object.entries({
  inputs: 'INPUT',
  filters: 'FILTER',
  outputs: 'OUTPUT',
  parsers: 'PARSER',
  multiline_parsers: 'MULTILINE_PARSER',
  stream_processor: 'STREAM_TASK',
  customs: 'CUSTOM',
  plugins: 'PLUGINS',
  upstream_servers: 'UPSTREAM',
}))

/**
 * Reads a configuration of Fluent Bit in YAML as the sections of the classic format. Never throws.
 *
 * Source: https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml
 */
export function parseYamlForm (file: string, text: string, given: Variables): ParsedFile {
  const source = new YamlSource(file, text)
  const variables = new Map(given)
  const parts: (Section | Command)[] = []
  const resolved = (node: Node | null) => node === null ? undefined : source.resolved(node)
  const whereOf = (node: Node | null) => source.origin({ start: node?.range?.[0] ?? 0 })

  /** The characters as they are written: `on` and `10M` mean what they mean to Fluent Bit. */
  function textOf (given: Node | null): string {
    const node = resolved(given)
    if (!isScalar(node)) return ''
    // The plugin of that name: `name: null`.
    if (node.value === null) return node.source ?? ''
    return typeof node.value === 'string' ? node.value : node.source ?? String(node.value)
  }

  const filledIn = (node: Node | null) => fillIn(textOf(node), variables).text

  function pairsOf (given: Node | null): { key: string, value: Node | null, where: string }[] {
    const node = resolved(given)
    const pairs = isMap(node) ? node.items as Pair<Node, Node | null>[] : []
    return pairs.map(({ key, value }) => ({ key: textOf(key), value, where: whereOf(key) }))
  }

  function itemsOf (given: Node | null): (Node | null)[] {
    const node = resolved(given)
    if (isSeq(node)) return node.items as (Node | null)[]
    return isMap(node) ? [node] : []
  }

  /** A list is one line for each item. Processors are lines that name their kind. */
  function entriesOf (node: Node | null): Entry[] {
    return pairsOf(node).flatMap(({ key, value, where }): Entry[] => {
      const found = resolved(value)
      if (key === 'processors') return processorsOf(value)
      if (isSeq(found)) return itemsOf(value).map(item => entryOf(key, textOf(item), whereOf(item), variables))
      if (isMap(found)) return entriesOf(value).map(entry => ({ ...entry, key: `${key}.${entry.key}` }))
      return [entryOf(key, textOf(value), where, variables)]
    })
  }

  function processorsOf (node: Node | null): Entry[] {
    return pairsOf(node).flatMap(({ value }) => itemsOf(value)).map(item => {
      const words = entriesOf(item).map(({ key, value }) => key === 'name' ? value : `${key} ${value}`)
      return { key: 'processors', value: words.join(' '), where: whereOf(item) }
    })
  }

  function readPart (key: string, value: Node | null, where: string): void {
    const name = lists.get(key)
    if (key === 'env') return
    if (key === 'pipeline') {
      for (const part of pairsOf(value)) readPart(part.key, part.value, part.where)
    } else if (key === 'service') {
      parts.push({ name: 'SERVICE', where, entries: entriesOf(value) })
    } else if (key === 'includes') {
      for (const item of itemsOf(value)) parts.push({ kind: 'include', path: filledIn(item), where: whereOf(item) })
    } else if (name === undefined) {
      parts.push({ kind: 'unknown', text: excerpt(key), where })
    } else {
      for (const item of itemsOf(value)) parts.push({ name, where: whereOf(item), entries: entriesOf(item) })
    }
  }

  const [mistake] = source.syntaxMistakes
  if (mistake !== undefined) parts.push({ kind: 'unknown', text: mistake.problem, where: source.origin(mistake.span) })
  const root = pairsOf(source.root)
  // Variables hold in the whole file, wherever it sets them.
  const environment = root.filter(({ key }) => key === 'env').flatMap(({ value }) => itemsOf(value))
  for (const { key, value } of environment.flatMap(pairsOf)) {
    variables.set(key, { value: filledIn(value), isOwn: true })
  }
  for (const { key, value, where } of root) readPart(key, value, where)
  return { parts, variables }
}
