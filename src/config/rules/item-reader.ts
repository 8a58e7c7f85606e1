import { excerpt } from '../mistake.ts'
import type { ItemNode, ItemPlace, WrongItem } from '../setting.ts'
import { suggest } from '../suggest.ts'

/** One key of a mapping: reads its value into what is being made. */
export type ReadField = (node: ItemNode, path: string) => void

/** Reads a mapping whose keys are known, each once. */
export function readFields (
  node: ItemNode, path: string, fields: Readonly<Record<string, ReadField>>, wrong: WrongItem
): void {
  const names = Object.keys(fields)
  const allowed = names.join(', ')
  if (node.kind !== 'map') {
    wrong(node.at, path, `found ${shown(node)}`, `a mapping of ${allowed}`)
    return
  }
  const seen = new Map<string, ItemPlace>()
  for (const { key, keyAt, value } of node.entries) {
    const read = Object.hasOwn(fields, key) ? fields[key] : undefined
    const earlier = seen.get(key)
    seen.set(key, earlier ?? keyAt)
    if (read === undefined) wrong(keyAt, path, `unknown key ${excerpt(key)}`, allowed, suggest(key, names))
    else if (earlier !== undefined) wrong(keyAt, `${path}.${key}`, `given twice, first at ${earlier.where}`, 'one value')
    else read(value, `${path}.${key}`)
  }
}

/** Reads a mapping whose keys an operator chooses. An entry whose value is undefined, with a mistake, is left out. */
export function readEntries<Value> (
  node: ItemNode, path: string, wrong: WrongItem, read: (value: ItemNode, path: string) => Value | undefined
): Record<string, Value> {
  if (node.kind !== 'map' || node.entries.length === 0) {
    wrong(node.at, path, `found ${shown(node)}`, 'a mapping of keys')
    return {}
  }
  return Object.fromEntries(node.entries.flatMap(({ key, keyAt, value }): [string, Value][] => {
    if (key === '') wrong(keyAt, path, 'found a key that is not a word', 'a word')
    const found = key === '' ? undefined : read(value, `${path}.${key}`)
    return found === undefined ? [] : [[key, found]]
  }))
}

/** A text, or what YAML takes for a number or a word; undefined, with a mistake, for anything else. */
export function readText (
  node: ItemNode, path: string, wrong: WrongItem, allowed: string, pattern = /^[^]+$/
): string | undefined {
  if (node.kind === 'scalar' && node.value !== null && pattern.test(node.text)) return node.text
  wrong(node.at, path, `found ${shown(node)}`, allowed)
  return undefined
}

/** A text or a list of texts, each of which `isGood` may refuse, with a mistake. */
export function readTexts (
  node: ItemNode, path: string, wrong: WrongItem, allowed: string,
  isGood: (text: string, item: ItemNode) => boolean = () => true
): string[] {
  const items = node.kind === 'list' ? node.items : [node]
  if (items.length === 0) wrong(node.at, path, 'found an empty list', allowed)
  return items.flatMap(item => {
    const text = readText(item, path, wrong, allowed)
    return text !== undefined && isGood(text, item) ? [text] : []
  })
}

export function shown (node: ItemNode): string {
  if (node.kind === 'list') return 'a list'
  if (node.kind === 'map') return 'a mapping'
  if (node.value === null) return 'nothing'
  return typeof node.value === 'string' ? excerpt(node.text) : node.text
}

// Tested in test/config/rules/rules.test.ts
