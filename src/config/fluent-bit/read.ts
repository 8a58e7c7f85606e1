import { dirname, isAbsolute, join } from 'node:path'
import type { SettingTree } from '../setting.ts'
import type { Environment } from '../environment.ts'
import { parseClassic, type Section, type Variables } from './classic.ts'
import type { Gathered } from './gathered.ts'
import { translate } from './translate.ts'

/** More than any real configuration has. It stops a file that includes itself. */
const maxIncludes = 32

export interface FluentBitInput {
  readonly file: string
  readonly env: Environment
  /** Returns the text of a file. Throws the system's error when it cannot be read. */
  readonly readFile: (path: string) => string
}

/**
 * Reads a configuration of Fluent Bit, with the files that it includes, as settings of Sluice.
 *
 * @throws what `readFile` throws for the file itself. An included file that cannot be read is a leftover.
 */
export function readFluentBit (tree: SettingTree, { file, env, readFile }: FluentBitInput): Gathered {
  const sections: Section[] = []
  const unread: { where: string, option: string, hint: string }[] = []
  let includes = 0

  function read (path: string, text: string, given: Variables): void {
    const { parts, variables } = parseClassic(path, text, given)
    for (const part of parts) {
      if (!('kind' in part)) sections.push(part)
      else if (part.kind === 'unknown') unread.push({ where: part.where, option: part.text, hint: 'expected a section' })
      else include(isAbsolute(part.path) ? part.path : join(dirname(path), part.path), part.where, variables)
    }
  }

  function include (path: string, where: string, variables: Variables): void {
    let text: string
    try {
      if (++includes > maxIncludes) throw new Error(`more than ${maxIncludes} files`)
      text = readFile(path)
    } catch (error) {
      unread.push({ where, option: `@INCLUDE ${path}`, hint: `cannot be read: ${(error as Error).message}` })
      return
    }
    read(path, text, variables)
  }

  read(file, readFile(file), new Map(Object.entries(env)))
  const gathered = translate(tree, sections)
  for (const { hint, ...each } of unread) gathered.leave({ section: 'file', ...each }, hint)
  return gathered
}

// Tested in test/config/fluent-bit/translate.test.ts
