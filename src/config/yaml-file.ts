import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml'
import { excerpt, type Mistake } from './mistake.ts'
import { describeScalar, listMistake, readScalar, type Given, type Reading } from './reading.ts'
import { rowsOf } from './rows.ts'
import { isGroup, type Setting, type SettingTree } from './setting.ts'
import { simplified, suggest } from './suggest.ts'
import { parseListItem, type Scalar } from './values.ts'

/** A mistake and where in the text it is, so that what follows a syntax error can be told apart. */
type Placed = Mistake & { readonly offset: number }

/**
 * Reads settings from YAML text. Never throws: whatever is wrong is in the list, all of it, in the order of the text.
 *
 * @param file name of the text in messages
 */
export function readYaml (tree: SettingTree, file: string, text: string): Reading {
  const lines = new LineCounter()
  let document: Document.Parsed
  try {
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' })
  } catch (error) {
    // The parser recurses: text that is nested some thousand levels deep ends its stack.
    const problem = error instanceof RangeError ? 'nested too deep' : `is not YAML: ${(error as Error).message}`
    return { values: new Map(), mistakes: [{ where: file, path: '', problem }], warnings: [] }
  }
  const reader = new YamlReader(tree, file, lines, document)
  reader.readRoot()
  return reader.finish()
}

class YamlReader {
  readonly #tree: SettingTree
  readonly #file: string
  readonly #lines: LineCounter
  readonly #document: Document.Parsed
  readonly #values = new Map<string, Given>()
  readonly #mistakes: Placed[] = []

  constructor (tree: SettingTree, file: string, lines: LineCounter, document: Document.Parsed) {
    this.#tree = tree
    this.#file = file
    this.#lines = lines
    this.#document = document
  }

  readRoot (): void {
    const root = this.#document.contents
    if (root !== null) this.#readGroup(root, this.#tree, '', offsetOf(root) ?? 0)
  }

