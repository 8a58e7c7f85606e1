import { createIsoTime } from '../bytes/iso-time.ts'
import { numeral } from '../telemetry/words.ts'
import type { Storm } from './storms.ts'

export interface StormSummaryOptions {
  /** As `error.format`. */
  readonly format: 'text' | 'json'
  /** Longest message, UTF-8 bytes: JSON that would be longer is text. */
  readonly maxMessageBytes: number
  /** Further fields of the JSON object, as `fieldsJson` makes them; empty: none. */
  readonly enrichment: string
  /** The route that took what was too many. */
  readonly route: string
}

/**
 * What is delivered when the window of a storm ends, of which most records went elsewhere: the head of a sentence with
 * the counts and times, then the error itself.
 */
export function stormSummary (storm: Storm, options: StormSummaryOptions): string {
  const { format, maxMessageBytes, enrichment, route } = options
  const { fingerprint, example: { message, ...example }, count, surplus, firstAtMs, lastAtMs, openMs } = storm
  const first = isoOf(firstAtMs)
  const last = isoOf(lastAtMs)
  const seconds = Math.max(1, Math.round(openMs / 1000))
  const repeated = `repeated ${numeral(count)} times in ${seconds} s`
  if (format === 'json') {
    const fields = {
      time: last,
      ...example,
      message: `${repeated}: ${message}`,
      fingerprint,
      storm: { count, surplus, route, seconds, first, last },
    }
    const object = JSON.stringify(fields)
    const json = enrichment === '' ? object : `${object.slice(0, -1)},${enrichment}}`
    if (Buffer.byteLength(json) <= maxMessageBytes) return json
  }
  return `${repeated}, first ${first}, last ${last}, fingerprint ${fingerprint}; ` +
    `${numeral(surplus)} of them went to route ${route}: ${message.replaceAll('\n', ' ')}`
}

function isoOf (ms: number): string {
  return createIsoTime()(ms).toString('latin1')
}
