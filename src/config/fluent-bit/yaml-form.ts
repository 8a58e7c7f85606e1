import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml'
import { excerpt } from '../mistake.ts'
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
export function parseYamlForm (file: string, text: string, variables: Variables): ParsedFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' })
  return new YamlForm(file, lines, document, variables).read()
}

class YamlForm {
  readonly #file: string
  readonly #lines: LineCounter
  readonly #document: Document.Parsed
  readonly #variables: Map<string, { readonly value: string, readonly isOwn: boolean }>
  readonly #parts: (Section | Command)[] = []

  constructor (file: string, lines: LineCounter, document: Document.Parsed, variables: Variables) {
    this.#file = file
    this.#lines = lines
    this.#document = document
    this.#variables = new Map(variables)
  }

  read (): ParsedFile {
    const [error] = this.#document.errors
    if (error !== undefined) {
      const text = `is not YAML: ${error.message.split('\n')[0] ?? ''}`
      this.#parts.push({ kind: 'unknown', text, where: `${this.#file}:${this.#lines.linePos(error.pos[0]).line}` })
    }
    const root = this.#pairs(this.#document.contents)
    // Variables hold in the whole file, wherever it sets them.
    for (const { key, value } of root) if (key === 'env') this.#readEnv(value)
    for (const { key, value, where } of root) this.#readPart(key, value, where)
    return { parts: this.#parts, variables: this.#variables }
  }

  #readEnv (node: Node | null): void {
    const values = this.#items(node).flatMap(item => this.#pairs(item))
    for (const { key, value } of values) {
      this.#variables.set(key, { value: fillIn(this.#text(value), this.#variables).text, isOwn: true })
    }
  }

  #readPart (key: string, value: Node | null, where: string): void {
    const name = lists.get(key)
    if (key === 'env') return
    if (key === 'pipeline') {
      for (const part of this.#pairs(value)) this.#readPart(part.key, part.value, part.where)
    } else if (key === 'service') {
      this.#parts.push({ name: 'SERVICE', where, entries: this.#entries(value) })
    } else if (key === 'includes') {
      for (const item of this.#items(value)) {
        this.#parts.push({ kind: 'include', path: fillIn(this.#text(item), this.#variables).text, where: this.#where(item) })
      }
    } else if (name === undefined) {
      this.#parts.push({ kind: 'unknown', text: excerpt(key), where })
    } else {
      for (const item of this.#items(value)) {
        this.#parts.push({ name, where: this.#where(item), entries: this.#entries(item) })
      }
    }
  }

  /** A list is one line for each item. Processors are lines that name their kind. */
  #entries (node: Node | null): Entry[] {
    return this.#pairs(node).flatMap(({ key, value, where }): Entry[] => {
      const found = this.#resolved(value)
      if (key === 'processors') return this.#processors(value)
      if (isSeq(found)) return this.#items(value).map(item => this.#entry(key, item, this.#where(item)))
      if (isMap(found)) return this.#entries(value).map(entry => ({ ...entry, key: `${key}.${entry.key}` }))
      return [this.#entry(key, value, where)]
    })
  }

  #processors (node: Node | null): Entry[] {
    return this.#pairs(node).flatMap(({ value }) => this.#items(value)).map(item => {
      const words = this.#entries(item).map(({ key, value }) => key === 'name' ? value : `${key} ${value}`)
      return { key: 'processors', value: words.join(' '), where: this.#where(item) }
    })
  }

  #entry (key: string, node: Node | null, where: string): Entry {
    return entryOf(key, this.#text(node), where, this.#variables)
  }

  #pairs (given: Node | null): { readonly key: string, readonly value: Node | null, readonly where: string }[] {
    const node = this.#resolved(given)
    if (!isMap(node)) return []
    const pairs = node.items as Pair<Node, Node | null>[]
    return pairs.map(({ key, value }) => ({ key: this.#text(key), value, where: this.#where(key) }))
  }

  #items (given: Node | null): (Node | null)[] {
    const node = this.#resolved(given)
    if (isSeq(node)) return node.items as (Node | null)[]
    return isMap(node) ? [node] : []
  }

  #resolved (node: Node | null): Node | undefined {
    return isAlias(node) ? node.resolve(this.#document) : node ?? undefined
  }

  /** The characters as they are written: `on` and `10M` mean what they mean to Fluent Bit. */
  #text (given: Node | null): string {
    const node = this.#resolved(given)
    if (!isScalar(node)) return ''
    // The plugin of that name: `name: null`.
    if (node.value === null) return node.source ?? ''
    return typeof node.value === 'string' ? node.value : node.source ?? String(node.value)
  }

  #where (node: Node | null): string {
    return `${this.#file}:${Math.max(1, this.#lines.linePos(node?.range?.[0] ?? 0).line)}`
  }
}
