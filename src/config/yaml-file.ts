import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node, type Pair } from 'yaml'
import { allowedOf } from './allowed.ts'
import { excerpt, type Mistake } from './mistake.ts'
import { describeScalar, readList, readScalar, type Given, type Reading } from './reading.ts'
import type { Environment } from './environment.ts'
import { rowsOf, settingAt } from './rows.ts'
import { isGroup, isItems, isKeyed, type ItemNode, type ListSetting, type Setting, type SettingGroup, type SettingItems, type SettingMap, type SettingRow, type SettingTree } from './setting.ts'
import { simplified, suggest } from './suggest.ts'
import { formatSize } from './units.ts'
import { expandVariables, unsetWarning, unsetWords } from './variables.ts'
import type { Scalar } from './values.ts'

/** A part of the text; offsets in UTF-16 units. */
interface Span { readonly start: number, readonly end: number }

/** A mistake and its place in the text. Mistakes behind a syntax error are left out. */
type Placed = Mistake & { readonly span: Span }

/** What the keys of a mapping may be: settings of the table, or names that an operator chooses. */
interface Keys {
  readonly what: string
  readonly one: string
  /** The keys, if they are known. */
  readonly words: readonly string[]
  readonly allowed: string
  rowOf (key: string): SettingRow | undefined
}

function settingKeys (tree: SettingTree): Keys {
  const words = Object.keys(tree)
  const rowOf = (key: string) => Object.hasOwn(tree, key) ? tree[key] : undefined
  return { what: 'settings', one: 'setting', words, allowed: words.join(', '), rowOf }
}

function keysOf (row: SettingGroup | SettingMap): Keys {
  if (!isGroup(row)) return nameKeys(row)
  const { settings, others } = row
  const own = settingKeys(settings)
  if (others === undefined) return own
  const names = nameKeys(others)
  return { ...own, allowed: `${own.allowed}, or ${names.allowed}`, rowOf: key => own.rowOf(key) ?? names.rowOf(key) }
}

function nameKeys ({ doc, keys: { pattern, allowed }, each }: SettingMap): Keys {
  const entry = { doc, settings: each }
  return { what: 'names', one: 'name', words: [], allowed, rowOf: key => pattern.test(key) ? entry : undefined }
}

/**
 * Reads settings from YAML text. Never throws: all mistakes are in the list, in the order of the text. A value that
 * names a variable (`${NAME}`) which is not set counts as not set, with a warning.
 *
 * @param file name of the text in messages
 */
export function readYaml (tree: SettingTree, file: string, text: string, env: Environment = {}): Reading {
  const unread = unreadable(text)
  if (unread !== undefined) return { values: new Map(), mistakes: [{ where: `${file}:1:1`, path: '', ...unread }], warnings: [] }
  const lines = new LineCounter()
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' } as const
  const reader = new YamlReader({ tree, file, env, lines, document: parseDocument(text, options) })
  reader.readRoot()
  return reader.finish()
}

/** Far more than a configuration has. Reading it would take seconds, and what is as large is something else. */
const maxLength = 1024 * 1024

/** Why a text is not even looked at. */
function unreadable (text: string): Pick<Mistake, 'problem' | 'allowed'> | undefined {
  if (text.length > maxLength) return { problem: `found ${formatSize(text.length)}`, allowed: `up to ${formatSize(maxLength)}` }
  return text.includes('\0') ? { problem: 'is no text', allowed: 'YAML in UTF-8' } : undefined
}

interface YamlText {
  readonly tree: SettingTree
  readonly file: string
  readonly env: Environment
  readonly lines: LineCounter
  readonly document: Document.Parsed
}

class YamlReader {
  readonly #tree: SettingTree
  readonly #file: string
  readonly #env: Environment
  readonly #lines: LineCounter
  readonly #document: Document.Parsed
  readonly #values = new Map<string, Given>()
  readonly #mistakes: Placed[] = []
  readonly #warnings: string[] = []
  /** Values of the list that is being read, each as often as an alias stands for it. */
  #itemCount = 0
  /** Places of values that are nothing since a variable is not set: that is said, and nothing else of them. */
  readonly #unsetAt = new Set<number>()
  /** The place of each key, by its path. */
  readonly #seen = new Map<string, Span>()
  /** The path of each setting, by its former paths. */
  readonly #aliases: ReadonlyMap<string, string>

  constructor ({ tree, file, env, lines, document }: YamlText) {
    this.#tree = tree
    this.#file = file
    this.#env = env
    this.#lines = lines
    this.#document = document
    this.#aliases = new Map(rowsOf(tree).flatMap(({ path, aliases }) => aliases.map(alias => [alias, path])))
  }

  readRoot (): void {
    const root = this.#document.contents
    if (root !== null) this.#readGroup(root, settingKeys(this.#tree), '', spanOf(root) ?? { start: 0, end: 0 })
  }

