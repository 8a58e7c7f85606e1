import { fieldName } from './sections.ts'
import { anyContainer, anyTask, tagOf, unknownPart } from './tags.ts'

/** A template, and what in it is not what Fluent Bit had. */
export interface Translated { readonly text: string, readonly changes: readonly string[] }

/** What is known where a name is made. */
export interface Naming {
  /** The tag of the lines, with the marks of `tags.ts` for what it does not know. */
  readonly tag: string
  readonly container: string
  /** Fields that the file adds to each record, with their values. */
  readonly records: ReadonlyMap<string, string>
}

const variable = /\$\{[A-Za-z_]\w*\}/g

/** Plain text as a template; undefined for text that a template cannot contain. `${NAME}` stays. */
export function literalTemplate (text: string): string | undefined {
  return /[{}\p{Cc}]/u.test(text.replace(variable, '')) ? undefined : text.replaceAll('%', '%%')
}

/** A tag, or a part of one, as a template. */
export function tagTemplate (tag: string, container: string): string | undefined {
  if (tag.includes(unknownPart)) return undefined
  const own = tagOf(container)
  const [before = '', ...rest] = tag.split(own)
  if (rest.length > 0) {
    const parts = [before, ...rest].map(part => literalTemplate(part)?.replaceAll(anyTask, '{task}'))
    return parts.includes(undefined) ? undefined : parts.join('{container}-firelens-{task}')
  }
  return literalTemplate(tag)?.replaceAll(anyTask, '{task}').replaceAll(anyContainer, '{container}')
}

/**
 * A name of Fluent Bit's plugins for CloudWatch as a template: `$(ecs_task_id)` of the older one, `$ecs_task_id` and
 * `$TAG[1]` of the newer one's templates. undefined: it needs what Sluice does not know.
 *
 * Source: https://github.com/aws/amazon-cloudwatch-logs-for-fluent-bit (templating log group and stream names)
 */
export function nameTemplate (text: string, naming: Naming, isAccessor = false): string | undefined {
  return templateOf(text, isAccessor ? accessor : parenthesised, name => {
    const part = tagPartOf(name, naming)
    if (part !== undefined) return tagTemplate(part, naming.container)
    return streamValues.get(fieldName(name)) ?? recordText(name, naming)
  })
}

/** The name of a group, or what in its template the file does not say. */
export type GroupName = { readonly text: string } | { readonly unknown: string }

/** The same for the name of a group, which is plain text: one name for all tasks. */
export function groupName (text: string, naming: Naming, isAccessor = false): GroupName {
  let unknown = ''
  const result = text.replaceAll(isAccessor ? accessor : parenthesised, (whole, name: string) => {
    const value = groupValue(name, naming)
    if (value === undefined && unknown === '') unknown = whole
    return value ?? whole
  })
  return unknown === '' ? { text: result } : { unknown }
}

const parenthesised = /\$\(([^)]*)\)/g
const accessor = /\$(?!\{)([A-Za-z_]\w*(?:\[[^\]]*\])*)/g

const streamValues: ReadonlyMap<string, string> = new Map(Object.entries({
  ecs_task_id: '{task}',
  ecs_cluster: '{cluster}',
  ecs_task_definition: '{family}.{revision}',
  ecs_task_definition_family: '{family}',
  ecs_task_definition_version: '{revision}',
  container_name: '{container}',
  uuid: '{task}',
}))

/** `tag`, `tag[1]`, `TAG[1]`: the tag, or a part of it between dots. */
function tagPartOf (name: string, { tag }: Naming): string | undefined {
  const [, index] = /^tag(?:\[(\d+)\])?$/i.exec(name.trim()) ?? [undefined, 'none']
  return index === undefined ? tag : index === 'none' ? undefined : tag.split('.')[Number(index)]
}

function recordText (name: string, { records }: Naming): string | undefined {
  const value = records.get(fieldName(name))
  return value === undefined ? undefined : literalTemplate(value)
}

