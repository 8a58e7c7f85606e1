/** One line `key value` of a section. */
export interface Entry {
  readonly key: string
  /** `${NAME}` is filled in where the variable is set, and stays where it is not. */
  readonly value: string
  /** `file:line` */
  readonly where: string
  /** Variables of the environment that are filled in in the value, and the value without them. */
  readonly filled?: readonly string[]
  readonly raw?: string
}

/** A section and its lines. The name is in upper case: `INPUT`, `FILTER`, `OUTPUT` and so on. */
export interface Section {
  readonly name: string
  readonly where: string
  readonly entries: readonly Entry[]
}

/** What stands outside of all sections. */
export type Command =
  | { readonly kind: 'include', readonly path: string, readonly where: string }
  /** A line that is neither a section nor a command: Fluent Bit refuses it, or this program does not know it. */
  | { readonly kind: 'unknown', readonly text: string, readonly where: string }

/** What a file says, whatever its form is. */
export interface ParsedFile {
  /** In the order of the text, since an include takes effect at its place. */
  readonly parts: readonly (Section | Command)[]
  /** The variables that were given, with those that the file sets. An included file sees them. */
  readonly variables: Variables
}

/** Variables by name. It is a map because the file may name any of them. */
export type Variables = ReadonlyMap<string, {
  readonly value: string
  /** Set by the file (`@SET`, `env`), not by the environment. */
  readonly isOwn: boolean
}>

export function variablesOf (env: Readonly<Record<string, string | undefined>>): Variables {
  return new Map(Object.entries(env).flatMap(([name, value = '']) => value === '' ? [] : [[name, { value, isOwn: false }]]))
}

/** Text with its variables, and the names of those of the environment. */
export interface FilledIn { readonly text: string, readonly filled: readonly string[] }

/** Fills in `${NAME}`. Fluent Bit makes a variable that is not set empty; here it stays, so that it can be named. */
export function fillIn (text: string, variables: Variables): FilledIn {
  const filled: string[] = []
  const result = text.replace(/\$\{([^}]*)\}/g, (whole, name: string) => {
    const found = variables.get(name.trim())
    if (found?.isOwn === false) filled.push(name.trim())
    return found?.value ?? whole
  })
  return { text: result, filled }
}

/** A line of a section, with its variables filled in. */
export function entryOf (key: string, raw: string, where: string, variables: Variables): Entry {
  const { text: value, filled } = fillIn(raw, variables)
  return { key, value, where, ...(filled.length > 0 && { filled, raw }) }
}

/** The options of a section, by name in lower case. If one is given twice, the last one counts. */
export type Options = Readonly<Record<string, string>>

export function optionsOf ({ entries }: Section): Options {
  return Object.fromEntries(entries.map(({ key, value }) => [key.toLowerCase(), value]))
}

export function pluginOf (section: Section): string {
  return optionsOf(section)['name']?.toLowerCase() ?? ''
}

/** Whether a filter reads lines as JSON, so that records have their keys. */
export function isParsed (sections: readonly Section[]): boolean {
  const own = sections.filter(({ name }) => name === 'PARSER').map(optionsOf).filter(({ format }) => /^json$/i.test(format ?? ''))
  return sections.filter(({ name }) => name === 'FILTER').some(section => {
    const { parser = '', merge_log: merge = '' } = optionsOf(section)
    if (pluginOf(section) === 'kubernetes') return /^(?:on|true|yes)$/i.test(merge)
    return pluginOf(section) === 'parser' && (/json/i.test(parser) || own.some(({ name }) => name === parser))
  })
}

/** Whether a filter reads Apache's access lines, which are text. */
export function isOfApache (section: Section): boolean {
  const { parser = '' } = optionsOf(section)
  return section.name === 'FILTER' && pluginOf(section) === 'parser' && /apache|nginx|combined|common/i.test(parser)
}

/** `$log` is `log`; `$log['level']` is `log.level`. */
export function fieldName (field: string): string {
  return field.replace(/^\$/, '').replace(/\[['"]?([^'"\]]*)['"]?\]/g, '.$1')
}

/** A pattern that finds the text itself. */
export function plainPattern (text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}

/** The first word of a text, and the rest. */
export function halves (text: string): readonly [string, string] {
  const [, first = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text) ?? []
  return [first, rest]
}

// Tested in test/config/fluent-bit/classic.test.ts
