import { hash } from 'node:crypto'

/** How much of a message tells errors apart, characters: less than any cut leaves of it. */
const readLength = 2000
const keptLength = 240
const shownLength = 12

const changing = new RegExp([
  '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  '(?<![\\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?!\\w)',
  '0x[0-9a-f]+',
  '\\b(?=[a-f]{0,32}\\d)[0-9a-f]{8,128}\\b',
  '\\b(?=[a-z_]{0,64}\\d)(?=\\d{0,64}[a-z_])\\w{16,128}\\b',
  '\\d+(?:[.,:/-]\\d+)*',
].join('|'), 'gi')

/** A text without what differs from one occurrence to the next: numbers, times, addresses, ids, hashes. */
export function withoutChanging (text: string): string {
  return text.slice(0, readLength).replace(changing, '0').replace(/\s+/g, ' ').trim().slice(0, keptLength)
}

/** Names an error in 12 hex digits, by words that count as they are and by texts without what changes in them. */
export function fingerprintOf (words: readonly string[], texts: readonly string[]): string {
  return hash('sha1', [...words, ...texts.map(withoutChanging)].join('\n'), 'hex').slice(0, shownLength)
}
