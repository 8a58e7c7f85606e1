import { excerpt } from '../mistake.ts'

/** One line `key value` of a section. */
export interface Entry {
  readonly key: string
  readonly value: string
  /** `file:line` */
  readonly where: string
}

/** A section and its lines. The name is in upper case: `INPUT`, `FILTER`, `OUTPUT` and so on. */
export interface Section {
  readonly name: string
  readonly where: string
  readonly entries: readonly Entry[]
}

/** A line outside of all sections. */
export type Command =
  | { readonly kind: 'include', readonly path: string, readonly where: string }
  /** A line that is neither a section nor a command: Fluent Bit refuses it, or this program does not know it. */
  | { readonly kind: 'unknown', readonly text: string, readonly where: string }

export interface ClassicFile {
  /** In the order of the text, since an include takes effect at its place. */
  readonly parts: readonly (Section | Command)[]
  /** The variables that were given, with the changes of `@SET`. An included file sees them. */
  readonly variables: Variables
}

/** Variables of the environment, and of `@SET`. It is a map because the file may name any of them. */
export type Variables = ReadonlyMap<string, string | undefined>

/**
 * Reads a configuration of Fluent Bit in its classic format. Never throws: a line that it does not know becomes a part
 * of kind `unknown`. `${NAME}` in values is replaced, by nothing if it is not set, as in Fluent Bit.
 *
 * Source: https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/classic-mode/format-schema
 */
export function parseClassic (file: string, text: string, variables: Variables): ClassicFile {
  const parts: (Section | Command)[] = []
  const own = new Map(variables)
  let entries: Entry[] | undefined
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    const where = `${file}:${index + 1}`
    if (line === '' || line.startsWith('#')) continue
    const header = /^\[([^\]]+)\]$/.exec(line)
    const [, key = '', value = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? []
    if (header !== null) {
      entries = []
      parts.push({ name: (header[1] ?? '').trim().toUpperCase(), where, entries })
    } else if (key.toUpperCase() === '@INCLUDE') {
      parts.push({ kind: 'include', path: expand(value, own), where })
    } else if (key.toUpperCase() === '@SET') {
      const [, name = '', setValue = ''] = /^([^=\s]+)\s*=\s*(.*)$/.exec(value) ?? []
      own.set(name, setValue)
    } else if (entries === undefined) {
      parts.push({ kind: 'unknown', text: excerpt(key), where })
    } else {
      entries.push({ key, value: expand(value, own), where })
    }
  }
  return { parts, variables: own }
}

function expand (text: string, variables: Variables): string {
  return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => variables.get(name) ?? '')
}
