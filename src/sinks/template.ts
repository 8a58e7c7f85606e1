import type { Segment } from '../contracts/segment.ts'

/** What a key or stream name can be made of besides the hour; values are put in as they are. */
export type TemplateValues = Readonly<Record<string, string>>

/** `%Y %m %d %H` of a segment's UTC hour; `%%` is a percent sign. */
const hourFields: Readonly<Record<string, (hour: string) => string>> = {
  Y: hour => hour.slice(0, 4),
  m: hour => hour.slice(4, 6),
  d: hour => hour.slice(6, 8),
  H: hour => hour.slice(8, 10),
  '%': () => '%',
}

/**
 * Fills `{name}` from `values` and `%Y`, `%m`, `%d`, `%H` from `hour` (ten digits, UTC). A name or field that is not
 * known stays as it stands: configuration was checked at the start.
 */
export function expandTemplate (template: string, hour: string, values: TemplateValues): string {
  return template.replace(/\{(\w+)\}|%([YmdH%])/g, (whole, name: string | undefined, field: string | undefined) =>
    name === undefined ? hourFields[field ?? '']?.(hour) ?? whole : values[name] ?? whole)
}

/** The values that come with a segment itself. */
export function segmentValues (segment: Segment): TemplateValues {
  return { container: segment.container, segment: segment.id }
}
