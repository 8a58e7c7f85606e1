import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'
import type { ItemNode } from './setting.ts'
import type { Scalar } from './values.ts'
import { nothing, scalarOf, spanOf, type Span, type YamlSource } from './yaml-source.ts'

/** More than 200 rules and their tests have. Aliases of aliases can stand for any number. */
export const maxItemCount = 20_000

/** Deeper than any item is meant to be. */
const maxItemDepth = 6

/** Fills in the variables of a value. */
export type Expand = (scalar: Scalar, span: Span) => Scalar

/**
 * A list of rules, say, with its places. What lies too deep, as an alias of its own list does, is nothing.
 *
 * @returns undefined where it holds more than `maxItemCount` values, each as often as an alias stands for it
 */
export function readItemNode (
  source: YamlSource, given: Node | null, parent: Span, expand: Expand
): ItemNode | undefined {
  let count = 0

  function read (given: Node | null, parent: Span, depth: number): ItemNode {
    const span = (given === null ? undefined : spanOf(given)) ?? parent
    const at = { ...span, where: source.where(span.start) }
    const isTooMuch = depth > maxItemDepth || ++count > maxItemCount
    const node = given === null || isTooMuch ? undefined : source.resolved(given)
    if (isSeq(node)) {
      return { kind: 'list', items: (node.items as (Node | null)[]).map(item => read(item, span, depth + 1)), at }
    }
    if (isMap(node)) {
      const entries = (node.items as Pair<Node, Node | null>[]).map(({ key, value }) => {
        const keySpan = spanOf(key) ?? span
        const keyNode = source.resolved(key)
        return {
          key: isScalar(keyNode) ? scalarOf(keyNode).text : '',
          keyAt: { ...keySpan, where: source.where(keySpan.start) },
          value: read(value, keySpan, depth + 1),
        }
      })
      return { kind: 'map', entries, at }
    }
    const scalar = isScalar(node) ? expand(scalarOf(node), span) : nothing
    return { kind: 'scalar', ...scalar, at }
  }

  const list = read(given, parent, 0)
  return count > maxItemCount ? undefined : list
}

// Tested in test/config/yaml-file.test.ts
