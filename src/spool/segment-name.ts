import { createHash } from 'node:crypto'

export const hourMs = 3_600_000

/** What the name of an open segment says. */
export interface OpenName {
  /** UTC hour, ten digits. */
  readonly hour: string
  readonly boot: string
  readonly n: number
  /** Holds records of other hours than its name says. */
  readonly isLate: boolean
}

export interface SealedName extends OpenName {
  readonly records: number
  /** CRC-32 of the content. */
  readonly crc32: number
}

/** Behind the name of a file that could not be read: it has no kind then, and is left alone. */
export const unreadableExtension = '.unreadable'

const openPattern = /^(\d{10})-([0-9a-f]{32})-(\d{1,15})(late)?\.open$/
const sealedPattern = /^(\d{10})-([0-9a-f]{32})-(\d{1,15})(late)?-(\d{1,15})-([0-9a-f]{8})\.(ndjson|cursor|cursor\.new)$/

/** The UTC hour in which `timeMs` lies: `2026112319`. */
export function formatHour (timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\D/g, '').slice(0, 10)
}

/** File name of an open segment without its extension. */
export function formatOpenName ({ hour, boot, n, isLate }: OpenName): string {
  return `${hour}-${boot}-${n}${isLate ? 'late' : ''}`
}

/** A sealed segment's id: its file name without extension. */
export function formatSealedId (name: SealedName): string {
  return `${formatOpenName(name)}-${name.records}-${name.crc32.toString(16).padStart(8, '0')}`
}

export type ParsedName =
  | { readonly kind: 'open', readonly name: OpenName }
  /** `leftover`: a cursor that was being replaced. */
  | { readonly kind: 'sealed' | 'cursor' | 'leftover', readonly name: SealedName, readonly id: string }
  | { readonly kind: 'unknown' }

const kindOfExtension = { ndjson: 'sealed', cursor: 'cursor', 'cursor.new': 'leftover' } as const

export function parseFileName (file: string): ParsedName {
  const open = openPattern.exec(file)
  if (open !== null) {
    const [, hour = '', boot = '', n, late] = open
    return { kind: 'open', name: { hour, boot, n: Number(n), isLate: late !== undefined } }
  }
  const sealed = sealedPattern.exec(file)
  if (sealed === null) return { kind: 'unknown' }
  const [, hour = '', boot = '', n, late, records, crc = '', extension = ''] = sealed
  const crc32 = Number.parseInt(crc, 16)
  const name = { hour, boot, n: Number(n), isLate: late !== undefined, records: Number(records), crc32 }
  const kind = kindOfExtension[extension as keyof typeof kindOfExtension]
  return { kind, name, id: file.slice(0, -extension.length - 1) }
}

/** Below the 255 bytes that file systems allow a name. */
const maxComponentBytes = 240
const keptNameBytes = 60

/** `name`, or where it is too long for a path, its beginning and a hash of it. A name so made is left as it is. */
export function boundedName (name: string): string {
  const bytes = Buffer.from(name)
  if (encodeBytes(bytes).length <= maxComponentBytes) {
    // The same string as given where it is the same name, so that it is in memory once.
    const text = bytes.toString()
    return text === name ? name : text
  }
  let end = keptNameBytes
  while (end > 0 && ((bytes[end] ?? 0) & 0xC0) === 0x80) end--
  return `${bytes.toString('utf8', 0, end)}~${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`
}

/** One path component for any name: no separator, no `.` or `..`, at most 240 bytes. */
export function encodeComponent (name: string): string {
  if (name === '') return '_'
  if (name === '_') return '%5F'
  return encodeBytes(Buffer.from(boundedName(name)))
}

/** The name that `encodeComponent` encoded; undefined when it made no such component. */
export function decodeComponent (component: string): string | undefined {
  if (component === '_') return ''
  const bytes = component.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const name = Buffer.from(bytes, 'latin1').toString()
  return encodeComponent(name) === component ? name : undefined
}

function encodeBytes (bytes: Buffer): string {
  let encoded = ''
  for (const byte of bytes) {
    const isSafe = (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) ||
      (byte >= 0x30 && byte <= 0x39) || byte === 0x2D || byte === 0x5F || (byte === 0x2E && encoded !== '')
    encoded += isSafe ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}
