import { createHash } from 'node:crypto'
import type { Segment } from '../contracts/segment.ts'
import { expandTemplate, segmentValues } from './template.ts'

/**
 * The key of a segment's object: made of the segment's id, so the same key always means the same content.
 *
 * `{ext}` is the extension of the compression; without one, the dot before it goes too. Whatever a container's name
 * holds, it stays within its part of the path.
 */
export function objectKey (
  segment: Segment, template: string, extension: string, values: Readonly<Record<string, string>>
): string {
  const own = segmentValues({ ...segment, container: pathPart(segment.container) })
  const withExtension = extension === '' ? template.replace('.{ext}', '') : template.replace('{ext}', extension)
  return expandTemplate(withExtension, segment.hour, { class: segment.route, ...values, ...own })
}

/** Leaves room for the rest of a key (1,024 bytes in S3) and of a file's name (255). */
const maxPartLength = 128
const digestLength = 8

/**
 * A name from outside as one part of a path: no separator, no dot in front, never empty, and not so long that nothing
 * could be stored under it. A name that is too long ends in a digest of the whole, so that two of them stay two.
 */
export function pathPart (name: string): string {
  const safe = name.replace(/[^\w.\-=+@]/g, '_')
  const part = safe === '' || safe.startsWith('.') ? `_${safe}` : safe
  if (part.length <= maxPartLength) return part
  const digest = createHash('sha256').update(name).digest('hex').slice(0, digestLength)
  return `${part.slice(0, maxPartLength - digestLength - 1)}_${digest}`
}
