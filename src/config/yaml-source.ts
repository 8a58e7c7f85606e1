import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml'
import { excerpt, type Mistake } from './mistake.ts'
import { describeScalar } from './reading.ts'
import { suggest } from './suggest.ts'
import type { Scalar } from './values.ts'

/** A part of the text; offsets in UTF-16 units. */
export interface Span { readonly start: number, readonly end: number }

/** A mistake and its place in the text. Mistakes behind a syntax error are left out. */
export type Placed = Mistake & { readonly span: Span }

/** One text of YAML: its nodes, their places in words, and what is wrong with its syntax. */
export class YamlSource {
  readonly #file: string
  readonly #text: string
  readonly #lines = new LineCounter()
  readonly #document: Document.Parsed

  /** @param file name of the text in messages */
  constructor (file: string, text: string) {
    this.#file = file
    this.#text = text
    this.#document = parseDocument(text, {
      // Else a line `%YAML 1.1` makes a boolean of `off`.
      schema: 'core', lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error',
    })
  }

  get root (): Node | null {
    return this.#document.contents
  }

  /** What the parser finds odd and reads all the same. */
  get doubts (): readonly string[] {
    return this.#document.warnings.map(({ message, pos: [start] }) => `${this.where(start)}: ${withoutText(message)}`)
  }

  /** The first of each line, since the others often follow from it. */
  get syntaxMistakes (): readonly Placed[] {
    const byLine = new Map<number, Placed>()
    const opened = this.#openedAt()
    for (const { code, message, pos: [at, end] } of this.#document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])) {
      const start = (isUnclosed(message) ? opened.get(at) : undefined) ?? at
      const { line } = this.#lines.linePos(start)
      if (byLine.has(line)) continue
      byLine.set(line, { span: { start, end }, where: this.where(start), path: '', problem: syntaxProblem(code, withoutText(message), this.#lineAt(start)) })
    }
    return [...byLine.values()].sort((a, b) => a.span.start - b.span.start)
  }

  /** Aliases that stand for nothing: what they were to bring, rules for instance, would be missing without a word. */
  get openAliases (): readonly Placed[] {
    const anchors = new Set<string>()
    const open: Placed[] = []
    visit(this.#document, {
      Node: (_key, node) => {
        if (!isAlias(node)) {
          if (node.anchor !== undefined) anchors.add(node.anchor)
          return
        }
        const { source } = node
        const span = spanOf(node)
        if (anchors.has(source) || span === undefined) return
        const meant = suggest(source, anchors)
        const problem = `found ${excerpt(`*${source}`)}, and no anchor before it is called so`
        open.push({ span, where: this.where(span.start), path: '', problem, meant: meant === undefined ? undefined : `*${meant}` })
      },
    })
    return open
  }

  #lineAt (offset: number): string {
    return /.*/.exec(this.#text.slice(offset))?.[0] ?? ''
  }

  /** Where quotes and brackets begin, by their ends: one that is not closed ends where the parser gives up. */
  #openedAt (): ReadonlyMap<number, number> {
    const opened = new Map<number, number>()
    if (this.#document.errors.length === 0) return opened
    visit(this.#document, {
      Node: (_key, node) => {
        const isQuoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE')
        const isFlow = (isMap(node) || isSeq(node)) && node.flow === true
        if ((isQuoted || isFlow) && node.range != null) opened.set(node.range[1], node.range[0])
      },
    })
    return opened
  }

  /** The node that a YAML alias stands for. One of nothing is among `openAliases`. */
  resolved (node: Node): Node | undefined {
    return isAlias(node) ? node.resolve(this.#document) : node
  }

  where (offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.#file}:${Math.max(line, 1)}:${Math.max(col, 1)}`
  }

  origin ({ start }: Pick<Span, 'start'>): string {
    return `${this.#file}:${Math.max(this.#lines.linePos(start).line, 1)}`
  }
}

/** Where YAML says nothing. */
export const nothing: Scalar = { value: null, text: '' }

export function spanOf (node: Node): Span | undefined {
  return node.range === null || node.range === undefined ? undefined : { start: node.range[0], end: node.range[1] }
}

export function scalarOf (node: { readonly value: unknown, readonly source?: string }): Scalar {
  const { value, source } = node
  if (typeof value === 'string') return { value, text: value }
  if (value === null) return { value, text: '' }
  const isPlain = typeof value === 'number' || typeof value === 'boolean'
  return { value: isPlain ? value : String(value), text: source ?? String(value) }
}

export function describeNode (node: Node | undefined): string {
  if (isMap(node)) return 'a mapping'
  if (isSeq(node)) return 'a list'
  return describeScalar(isScalar(node) ? scalarOf(node) : nothing)
}

/** Then the line to mend is the one where it begins. */
function isUnclosed (message: string): boolean {
  return /^Missing closing |^Flow .*\bend with a /.test(message)
}

/** Without what it repeats of the text behind a sign such as `!` or `|`: a secret may begin with one. */
function withoutText (message: string): string {
  return message.replace(/^(Unresolved tag|Block scalar header includes extra characters|[^:]*directive[^:]*): .*/s,
    '$1: put a text that begins with such a sign in quotes')
}

/** What is wrong with a line where a setting was expected. */
export function noKey (line: string): string {
  const words = 'expected `key: value`, with a colon and a space'
  return /[\uff1a\u3000]/.test(line) ? `${words}: those of full width are none` : words
}

function syntaxProblem (code: string, message: string, line: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; allowed: one'
  if (code === 'BLOCK_AS_IMPLICIT_KEY') {
    return 'is not YAML: a key stands behind the value of another: give it a line of its own, and no deeper'
  }
  if (/^\s*\\n/.test(line)) return 'is not YAML: `\\n` is two characters here, and no end of a line'
  if (code === 'MULTILINE_IMPLICIT_KEY') return `is not YAML: ${noKey(line)}`
  return `is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`
}

// Tested in test/config/yaml-file.test.ts
