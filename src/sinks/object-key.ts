import type { Segment } from '../segment.ts'
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
  return expandTemplate(withExtension, segment.hour, { ...values, ...own })
}

/** A name from outside as one part of a path: no separator, no dot in front, never empty. */
export function pathPart (name: string): string {
  const safe = name.replace(/[^\w.\-=+@]/g, '_')
  return safe === '' || safe.startsWith('.') ? `_${safe}` : safe
}
