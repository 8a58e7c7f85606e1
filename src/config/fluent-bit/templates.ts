/** The tag of FireLens, `<container>-firelens-<task id>`, as a template. */
export const tagTemplate = '{container}-firelens-{task}'

/** Plain text as a template; undefined for text that a template cannot contain. */
export function literalTemplate (text: string): string | undefined {
  return /[{}\p{Cc}]/u.test(text) ? undefined : text.replaceAll('%', '%%')
}

const nameValues: ReadonlyMap<string, string> = new Map([
  ['ecs_task_id', '{task}'], ['ecs_cluster', '{cluster}'], ['tag', tagTemplate],
])

/**
 * Translates a name of Fluent Bit's Go plugin for CloudWatch into a template. It knows `$(ecs_task_id)`,
 * `$(ecs_cluster)` and `$(tag)`; with anything else in `$(…)` the result is undefined.
 *
 * Source: https://github.com/aws/amazon-cloudwatch-logs-for-fluent-bit (templating log group and stream names)
 */
export function nameTemplate (text: string): string | undefined {
  return templateOf(text, /\$\(([^)]*)\)/g, name => nameValues.get(name))
}

/**
 * Translates a key format of Fluent Bit's S3 plugin into a key. The path stays the same down to the hour; minutes and
 * seconds are removed, because an object holds records of a whole hour. `$UUID` and `$INDEX` become the name of the
 * segment; without them it is added at the end, because every key must contain it. The extension follows the
 * compression.
 *
 * @param container the container whose tag `$TAG[n]` takes parts of; undefined if there are several
 * @returns undefined for a format that cannot be translated
 *
 * Source: https://docs.fluentbit.io/manual/pipeline/outputs/s3 (S3 key format and tag delimiters)
 */
export function keyTemplate (format: string, container: string | undefined, delimiters: string): string | undefined {
  const trimmed = format.replace(/^\/+/, '').replace(/\.(?:gz|zst)$/, '')
  const withTimes = wholeHours(trimmed)
  const marked = templateOf(withTimes, /\$(TAG(?:\[\d+\])?|UUID|INDEX)|%[YmdH]/g, (name, whole) => {
    if (whole.startsWith('%')) return whole
    if (name === 'TAG') return tagTemplate
    return name.startsWith('TAG[') ? tagPart(Number(name.slice(4, -1)), container, delimiters) : '{segment}'
  })
  if (marked === undefined) return undefined
  const key = marked.includes('{segment}') ? marked : withSegment(marked)
  return `${key}.{ext}`
}

/** Removes fields finer than an hour, with the separator before each. */
function wholeHours (format: string): string {
  return format
    .replaceAll('%T', '%H:%M:%S').replaceAll('%R', '%H:%M').replaceAll('%F', '%Y-%m-%d')
    .replace(/[-_.:T]?%(?:[MSsLf]|\d?N|\dL)/g, '')
    .split('/').filter(part => part !== '').join('/')
}

/** `logs/2026.json` becomes `logs/2026-{segment}.json`. */
function withSegment (key: string): string {
  const [, path = '', extension = ''] = /^(.*?)(\.[A-Za-z]+)?$/s.exec(key) ?? []
  return path === '' ? `{segment}${extension}` : `${path}-{segment}${extension}`
}

function tagPart (index: number, container: string | undefined, delimiters: string): string | undefined {
  if (container === undefined) return undefined
  // A task id is hexadecimal digits, so it contains no delimiter. \0 stands for it, since no name contains that.
  const parts = `${container}-firelens-\0`.split(new RegExp(`[${delimiters.replace(/[\]\\^-]/g, '\\$&')}]`))
  return parts[index]?.replace('\0', '{task}')
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
  return /\$[A-Z(]|%%[A-Za-z0-9]/.test(literal)
}
