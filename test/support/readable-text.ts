import { isUtf8 } from 'node:buffer'

/** Bytes as text: valid UTF-8 as it is, any other byte as the four characters `\xhh`. The slow and simple way. */
export function asText (bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length;) {
    const rest = bytes.subarray(index)
    const length = [1, 2, 3, 4].find(length => length <= rest.length && isUtf8(rest.subarray(0, length)))
    const character = Buffer.from(rest.subarray(0, length ?? 1))
    text += length === undefined ? `\\x${character.toString('hex')}` : character.toString()
    index += length ?? 1
  }
  return text
}