  finish (): Reading {
    const syntax = this.#document.errors.map(({ code, message, pos: [offset] }) =>
      ({ offset, where: this.#where(offset), path: '', problem: syntaxProblem(code, message) }))
    const warnings = this.#document.warnings.map(({ message, pos: [offset] }) => `${this.#where(offset)}: ${message}`)
    // Behind a syntax error the parser guesses, and what it guesses would be reported as mistakes that nobody made.
    const firstOffset = Math.min(...syntax.map(({ offset }) => offset))
    const mistakes = [...this.#mistakes.filter(({ offset }) => offset < firstOffset), ...syntax]
    mistakes.sort((a, b) => a.offset - b.offset)
    return { values: this.#values, mistakes: mistakes.map(({ offset, ...mistake }) => mistake), warnings }
  }

  #readGroup (given: Node, tree: SettingTree, path: string, offset: number): void {
    const node = this.#resolved(given)
    // A group of which every line is commented out.
    if (isScalar(node) && node.value === null) return
    if (!isMap(node)) {
      this.#mistake(offset, path, `found ${describeNode(node)}`, `a mapping of settings: ${Object.keys(tree).join(', ')}`)
      return
    }
    const seen = new Map<string, number>()
    for (const pair of node.items as Pair<Node, Node | null>[]) this.#readPair(pair, tree, path, seen, offset)
  }

  #readPair (
    pair: Pair<Node, Node | null>, tree: SettingTree, parent: string, seen: Map<string, number>, parentOffset: number
  ): void {
    const offset = offsetOf(pair.key) ?? parentOffset
    const keyNode = this.#resolved(pair.key)
    const key = isScalar(keyNode) ? scalarOf(keyNode).text : undefined
    const path = parent === '' ? key ?? '' : `${parent}.${key ?? ''}`
    const row = key !== undefined && Object.hasOwn(tree, key) ? tree[key] : undefined
    if (key === undefined || row === undefined) {
      const shown = key === undefined ? 'found a key that is not a word' : `unknown setting ${excerpt(key)}`
      this.#mistake(offset, parent, shown, Object.keys(tree).join(', '), this.#meantKey(key ?? '', tree, parent))
      return
    }
    const earlier = seen.get(key)
    if (earlier !== undefined) {
      this.#mistake(offset, path, `given twice, first at ${this.#where(earlier)}`, 'one value')
      return
    }
    seen.set(key, offset)
    const value = pair.value
    const valueOffset = (value === null ? undefined : offsetOf(value)) ?? offset
    if (isGroup(row)) {
      if (value !== null) this.#readGroup(value, row.settings, path, valueOffset)
    } else {
      this.#readSetting(value, row, path, valueOffset)
    }
  }

  #readSetting (given: Node | null, setting: Setting, path: string, offset: number): void {
    const node = given === null ? undefined : this.#resolved(given)
    if (setting.type === 'list') {
      this.#readList(node, path, offset)
      return
    }
    if (node !== undefined && !isScalar(node)) {
      // No scalar is ever understood as this text is not: the words for what is allowed come from the same place.
      const outcome = readScalar(path, setting, { value: null, text: '' }, this.#where(offset))
      const allowed = outcome.kind === 'mistake' ? outcome.mistake.allowed : undefined
      this.#mistake(offset, path, `found ${describeNode(node)}`, allowed)
      return
    }
    const scalar = node === undefined ? { value: null, text: '' } : scalarOf(node)
    const outcome = readScalar(path, setting, scalar, this.#where(offset))
    if (outcome.kind === 'mistake') this.#mistakes.push({ ...outcome.mistake, offset })
    else this.#values.set(path, { value: outcome.value, origin: this.#origin(offset) })
  }

  #readList (node: Node | undefined, path: string, offset: number): void {
    if (!isSeq(node)) {
      const found = node === undefined ? 'nothing' : describeNode(node)
      this.#mistakes.push({ ...listMistake(path, this.#where(offset), `found ${found}`), offset })
      return
    }
    const items: string[] = []
    for (const item of node.items as (Node | null)[]) {
      const itemOffset = (item === null ? undefined : offsetOf(item)) ?? offset
      const itemNode = item === null ? undefined : this.#resolved(item)
      const scalar = isScalar(itemNode) ? scalarOf(itemNode) : { value: null, text: '' }
      const parsed = parseListItem(scalar)
      if (parsed.kind === 'value') items.push(scalar.text)
      else this.#mistake(itemOffset, path, `found ${itemNode === undefined ? 'nothing' : describeNode(itemNode)}`, parsed.allowed)
    }
    this.#values.set(path, { value: Object.freeze(items), origin: this.#origin(offset) })
  }

  /** What an alias stands for; an alias of nothing is a syntax error already, and counts as nothing here. */
  #resolved (node: Node): Node | undefined {
    return isAlias(node) ? node.resolve(this.#document) : node
  }

  #meantKey (key: string, tree: SettingTree, parent: string): string | undefined {
    const here = suggest(key, Object.keys(tree))
    if (here !== undefined) return parent === '' ? here : `${parent}.${here}`
    const plain = simplified(key).replace(/^sluice/, '').replaceAll('.', '')
    const paths = rowsOf(this.#tree).map(({ path }) => path)
    return paths.find(path => simplified(path).replaceAll('.', '') === plain) ??
      paths.find(path => simplified(path.slice(path.lastIndexOf('.') + 1)) === plain)
  }

  #mistake (offset: number, path: string, problem: string, allowed?: string, meant?: string): void {
    this.#mistakes.push({ offset, where: this.#where(offset), path, problem, allowed, meant })
  }

  #where (offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.#file}:${Math.max(line, 1)}:${Math.max(col, 1)}`
  }

  #origin (offset: number): string {
    return `${this.#file}:${Math.max(this.#lines.linePos(offset).line, 1)}`
  }
}

function offsetOf (node: Node): number | undefined {
  return node.range?.[0]
}

function scalarOf (node: { readonly value: unknown, readonly source?: string }): Scalar {
  const { value, source } = node
  if (typeof value === 'string') return { value, text: value }
  if (value === null) return { value, text: '' }
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  return { value: isPlain ? value : String(value), text: source ?? String(value) }
}

function describeNode (node: Node | undefined): string {
  if (isMap(node)) return 'a mapping'
  if (isSeq(node)) return 'a list'
  return isScalar(node) ? describeScalar(scalarOf(node)) : 'an alias of nothing'
}

function syntaxProblem (code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; allowed: one'
  return `is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
}