function groupValue (name: string, naming: Naming): string | undefined {
  const field = fieldName(name)
  const { container, records } = naming
  const [family, revision] = (records.get('ecs_task_definition') ?? '').split(':')
  const known = new Map([
    ['ecs_task_definition_family', family === '' ? undefined : family],
    ['ecs_task_definition_version', revision],
    ['container_name', container === anyContainer ? undefined : container],
  ])
  const part = tagPartOf(name, naming)
  const value = known.get(field) ?? records.get(field) ?? part
  if (value === undefined || [anyTask, anyContainer, unknownPart].some(mark => value.includes(mark))) return undefined
  // The older plugin does so with what a group's name cannot have.
  return value.replace(/[^\w\-/.#]/g, '.')
}

/**
 * Translates a key format of Fluent Bit's S3 plugin into a key. The path stays the same down to the hour; minutes and
 * seconds are removed, because an object holds records of a whole hour. `$UUID` and `$INDEX` become the name of the
 * segment; without them it is added at the end, because every key must contain it. The extension follows the
 * compression. A field of time that keys do not have becomes the nearest that they have.
 *
 * @returns undefined for a format that cannot be translated
 *
 * Source: https://docs.fluentbit.io/manual/pipeline/outputs/s3 (S3 key format and tag delimiters)
 */
export function keyTemplate (format: string, naming: Naming, delimiters: string): Translated | undefined {
  const trimmed = format.replace(/^\/+/, '').replace(/\.(?:gz|zst)$/, '')
  const times = wholeHours(trimmed)
  const parts = naming.tag.split(new RegExp(`[${delimiters.replace(/[\]\\^-]/g, '\\$&')}]`)).filter(part => part !== '')
  const changes = [...times.changes]
  const marked = templateOf(times.text, /\$(TAG(?:\[\d+\])?|UUID|INDEX|\([^)]*\))|%[YmdH]/g, (name, whole) => {
    if (whole.startsWith('%')) return whole
    if (name.startsWith('(')) return streamValues.get(name.slice(1, -1))
    if (name === 'TAG') return tagTemplate(naming.tag, naming.container)
    if (!name.startsWith('TAG[')) return '{segment}'
    const part = parts[Number(name.slice(4, -1))]
    // A container whose name has a delimiter would have more parts.
    if (naming.container === anyContainer && /[-_]/.test(delimiters)) changes.push(`$${name} is as before for containers whose names have none of ${delimiters}`)
    return part === undefined ? undefined : tagTemplate(part, naming.container)
  })
  if (marked === undefined) return undefined
  const key = marked.includes('{segment}') ? marked : withSegment(marked)
  return { text: `${key}.{ext}`, changes }
}

/** Fields of `strftime`, and what of a key is nearest to them. Times are UTC, as Fluent Bit's are. */
const nearest: ReadonlyMap<string, string> = new Map(Object.entries({
  '%y': '%Y', '%G': '%Y', '%g': '%Y', '%C': '%Y', '%b': '%m', '%B': '%m', '%h': '%m', '%e': '%d', '%j': '%m-%d', '%k': '%H', '%I': '%H', '%l': '%H',
}))
const without = new Set(['%p', '%P', '%a', '%A', '%u', '%w', '%U', '%V', '%W', '%n', '%t'])

/** Removes fields finer than an hour, with the separator before each. */
function wholeHours (format: string): Translated {
  const changes: string[] = []
  const plain = format
    .replaceAll('%T', '%H:%M:%S').replaceAll('%R', '%H:%M').replaceAll('%F', '%Y-%m-%d').replaceAll('%Z', 'UTC').replaceAll('%z', '+0000')
    .replace(/[-_.:T]?%(?:[MSsLf]|\d?N|\dL)/g, () => {
      changes.push('keys name the hour, not minutes and seconds: an object holds lines of a whole hour')
      return ''
    })
    .replace(/%[A-Za-z]/g, field => {
      const near = nearest.get(field) ?? (without.has(field) ? '' : undefined)
      if (near !== undefined) changes.push(`keys have no ${field}: ${near === '' ? 'it is left out' : `${near} stands for it`}`)
      return near ?? field
    })
  return { text: plain.split('/').filter(part => part !== '').join('/'), changes: [...new Set(changes)] }
}

/** `logs/2026.json` becomes `logs/2026-{segment}.json`. */
function withSegment (key: string): string {
  const [, path = '', extension = ''] = /^(.*?)(\.[A-Za-z]+)?$/s.exec(key) ?? []
  return path === '' ? `{segment}${extension}` : `${path}-{segment}${extension}`
}

/** Replaces what `pattern` finds. undefined if `valueOf` does not know a name, or the text between is not plain. */
function templateOf (
  text: string, pattern: RegExp, valueOf: (name: string, whole: string) => string | undefined
): string | undefined {
  let result = ''
  let end = 0
  for (const match of text.matchAll(pattern)) {
    const literal = literalTemplate(text.slice(end, match.index))
    const value = valueOf(match[1] ?? '', match[0])
    if (literal === undefined || value === undefined || hasMark(literal)) return undefined
    result += literal + value
    end = match.index + match[0].length
  }
  const literal = literalTemplate(text.slice(end))
  return literal === undefined || hasMark(literal) ? undefined : result + literal
}

/** Whether the text still has a placeholder or a time field, which is then unknown. */
function hasMark (literal: string): boolean {
  return /\$(?!\{)[A-Z(]|%%[A-Za-z0-9]/.test(literal.replace(variable, ''))
}
