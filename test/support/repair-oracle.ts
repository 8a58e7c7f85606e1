import { isUtf8 } from 'node:buffer'

type Tree = string | number | boolean | null | readonly Tree[] | Members
/** The members of an object, in order and with repeated keys. */
class Members {
  readonly pairs: (readonly [string, Tree])[] = []
}

export type OracleResult = { readonly value: unknown, readonly memberCount: number } | { readonly reason: string }

class Broken extends Error {
  readonly reason: string

  constructor (reason: string) {
    super(reason)
    this.reason = reason
  }
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)$/

/**
 * What the repairer should make of a line, said again the slow way: recursion over a string of one character a byte,
 * with a regular expression for each token, making values instead of text.
 */
export function repairOracle (line: Uint8Array): OracleResult {
  const text = Buffer.from(line).toString('latin1')
  let at = 0
  let opening = ''
  let isKeyRepaired = false
  let hasRepeatedKey = false
  let memberCount = 0
  /** The containers that are open, from the outermost. */
  const open: ('{' | '[')[] = []

  function take (pattern: RegExp): string | undefined {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) return undefined
    at = pattern.lastIndex
    return match[1] ?? match[0]
  }

  function next (): string {
    take(/[ \t\r\n]*/y)
    const character = text[at]
    if (character === undefined) throw new Broken('truncated')
    return character
  }

  function key (): string {
    // A lookahead keeps what it has matched: no second try with less.
    const content = take(/"(?=((?:[^"\\]|\\[^])*))\1"/y)
    if (content === undefined) throw new Broken('truncated')
    if (!isLegal(content)) isKeyRepaired = true
    return decode(content)
  }

  function object (): Members {
    at++
    open.push('{')
    const members = new Members()
    while (next() !== '}') {
      if (next() !== '"') throw new Broken('syntax')
      const name = key()
      if (next() !== ':') throw new Broken('syntax')
      at++
      if (opening === '') opening = text.slice(text.indexOf('{'), at)
      next()
      if (members.pairs.some(([other]) => other === name)) hasRepeatedKey = true
      memberCount++
      members.pairs.push([name, value(true)])
      if (next() === '}') break
      if (next() !== ',') throw new Broken('syntax')
      at++
    }
    at++
    open.pop()
    return members
  }

  function array (): readonly Tree[] {
    at++
    open.push('[')
    const items: Tree[] = []
    while (next() !== ']') {
      items.push(value(false))
      if (next() === ']') break
      if (next() !== ',') throw new Broken('syntax')
      at++
    }
    at++
    open.pop()
    return items
  }

  function value (inObject: boolean): Tree {
    if (text[at] === '"') {
      const content = take(/"(?=((?:[^"\\]|\\[^]|"")*))\1"/y)
      if (content === undefined) throw new Broken('truncated')
      return decode(content)
    }
    const rest = text.slice(at)
    if (/^\{[ \t\r\n]*(?:["}]|$)/.test(rest)) return object()
    if (/^\[(?![ \t\r\n]*(?:\d\d\/|[\\:]))/.test(rest)) return array()
    return bare(inObject)
  }

  function bare (inObject: boolean): Tree {
    const from = at
    let content = inObject ? plainScalar() : undefined
    content ??= inObject && !open.includes('[') ? bareInObjects() : bareInItem(inObject)
    at = from + content.length
    content = content.replace(/[ \t\r\n]+$/, '')
    if (content === '' || content === '-') return null
    if (content === 'true') return true
    if (content === 'false') return false
    if (content === 'null') return null
    return jsonNumber.test(content) || plainNumber.test(content) ? Number(content) : decode(content)
  }

  /** A value of JSON with its end beyond doubt. */
  function plainScalar (): string | undefined {
    const pattern = /(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?=,"|\}(?:[,}\] \t\r\n]|$))/y
    pattern.lastIndex = at
    return pattern.exec(text)?.[1]
  }

  function bareInObjects (): string {
    let content = take(/(?:[^"\\]|\\[^])*/y) ?? ''
    const isLast = at === text.length
    const mark = text[at]
    if (mark === '\\') throw new Broken('truncated')
    if (!isLast) {
      if (!/,[ \t\r\n]*$/.test(content)) throw new Broken('syntax')
      content = content.replace(/,[ \t\r\n]*$/, '')
    }
    let count = 0
    for (; count < (isLast ? open.length : open.length - 1) && /\}[ \t\r\n]*$/.test(content); count++) {
      content = content.replace(/\}[ \t\r\n]*$/, '')
    }
    if (!isLast) return content
    if (count < open.length) throw new Broken('truncated')
    return content.replace(/,[ \t\r\n]*$/, '')
  }

  function bareInItem (inObject: boolean): string {
    const content = take(inObject ? /(?:[^"\\{}]|\\[^])*/y : /[^,\]"{}]*/y) ?? ''
    const stop = text[at]
    if (stop === undefined || (inObject && stop === '\\')) throw new Broken('truncated')
    if (!inObject) {
      if (stop !== ',' && stop !== ']') throw new Broken('syntax')
      return content
    }
    if (stop === '{') throw new Broken('syntax')
    const cut = /^([^]*),[ \t\r\n]*$/.exec(content)?.[1]
    if (cut === undefined && stop === '"') throw new Broken('syntax')
    return cut ?? content
  }

  try {
    take(/[ \t\r\n]*/y)
    if (text[at] !== '{') throw new Broken('not_object')
    const members = object()
    if (!/^[\]}, \t\r\n]*$/.test(text.slice(at))) throw new Broken('syntax')
    if (isKeyRepaired && hasRepeatedKey) return { reason: 'duplicate_key' }
    return { value: plain(members), memberCount }
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    const isTorn = opening !== '' && text.split(opening).length > 2
    return { reason: isTorn ? 'torn' : error.reason }
  }
}

function isLegal (content: string): boolean {
  const bytes = Buffer.from(content, 'latin1')
  try {
    JSON.parse(`"${bytes.toString()}"`)
    return isUtf8(bytes)
  } catch {
    // Invalid is an answer.
    return false
  }
}

const meanings: Readonly<Record<string, string>> = {
  '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', a: '\x07', "'": "'",
}

function decode (content: string): string {
  return content.replace(/(?:\\x[\da-f]{2})+|\\u[\da-f]{4}|\\["\\/bfnrtva']|[\x80-\xff]+|""/gi, token => {
    if (token === '""') return ''
    if (token.startsWith('\\x')) return decodeBytes(Buffer.from(token.replaceAll('\\x', ''), 'hex'))
    if (token.startsWith('\\u')) return String.fromCharCode(parseInt(token.slice(2), 16))
    if (token.startsWith('\\')) return meanings[token.slice(1)] ?? token
    return decodeBytes(Buffer.from(token, 'latin1'))
  })
}

function decodeBytes (bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString() : bytes.toString('latin1')
}

function plain (tree: Tree): unknown {
  if (tree instanceof Members) return Object.fromEntries(tree.pairs.map(([name, value]) => [name, plain(value)]))
  return Array.isArray(tree) ? (tree as readonly Tree[]).map(plain) : tree
}