  finish (): Reading {
    const syntax = this.#syntaxMistakes()
    const doubts = this.#document.warnings.map(({ message, pos: [start] }) => `${this.#where(start)}: ${message}`)
    const warnings = [...doubts, ...this.#warnings]
    // Behind a syntax error the parser guesses, so mistakes there may not be in the text at all.
    const firstError = syntax[0]?.span.start ?? Infinity
    const mistakes = [...this.#mistakes.filter(({ span }) => span.end < firstError), ...syntax]
    return { values: this.#values, mistakes: mistakes.map(({ span, ...mistake }) => mistake), warnings }
  }

  /** The first of each line, since the others often follow from it. */
  #syntaxMistakes (): Placed[] {
    const byLine = new Map<number, Placed>()
    for (const { code, message, pos: [start, end] } of this.#document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])) {
      const { line } = this.#lines.linePos(start)
      if (byLine.has(line)) continue
      byLine.set(line, { span: { start, end }, where: this.#where(start), path: '', problem: syntaxProblem(code, message) })
    }
    return [...byLine.values()]
  }

  #readGroup (given: Node, keys: Keys, path: string, span: Span): void {
    const node = this.#resolved(given)
    // In this group every line is commented out.
    if (isScalar(node) && node.value === null) return
    if (!isMap(node)) {
      this.#mistake(span, path, `found ${describeNode(node)}`, `a mapping of ${keys.what}: ${keys.allowed}`)
      return
    }
    for (const pair of node.items as Pair<Node, Node | null>[]) this.#readPair(pair, keys, path, span)
  }

  #readPair (pair: Pair<Node, Node | null>, keys: Keys, parent: string, parentSpan: Span): void {
    const span = spanOf(pair.key) ?? parentSpan
    const keyNode = this.#resolved(pair.key)
    const key = isScalar(keyNode) ? scalarOf(keyNode).text : undefined
    const given = parent === '' ? key ?? '' : `${parent}.${key ?? ''}`
    // A former name is a key in its group, not one key with a dot.
    const now = key?.includes('.') === true ? undefined : this.#aliases.get(given)
    const path = now ?? given
    const row = key === undefined ? undefined : now === undefined ? keys.rowOf(key) : settingAt(this.#tree, now)
    if (key === undefined || row === undefined) {
      const shown = key === undefined ? 'found a key that is not a word' : `unknown ${keys.one} ${excerpt(key)}`
      this.#mistake(span, parent, shown, keys.allowed, this.#meantKey(key ?? '', keys, parent))
      return
    }
    if (path !== given) this.#warnings.push(`${this.#where(span.start)}: ${given} is now called ${path}`)
    const earlier = this.#seen.get(path)
    if (earlier !== undefined) {
      this.#mistake(span, path, `given twice, first at ${this.#where(earlier.start)}`, 'one value')
      return
    }
    this.#seen.set(path, span)
    const value = pair.value
    const valueSpan = (value === null ? undefined : spanOf(value)) ?? span
    if (isItems(row)) this.#readItems(value, row, path, valueSpan)
    else if (!isGroup(row) && !isKeyed(row)) this.#readSetting(value, row, path, valueSpan)
    else if (value !== null) this.#readGroup(value, keysOf(row), path, valueSpan)
  }

  #readSetting (given: Node | null, setting: Setting, path: string, span: Span): void {
    const node = given === null ? undefined : this.#resolved(given)
    if (setting.type === 'list') {
      this.#readList(node, setting, path, span)
      return
    }
    if (node !== undefined && !isScalar(node)) {
      this.#mistake(span, path, `found ${describeNode(node)}`, allowedOf(setting))
      return
    }
    const scalar = node === undefined ? nothing : this.#expanded(scalarOf(node), path, span)
    if (scalar === undefined) return
    const outcome = readScalar(path, setting, scalar, this.#where(span.start))
    if (outcome.kind === 'mistake') {
      this.#mistakes.push({ ...outcome.mistake, span })
      return
    }
    this.#warnings.push(...outcome.warnings)
    this.#values.set(path, { value: outcome.value, origin: this.#origin(span), where: this.#where(span.start) })
  }

  #readList (node: Node | undefined, setting: ListSetting, path: string, span: Span): void {
    if (!isSeq(node)) {
      this.#mistake(span, path, `found ${describeNode(node)}`, allowedOf(setting))
      return
    }
    const { value, mistakes, warnings } = readList(path, setting, (node.items as (Node | null)[]).flatMap(given => {
      const item = given === null ? undefined : this.#resolved(given)
      const itemSpan = (given === null ? undefined : spanOf(given)) ?? span
      const scalar = isScalar(item) ? this.#expanded(scalarOf(item), path, itemSpan) : nothing
      if (scalar === undefined) return []
      return [{ scalar, shown: describeNode(item), where: this.#where(itemSpan.start), span: itemSpan }]
    }))
    this.#mistakes.push(...mistakes.map(({ item, mistake }) => ({ ...mistake, span: item.span })))
    this.#warnings.push(...warnings)
    this.#values.set(path, { value, origin: this.#origin(span), where: this.#where(span.start) })
  }

  #readItems (given: Node | null, row: SettingItems, path: string, span: Span): void {
    this.#itemCount = 0
    const list = this.#itemNode(given, path, span, 0)
    if (this.#itemCount > maxItemCount) {
      this.#mistake(span, path, 'holds too much, aliases included', `up to ${maxItemCount} values`)
      return
    }
    if (list.kind === 'scalar' && list.value === null) return
    const value = row.readItems(list, ({ start, end }, itemPath, problem, allowed, meant) =>
      this.#mistake({ start, end }, itemPath, problem, allowed, meant), (at, itemPath, text) => {
      this.#values.set(itemPath, { value: text, origin: this.#origin(at), where: at.where })
    })
    this.#values.set(path, { value, origin: this.#origin(span), where: this.#where(span.start) })
  }

  /** The node with its places. What lies too deep, as an alias of its own list does, is nothing. */
  #itemNode (given: Node | null, path: string, parent: Span, depth: number): ItemNode {
    const span = (given === null ? undefined : spanOf(given)) ?? parent
    const at = { ...span, where: this.#where(span.start) }
    const isTooMuch = depth > maxItemDepth || ++this.#itemCount > maxItemCount
    const node = given === null || isTooMuch ? undefined : this.#resolved(given)
    if (isSeq(node)) {
      const items = (node.items as (Node | null)[]).map(item => this.#itemNode(item, path, span, depth + 1))
      return { kind: 'list', items, at }
    }
    if (isMap(node)) {
      const entries = (node.items as Pair<Node, Node | null>[]).map(({ key, value }) => {
        const keySpan = spanOf(key) ?? span
        const keyNode = this.#resolved(key)
        return {
          key: isScalar(keyNode) ? scalarOf(keyNode).text : '',
          keyAt: { ...keySpan, where: this.#where(keySpan.start) },
          value: this.#itemNode(value, path, keySpan, depth + 1),
        }
      })
      return { kind: 'map', entries, at }
    }
    const scalar = isScalar(node) ? this.#itemScalar(scalarOf(node), path, span) : nothing
    return { kind: 'scalar', ...scalar, at }
  }

  /** A rule without a value that it asks for would be another rule: a variable that is not set is a mistake here. */
  #itemScalar (scalar: Scalar, path: string, span: Span): Scalar {
    if (typeof scalar.value !== 'string') return scalar
    const { text, unset } = expandVariables(scalar.text, this.#env)
    if (unset.length === 0) return text === scalar.text ? scalar : { value: text, text }
    this.#mistake(span, path, unsetWords(unset), 'a variable that is set, or one with a default (`:-`)')
    this.#unsetAt.add(span.start)
    return nothing
  }

  /** The value with its variables filled in. undefined, with a warning, if one of them is not set. */
  #expanded (scalar: Scalar, path: string, { start }: Span): Scalar | undefined {
    if (typeof scalar.value !== 'string') return scalar
    const { text, unset } = expandVariables(scalar.text, this.#env)
    if (unset.length === 0) return text === scalar.text ? scalar : { value: text, text }
    this.#warnings.push(unsetWarning(this.#where(start), path, unset))
    return undefined
  }

  /** The node that a YAML alias stands for. An alias of nothing is a syntax error already. */
  #resolved (node: Node): Node | undefined {
    return isAlias(node) ? node.resolve(this.#document) : node
  }

  #meantKey (key: string, { words }: Keys, parent: string): string | undefined {
    const here = suggest(key, words)
    if (here !== undefined) return parent === '' ? here : `${parent}.${here}`
    const plain = simplified(key).replace(/^sluice/, '').replaceAll('.', '')
    const paths = rowsOf(this.#tree).map(({ path }) => path)
    return paths.find(path => simplified(path).replaceAll('.', '') === plain) ??
      paths.find(path => simplified(path.slice(path.lastIndexOf('.') + 1)) === plain)
  }

  #mistake (span: Span, path: string, problem: string, allowed?: string, meant?: string): void {
    if (this.#unsetAt.has(span.start)) return
    this.#mistakes.push({ span, where: this.#where(span.start), path, problem, allowed, meant })
  }

  #where (offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.#file}:${Math.max(line, 1)}:${Math.max(col, 1)}`
  }

  #origin ({ start }: Span): string {
    return `${this.#file}:${Math.max(this.#lines.linePos(start).line, 1)}`
  }
}

/** More than 200 rules and their tests have. Aliases of aliases can stand for any number. */
const maxItemCount = 20_000

/** Deeper than any item is meant to be. */
const maxItemDepth = 6

const nothing: Scalar = { value: null, text: '' }

function spanOf (node: Node): Span | undefined {
  return node.range === null || node.range === undefined ? undefined : { start: node.range[0], end: node.range[1] }
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
  return describeScalar(isScalar(node) ? scalarOf(node) : nothing)
}

function syntaxProblem (code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; allowed: one'
  return `is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
}
