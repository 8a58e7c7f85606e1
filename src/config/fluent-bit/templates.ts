/** What stands in a tag of FireLens, `<container>-firelens-<task id>`, as our templates have it. */
export const tagTemplate = '{container}-firelens-{task}'

/** Text that our templates take as it is; undefined for text that they cannot hold. */
export function literalTemplate (text: string): string | undefined {
  return /[{}\p{Cc}]/u.test(text) ? undefined : text.replaceAll('%', '%%')
}

const nameValues: ReadonlyMap<string, string> = new Map([
  ['ecs_task_id', '{task}'], ['ecs_cluster', '{cluster}'], ['tag', tagTemplate],
])

/**
 * A name of Fluent Bit's Go plugin for CloudWatch as a template of ours: `$(ecs_task_id)`, `$(ecs_cluster)`, `$(tag)`;
 * undefined with anything else in `$(…)`.
 *
 * Source: https://github.com/aws/amazon-cloudwatch-logs-for-fluent-bit (templating log group and stream names)
 */
export function nameTemplate (text: string): string | undefined {
  return templateOf(text, /\$\(([^)]*)\)/g, name => nameValues.get(name))
}

/**
 * A key format of Fluent Bit's S3 plugin as a key of ours: the same path, down to the hour, and the segment's name in
 * place of `$UUID` and `$INDEX`, or at the end, since a key has to say what is in its object. Minutes and seconds go:
 * an object holds records of a whole hour. The extension follows the compression.
 *
 * @param container whose tags `$TAG[n]` takes parts of; undefined when that is not one container
 * @returns undefined for a format that has no counterpart
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

/** Leaves out what is finer than an hour, with the separator before it. */
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
  // The task is hexadecimal digits: no delimiter is in it, and this character is in no name.
  const parts = `${container}-firelens-\0`.split(new RegExp(`[${delimiters.replace(/[\]\\^-]/g, '\\$&')}]`))
  return parts[index]?.replace('\0', '{task}')
}

/** Replaces what `pattern` finds; undefined when `valueOf` knows one not, or what stands between is no literal. */
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

/** A placeholder or a field of time that nothing here knows. */
function hasMark (literal: string): boolean {
  return /\$[A-Z(]|%%[A-Za-z0-9]/.test(literal)
}
