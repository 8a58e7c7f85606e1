import { hasBytes } from '../bytes/ascii.ts'

/** The nine of HTTP. Source: https://www.rfc-editor.org/rfc/rfc9110#name-methods and RFC 5789 */
const known = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']

/** Names by index. The last stands for every other method. */
export const methodNames: readonly string[] = [...known, 'other']
export const otherMethod = known.length

const texts = known.map(name => Buffer.from(name))

/** Index of the method that begins at `start`, and ends at `end` or before a space. */
export function methodAt (bytes: Uint8Array, start: number, end: number): number {
  for (let index = 0; index < otherMethod; index++) {
    const text = texts[index] as Buffer
    const behind = start + text.length
    if (hasBytes(bytes, start, end, text) && (behind === end || bytes[behind] === 0x20)) return index
  }
  return otherMethod
}
