import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as s3 from '@aws-sdk/client-s3'
import * as sts from '@aws-sdk/client-sts'
import * as providers from '@aws-sdk/credential-providers'

const root = join(import.meta.dirname, '../../src')

/** Packages of the SDK whose names are looked for; a test says that there are no others. */
export const sdkPackages: Readonly<Record<string, object>> = {
  '@aws-sdk/client-cloudwatch-logs': logs,
  '@aws-sdk/client-s3': s3,
  '@aws-sdk/client-sts': sts,
  '@aws-sdk/credential-providers': providers,
}

export interface SourceFile { readonly path: string, readonly text: string }

export interface Calls {
  /** What is named of the SDK and can lead to a call: commands, clients, paginators, waiters, providers. */
  readonly names: readonly string[]
  /** Members of each command's input that are written in its folder, as `PutObject.Tagging`. */
  readonly members: readonly string[]
}

/** What runs in a task, and what only an operator runs: the command that reads the bucket. */
export function filesByRole (): { readonly task: readonly SourceFile[], readonly operator: readonly SourceFile[] } {
  const { operator = [], task = [] } = Object.groupBy(sourceFiles(), ({ path }) =>
    path.startsWith('cli/replay/') ? 'operator' : 'task')
  return { task, operator }
}

export function sourceFiles (): SourceFile[] {
  return globSync('**/*.ts', { cwd: root }).sort().map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** Everything of the SDK that the source names, found in its syntax trees and not in a list kept by hand. */
export function callsOf (files: readonly SourceFile[]): Calls {
  const exported = new Set(Object.values(sdkPackages).flatMap(callable))
  const parsed = files.map(file => ({ folder: dirname(file.path), ...parsedOf(file) }))
  const names = new Set(parsed.flatMap(({ words }) => words.filter(word => exported.has(word))))
  const members = new Set<string>()
  for (const { folder, words } of parsed) {
    for (const command of words.filter(word => exported.has(word) && word.endsWith('Command'))) {
      const properties = parsed.filter(each => each.folder === folder).flatMap(each => each.properties)
      for (const member of membersOf(command)) {
        if (properties.includes(member)) members.add(`${command.replace(/Command$/, '')}.${member}`)
      }
    }
  }
  return { names: [...names].sort(), members: [...members].sort() }
}

/** Names of the functions and classes that a module exports, but for its errors. */
function callable (module: object): string[] {
  return Object.entries(module).filter(([, value]) =>
    typeof value === 'function' && !(value.prototype instanceof Error)).map(([name]) => name)
}

interface Words { readonly words: readonly string[], readonly properties: readonly string[] }

const parsedFiles = new WeakMap<SourceFile, Words>()

/** As `wordsOf`, once for each file. */
function parsedOf (file: SourceFile): Words {
  const known = parsedFiles.get(file) ?? wordsOf(file)
  parsedFiles.set(file, known)
  return known
}

/** Identifiers of a file, texts that may name a command, and the names of properties of its object literals. */
function wordsOf ({ path, text }: SourceFile): Words {
  const words: string[] = []
  const properties: string[] = []
  const visit = (node: ts.Node): void => {
    // Handed on under its own name: that calls nothing, and whoever calls it names it.
    if (ts.isExportSpecifier(node) && node.propertyName === undefined) return
    if (ts.isIdentifier(node) || (ts.isStringLiteralLike(node) && node.text.endsWith('Command'))) words.push(node.text)
    const isProperty = ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)
    if (isProperty && (ts.isIdentifier(node.name) || ts.isStringLiteral(node.name))) properties.push(node.name.text)
    // What is set afterwards: `input.Tagging = …`
    if (ts.isPropertyAccessExpression(node)) properties.push(node.name.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2024))
  return { words, properties }
}

/** Names of the members of a command's input, by the schema that the SDK itself works with. */
function membersOf (command: string): readonly string[] {
  const schema = (logs as Record<string, unknown>)[command.replace(/Command$/, 'Request$')] ??
    (s3 as Record<string, unknown>)[command.replace(/Command$/, 'Request$')] ??
    (sts as Record<string, unknown>)[command.replace(/Command$/, 'Request$')]
  // A structure: its kind, namespace, name, traits, and names of its members.
  const names = Array.isArray(schema) ? schema[4] as unknown : undefined
  if (!Array.isArray(names)) throw new Error(`the schema of ${command} was expected in the SDK`)
  return names as string[]
}
