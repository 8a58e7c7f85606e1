import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'
import { allowedOf } from './allowed.ts'
import { excerpt, type Mistake } from './mistake.ts'
import { readList, readScalar, type Given, type Reading } from './reading.ts'
import type { Environment } from './environment.ts'
import { ofFluentBit } from './fluent-bit/names.ts'
import { rowsOf, settingAt } from './rows.ts'
import { isGroup, isItems, isKeyed, type ListSetting, type Setting, type SettingGroup, type SettingItems, type SettingMap, type SettingRow, type SettingTree, type SettingValue } from './setting.ts'
import { simplified, suggest } from './suggest.ts'
import { formatSize } from './units.ts'
import { expandVariables, meantVariable, unsetWarning, unsetWords } from './variables.ts'
import type { Scalar } from './values.ts'
import { maxItemCount, readItemNode } from './yaml-items.ts'
import { nestedYaml } from './yaml-text.ts'
import { describeNode, noKey, nothing, scalarOf, spanOf, YamlSource, type Placed, type Span } from './yaml-source.ts'

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
  return readSource(tree, new YamlSource(file, text), env)
}

/** Far more than a configuration has. Reading it would take seconds, and what is as large is something else. */
const maxLength = 1024 * 1024

/** Why a text is not even looked at. */
function unreadable (text: string): Pick<Mistake, 'problem' | 'allowed'> | undefined {
  if (text.length > maxLength) return { problem: `found ${formatSize(text.length)}`, allowed: `up to ${formatSize(maxLength)}` }
  if (isOfFluentBit(text)) return { problem: 'is a configuration of Fluent Bit, of which `sluice migrate FILE` makes YAML of Sluice' }
  return text.includes('\0') ? { problem: 'is no text', allowed: 'YAML in UTF-8' } : undefined
}

