import type { ClientRequest, Sent } from './request.ts'
import { jsonOf } from './text.ts'

/** How a format tells of a request. */
export interface AccessFormat {
  /** Values are cut, so that lines stay short enough for a pipe. */
  readonly isCut: boolean
  /** The path is logged decoded, and the query with its question mark, as `%U` and `%q` are. */
  readonly isDecoded: boolean
}

export interface FieldReport {
  /** A sentence for each difference. */
  readonly found: readonly string[]
  readonly comparedCount: number
  /** Requests whose line is no JSON, so that nothing can be compared. */
  readonly brokenCount: number
  /** Trace ids of the requests that have no line. */
  readonly unseen: readonly string[]
}

/** The fewest bytes that a cut value keeps: of a method. */
const minKeptBytes = 16

/** Compares what access lines say with what the clients sent, by the trace id that each request had. */
export function fieldDifferences (
  lines: readonly string[], requests: readonly ClientRequest[], format: AccessFormat
): FieldReport {
  const byTrace = new Map(lines.flatMap(line => [...line.matchAll(/"trace_id":"([^"]*)"/g)].map(match => [match[1] ?? '', line])))
  const found: string[] = []
  const unseen: string[] = []
  let comparedCount = 0
  let brokenCount = 0
  for (const { traceId, sent } of requests.flatMap(request => request.expected)) {
    const line = byTrace.get(traceId)
    const values = jsonOf(line ?? '') as Readonly<Record<string, unknown>> | undefined
    if (line === undefined) unseen.push(traceId)
    else if (values === undefined) brokenCount++
    else {
      comparedCount++
      for (const [field, bytes] of Object.entries(loggedOf(sent, format))) {
        const value = values[field]
        if (typeof value === 'string' && says(value, bytes, format.isCut)) continue
        const sentText = JSON.stringify(bytes.toString('latin1').slice(0, 80))
        found.push(`${traceId}: ${field}: sent ${sentText}, found ${JSON.stringify(value)?.slice(0, 80)}`)
      }
    }
  }
  return { found, comparedCount, brokenCount, unseen }
}

function loggedOf (sent: Sent, { isCut, isDecoded }: AccessFormat): Readonly<Record<string, Buffer>> {
  const header = (bytes: Buffer | undefined) => {
    const value = trimmed(bytes ?? Buffer.from('-'))
    // The pattern that cuts a value takes an empty one for none.
    return isCut && value.length === 0 ? Buffer.from('-') : value
  }
  const query = sent.query ?? Buffer.alloc(0)
  return {
    method: Buffer.from(sent.method),
    query: isDecoded && sent.query !== undefined ? Buffer.concat([Buffer.from('?'), query]) : query,
    referer: header(sent.referer),
    user_agent: header(sent.userAgent),
    xff: header(sent.xff),
    ...isDecoded ? decodedPath(sent.path) : { path: sent.path },
  }
}

/** What Apache decodes a path to, where that is plain: merged slashes, dots and faulty escapes are its own affair. */
function decodedPath (path: Buffer): { readonly path?: Buffer } {
  const text = path.toString('latin1')
  if (!text.startsWith('/p/') || /%(?![\da-f]{2})/i.test(text)) return {}
  const decoded = text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return { path: Buffer.from(decoded, 'latin1') }
}

/** Whether a value that was read from JSON stands for these bytes: a character for its UTF-8, or for one byte. */
function says (value: string, bytes: Buffer, isCut: boolean): boolean {
  let at = 0
  for (const character of value) {
    const encoded = Buffer.from(character)
    if (bytes.subarray(at, at + encoded.length).equals(encoded)) at += encoded.length
    else if (character.length === 1 && character.charCodeAt(0) === bytes[at]) at++
    else return false
  }
  return at === bytes.length || (isCut && at >= Math.min(minKeptBytes, bytes.length))
}

/** A header's value has no white space at its ends. */
function trimmed (bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/^[ \t]+|[ \t]+$/g, ''), 'latin1')
}
