import { dirname, isAbsolute, join } from 'node:path'
import type { SettingTree } from '../setting.ts'
import { unreadableWords } from '../unreadable-words.ts'
import type { Environment } from '../environment.ts'
import { parseClassic } from './classic.ts'
import type { Gathered } from './gathered.ts'
import { optionsOf, variablesOf, type ParsedFile, type Section, type Variables } from './sections.ts'
import { parseTaskDefinition } from './task-definition.ts'
import { translate, type Unread } from './translate.ts'
import { parseYamlForm } from './yaml-form.ts'

/** More than any real configuration has. It stops a file that includes itself. */
const maxIncludes = 32

export interface FluentBitInput {
  readonly file: string
  readonly env: Environment
  /** Returns the text of a file. Throws the system's error when it cannot be read. */
  readonly readFile: (path: string) => string
  /** The files whose paths are like a pattern with `*`, in order; without it, a pattern is a name like any other. */
  readonly filesLike?: (pattern: string) => readonly string[]
}

/**
 * Reads a configuration of Fluent Bit, with the files that it includes, as settings of Sluice.
 *
 * @throws what `readFile` throws for the file itself. An included file that cannot be read is a leftover.
 */
export function readFluentBit (
  tree: SettingTree, { file, env, readFile, filesLike = () => [] }: FluentBitInput
): Gathered {
  const sections: Section[] = []
  const unread: Unread[] = []
  let includes = 0

  function read (path: string, text: string, given: Variables): void {
    const first = text.split('\n').find(line => /^\s*[^\s#@]/.test(line))?.trim() ?? ''
    if (/^<(?:source|match|filter|label|system)\b/.test(first)) {
      unread.push({ where: path, option: first, hint: 'this is a configuration of Fluentd, not of Fluent Bit: nothing of it is read' })
      return
    }
    const { parts, variables } = parse(path, text, given)
    for (const part of parts) {
      if (!('kind' in part)) {
        sections.push(part)
        const { streams_file: streams } = part.name === 'SERVICE' ? optionsOf(part) : {}
        if (streams !== undefined) include(path, streams, `Streams_File ${streams}`, part.where, variables)
      } else if (part.kind === 'unknown') {
        unread.push({ where: part.where, option: part.text, hint: 'expected a section' })
      } else {
        include(path, part.path, `@INCLUDE ${part.path}`, part.where, variables)
      }
    }
  }

  function include (from: string, path: string, option: string, where: string, variables: Variables): void {
    const pattern = isAbsolute(path) || from === standardInput ? path : join(dirname(from), path)
    const found = pattern.includes('*') ? filesLike(pattern) : []
    for (const full of found.length === 0 ? [pattern] : found) includeOne(full, option, where, variables)
  }

  function includeOne (full: string, option: string, where: string, variables: Variables): void {
    let text: string
    try {
      if (++includes > maxIncludes) throw new Error(`more than ${maxIncludes} files`)
      text = readFile(full)
    } catch (error) {
      const advice = option.includes(' arn:') ? 'fetch it, and migrate it too' : unreadableWords(error)
      unread.push({ where, option, hint: `cannot be read: ${advice}` })
      return
    }
    read(full, text, variables)
  }

  read(file, readFile(file), variablesOf(env))
  return translate(tree, sections, unread)
}

/** The name of what is not a file: the files that it includes lie below the working directory. */
export const standardInput = 'standard input'

/** A file in any of its forms: the ending says which one it is, else the text does. */
function parse (file: string, text: string, variables: Variables): ParsedFile {
  const isClassic = !/\.(?:ya?ml|json)$/i.test(file) && /^\s*\[\s*[A-Za-z_]+\s*\]\s*$/m.test(text)
  if (isClassic) return parseClassic(file, text, variables)
  const isObject = /^\s*[[{]/.test(text)
  const task = isObject ? parseTaskDefinition(file, text, variables) : undefined
  if (task !== undefined) return task
  const isYaml = isObject || /\.(?:ya?ml|json)$/i.test(file) || /^(?:service|pipeline|includes|env|parsers|stream_processor)\s*:/m.test(text)
  return isYaml ? parseYamlForm(file, text, variables) : parseClassic(file, text, variables)
}

// Tested in test/config/fluent-bit/translate.test.ts
