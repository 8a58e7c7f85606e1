import { createHash } from 'node:crypto'
import type { Segment } from '../contracts/segment.ts'
import { expandTemplate, segmentValues } from './template.ts'

/** Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
const maxLength = 512
const digestLength = 8

/**
 * The log stream of a segment's records.
 *
 * Besides the segment's own values and those given, `{date}` is the UTC day of the records, `2026-11-23`. A value that
 * is not known is empty: its part of the path goes with it, and so does the separator that it leaves hanging. No value
 * leaves its part of the path; what a stream cannot be called is replaced; a name that is too long ends in a digest of
 * the whole, so that two of them stay two.
 */
export function streamName (segment: Segment, template: string, values: Readonly<Record<string, string>>): string {
  const date = `${segment.hour.slice(0, 4)}-${segment.hour.slice(4, 6)}-${segment.hour.slice(6, 8)}`
  const all = Object.fromEntries(Object.entries({ class: segment.route, ...values, ...segmentValues(segment), date })
    .map(([name, value]) => [name, allowed(value).replaceAll('/', '_')]))
  const parts = template.split('/').map(part => {
    const expanded = expandTemplate(part, segment.hour, all)
    const hasEmpty = [...part.matchAll(/\{(\w+)\}/g)].some(([, name = '']) => all[name] === '')
    return hasEmpty ? withoutHanging(expanded) : expanded
  })
  const name = allowed(parts.filter(part => part !== '').join('/'))
  return shortened(name === '' ? allowed(segment.route) : name)
}

/** Source: the pattern of `logStreamName`, `[^:*]*`; control characters are legal there and of no use. */
function allowed (text: string): string {
  return text.toWellFormed().replace(/[:*\p{Cc}]/gu, '_')
}

/** `-task1` and `web--error`, where a value between was empty, become `task1` and `web-error`. */
function withoutHanging (part: string): string {
  return part.replace(/^[-_.]+|[-_.]+$/g, '').replace(/([-_.])[-_.]+/g, '$1')
}

function shortened (name: string): string {
  if (name.length <= maxLength) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, digestLength)
  // A pair of surrogates may be cut in two.
  return `${name.slice(0, maxLength - digestLength - 1).toWellFormed()}~${digest}`
}