function isOfFluentBit (text: string): boolean {
  const first = text.split('\n').find(line => /^\s*[^\s#@]/.test(line)) ?? ''
  return /^\s*\[(?:service|input|parser|multiline_parser|filter|output)\]\s*$/i.test(first) || /^pipeline:/m.test(text)
}

function readSource (tree: SettingTree, source: YamlSource, env: Environment): Reading {
  const values = new Map<string, Given>()
  const mistakes: Placed[] = []
  const warnings: string[] = []
  /** Places of values that are nothing since a variable is not set: that is said, and nothing else of them. */
  const unsetAt = new Set<number>()
  /** The place of each key, by its path. */
  const seen = new Map<string, Span>()
  /** The path of each setting, by its former paths. */
  const pathByAlias = new Map(rowsOf(tree).flatMap(({ path, aliases }) => aliases.map(alias => [alias, path])))
  const secretPaths = rowsOf(tree).filter(({ setting }) => setting.secret === true).map(({ path }) => path)
  /** The group without a value that was read last: keys behind it may be its own, without the spaces before them. */
  let emptyGroup = ''
  /** Places of values of secrets. */
  const secretAt = new Set<number>()

  function readGroup (given: Node, keys: Keys, path: string, span: Span): void {
    const node = source.resolved(given)
    // In this group every line is commented out.
    if (isScalar(node) && node.value === null) return
    if (!isMap(node)) {
      // What stands in the place of a secret's group, or of all, may be one.
      const holdsSecret = secretPaths.some(secret => path === '' || secret.startsWith(`${path}.`))
      const isText = path === '' && isScalar(node)
      const found = isText ? `a text: ${noKey(scalarOf(node).text)}` : holdsSecret && isScalar(node) ? 'a text' : describeNode(node)
      wrong(span, path, `found ${found}`, isText ? undefined : `a mapping of ${keys.what}: ${keys.allowed}`)
      return
    }
    for (const pair of node.items as Pair<Node, Node | null>[]) readPair(pair, keys, path, span)
  }

  function readPair (pair: Pair<Node, Node | null>, keys: Keys, parent: string, parentSpan: Span): void {
    const span = spanOf(pair.key) ?? parentSpan
    const keyNode = source.resolved(pair.key)
    const key = isScalar(keyNode) ? scalarOf(keyNode).text : undefined
    const given = parent === '' ? key ?? '' : `${parent}.${key ?? ''}`
    // A former name is a key in its group, not one key with a dot.
    const now = key?.includes('.') === true ? undefined : pathByAlias.get(given)
    const path = now ?? given
    const row = key === undefined ? undefined : now === undefined ? keys.rowOf(key) : settingAt(tree, now)
    if (key === undefined || row === undefined) {
      const shown = key === undefined ? 'found a key that is not a word' : `unknown ${keys.one} ${excerpt(key)}`
      wrong(span, parent, shown, keys.allowed, meantKey(key ?? '', keys, parent))
      return
    }
    if (path !== given) warnings.push(`${source.where(span.start)}: ${given} is now called ${path}`)
    const earlier = seen.get(path)
    if (earlier !== undefined) {
      wrong(span, path, `given twice, first at ${source.where(earlier.start)}`, 'one value')
      return
    }
    seen.set(path, span)
    const value = pair.value
    const isEmpty = value === null || (isScalar(value) && value.value === null)
    emptyGroup = isEmpty && isGroup(row) ? path : ''
    const valueSpan = (value === null ? undefined : spanOf(value)) ?? span
    if (isItems(row)) readItems(value, row, path, valueSpan)
    else if (!isGroup(row) && !isKeyed(row)) readSetting(value, row, path, valueSpan)
    else if (value !== null) readGroup(value, keysOf(row), path, valueSpan)
  }

  function readSetting (given: Node | null, setting: Setting, path: string, span: Span): void {
    const node = given === null ? undefined : source.resolved(given)
    if (setting.secret === true) secretAt.add(span.start)
    if (setting.type === 'list') {
      readListSetting(node, setting, path, span)
      return
    }
    if (node !== undefined && !isScalar(node)) {
      wrong(span, path, `found ${describeNode(node)}`, allowedOf(setting))
      return
    }
    const scalar = node === undefined ? nothing : expanded(scalarOf(node), path, span)
    if (scalar === undefined) return
    const where = source.where(span.start)
    const outcome = readScalar(path, setting, scalar, where)
    if (outcome.kind === 'mistake') {
      const meant = setting.secret === true ? undefined : outcome.mistake.meant ?? meantVariable(scalar.text)
      mistakes.push({ ...outcome.mistake, meant, span })
      return
    }
    warnings.push(...outcome.warnings)
    give(span, path, outcome.value)
  }

  function readListSetting (node: Node | undefined, setting: ListSetting, path: string, span: Span): void {
    if (!isSeq(node)) {
      wrong(span, path, `found ${describeNode(node)}`, allowedOf(setting))
      return
    }
    const found = readList(path, setting, (node.items as (Node | null)[]).flatMap(given => {
      const item = given === null ? undefined : source.resolved(given)
      const itemSpan = (given === null ? undefined : spanOf(given)) ?? span
      if (setting.secret === true) secretAt.add(itemSpan.start)
      const scalar = isScalar(item) ? expanded(scalarOf(item), path, itemSpan) : nothing
      if (scalar === undefined) return []
      return [{ scalar, shown: describeNode(item), where: source.where(itemSpan.start), span: itemSpan }]
    }))
    mistakes.push(...found.mistakes.map(({ item, mistake }) => ({ ...mistake, span: item.span })))
    warnings.push(...found.warnings)
    give(span, path, found.value)
  }

  function readItems (given: Node | null, row: SettingItems, path: string, span: Span): void {
    const list = readItemNode(source, given, span, (scalar, at) => itemScalar(scalar, path, at))
    if (list === undefined) {
      wrong(span, path, 'holds too much, aliases included', `up to ${maxItemCount} values`)
      return
    }
    if (list.kind === 'scalar' && list.value === null) return
    give(span, path, row.readItems(list, wrong, give))
  }

  /** A rule without a value that it asks for would be another rule: a variable that is not set is a mistake here. */
  function itemScalar (scalar: Scalar, path: string, span: Span): Scalar {
    const { filled, unset } = filledIn(scalar)
    if (unset.length === 0) return filled
    wrong(span, path, unsetWords(unset), 'a variable that is set, or one with a default (`:-`)')
    unsetAt.add(span.start)
    return nothing
  }

  /** The value with its variables filled in. undefined, with a warning, if one of them is not set. */
  function expanded (scalar: Scalar, path: string, { start }: Span): Scalar | undefined {
    const { filled, unset } = filledIn(scalar)
    if (unset.length === 0) return filled
    warnings.push(unsetWarning(source.where(start), path, unset))
    return undefined
  }

  function filledIn (scalar: Scalar): { readonly filled: Scalar, readonly unset: readonly string[] } {
    if (typeof scalar.value !== 'string') return { filled: scalar, unset: [] }
    const { text, unset } = expandVariables(scalar.text, env)
    return { filled: { value: text, text }, unset }
  }

  function meantKey (key: string, { words }: Keys, parent: string): string | undefined {
    const theirs = ofFluentBit.get(key.toLowerCase())
    if (theirs !== undefined) return theirs
    const below = `${emptyGroup}.${key}`
    if (rowsOf(tree).some(({ path }) => path === below)) return below
    const here = suggest(key, words)
    if (here !== undefined) return parent === '' ? here : `${parent}.${here}`
    const plain = simplified(key).replace(/^sluice/, '').replaceAll('.', '')
    const paths = rowsOf(tree).map(({ path }) => path)
    const whole = paths.find(path => simplified(path).replaceAll('.', '') === plain)
    // A path is no key: each of its parts is one, below the one before.
    if (whole !== undefined && key === whole) return whole.includes('.') ? nestedYaml(whole, '…') : `${whole}, at the left margin`
    if (whole !== undefined) return whole
    // A group that is named in the wrong place is no setting of that name elsewhere.
    const named = Object.hasOwn(tree, key) ? [] : paths.filter(path => simplified(path.slice(path.lastIndexOf('.') + 1)) === plain)
    return named.length === 0 || named.length > 3 ? undefined : named.join(' or ')
  }

  function give (span: Span, path: string, value: SettingValue): void {
    values.set(path, { value, origin: source.origin(span), where: source.where(span.start) })
  }

  function wrong (span: Span, path: string, problem: string, allowed: string | undefined, meant?: string): void {
    if (unsetAt.has(span.start)) return
    mistakes.push({ span, where: source.where(span.start), path, problem, allowed, meant })
  }

  const { root, syntaxMistakes: syntax, openAliases: open } = source
  if (root !== null) readGroup(root, settingKeys(tree), '', spanOf(root) ?? { start: 0, end: 0 })
  // Behind a syntax error the parser guesses, so mistakes there may not be in the text at all.
  const firstError = syntax[0]?.span.start ?? Infinity
  const openAt = new Set(open.map(({ span }) => span.start))
  const shown = open.map(mistake => secretAt.has(mistake.span.start)
    ? { ...mistake, problem: 'found an alias of nothing: put a text that begins with `*` in quotes', meant: undefined }
    : mistake)
  const found = [...mistakes.filter(({ span }) => !openAt.has(span.start)), ...shown]
    .filter(({ span }) => span.end < firstError).sort((a, b) => a.span.start - b.span.start)
  return {
    values,
    mistakes: [...found, ...syntax].map(({ span, ...mistake }) => mistake),
    warnings: [...source.doubts, ...warnings],
  }
}
