import { createHash } from 'node:crypto'
import type { Segment } from '../contracts/segment.ts'

/** What a name can be made of besides the hour; values are put in as they are. */
type TemplateValues = Readonly<Record<string, string>>

/** Of one part of a path: a key may have 1,024 bytes in S3, the name of a file 255. */
const maxPartLength = 128

/** Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
const maxStreamLength = 512

/**
 * The key of a segment's object: made of the segment's id, so the same key always means the same content.
 *
 * `{ext}` is the extension of the compression; without one, the dot before it goes too. Whatever a container's name
 * holds, it stays within its part of the path.
 */
export function objectKey (segment: Segment, template: string, extension: string, values: TemplateValues): string {
  const withExtension = extension === '' ? template.replace('.{ext}', '') : template.replace('{ext}', extension)
  const all = valuesOf(segment, pathPart(segment.container), { ...values, ...pathParts(segment.names ?? {}) })
  return expandTemplate(withExtension, segment.hour, all)
}

/**
 * The log stream of a segment's records.
 *
 * Besides the segment's own values and those given, `{date}` is the UTC day of the records, `2026-11-23`. A value that
 * is not known is empty: its part of the path goes with it, and so does the separator that it leaves hanging. No value
 * leaves its part of the path; what a stream cannot be called is replaced.
 */
export function streamName (segment: Segment, template: string, values: TemplateValues): string {
  const date = expandTemplate('%Y-%m-%d', segment.hour, {})
  const given = valuesOf(segment, segment.container, { ...values, ...segment.names })
  const all = Object.fromEntries(Object.entries({ ...given, date })
    .map(([name, value]) => [name, allowedInStream(value).replaceAll('/', '_')]))
  const parts = template.split('/').map(part => {
    const expanded = expandTemplate(part, segment.hour, all)
    const hasEmpty = [...part.matchAll(/\{(\w+)\}/g)].some(([, name = '']) => all[name] === '')
    return hasEmpty ? withoutHanging(expanded) : expanded
  })
  const name = allowedInStream(parts.filter(part => part !== '').join('/'))
  return shortened(name === '' ? allowedInStream(segment.route) : name, maxStreamLength, '~')
}

/** Where dead letters lie in a bucket: below the prefix of the settings, as a directory of its own. */
export function deadLetterPrefix (prefix: string): string {
  return `${prefix}${prefix === '' || prefix.endsWith('/') ? '' : '/'}dead-letter/`
}

/** A name from outside as one part of a path: no separator, no dot in front, never empty, never too long to store. */
export function pathPart (name: string): string {
  const safe = name.replace(/[^\w.\-=+@]/g, '_')
  return shortened(safe === '' || safe.startsWith('.') ? `_${safe}` : safe, maxPartLength, '_', name)
}

/** Each of `values` as one part of a path. */
export function pathParts (values: TemplateValues): TemplateValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, pathPart(value)]))
}

/** The values that come with a segment go before those given. */
function valuesOf ({ route, id }: Segment, container: string, given: TemplateValues): TemplateValues {
  return { class: route, ...given, container, segment: id }
}

/** `%Y %m %d %H` of a UTC hour of ten digits; `%%` is a percent sign. */
const hourFields: Readonly<Record<string, (hour: string) => string>> = {
  Y: hour => hour.slice(0, 4),
  m: hour => hour.slice(4, 6),
  d: hour => hour.slice(6, 8),
  H: hour => hour.slice(8, 10),
  '%': () => '%',
}

/**
 * Fills `{name}` from `values` and `%Y`, `%m`, `%d`, `%H` from `hour`. A name or field that is not known stays as it
 * stands: configuration was checked at the start.
 */
export function expandTemplate (template: string, hour: string, values: TemplateValues): string {
  return template.replace(/\{(\w+)\}|%([YmdH%])/g, (whole, name: string | undefined, field: string | undefined) => {
    if (name === undefined) return hourFields[field ?? '']?.(hour) ?? whole
    return Object.hasOwn(values, name) ? values[name] ?? whole : whole
  })
}

/** Source: the pattern of `logStreamName`, `[^:*]*`; control characters are legal there and of no use. */
function allowedInStream (text: string): string {
  return text.toWellFormed().replace(/[:*\p{Cc}]/gu, '_')
}

/** `-task1` and `web--error`, where a value between was empty, become `task1` and `web-error`. */
function withoutHanging (part: string): string {
  return part.replace(/^[-_.]+|[-_.]+$/g, '').replace(/([-_.])[-_.]+/g, '$1')
}

/** A name that is too long ends in a digest of the whole, so that two of them stay two. */
function shortened (name: string, maxLength: number, separator: string, whole = name): string {
  if (name.length <= maxLength) return name
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8)
  // The cut may go through a pair of surrogates.
  return `${name.slice(0, maxLength - digest.length - 1).toWellFormed()}${separator}${digest}`
}
