import { dirname, join } from 'node:path'
import type { RunRead, Segment } from '../contracts/segment.ts'
import type { SegmentCopy } from './segment-copy.ts'
import { formatSealedId, parseFileName, type SealedName } from './segment-name.ts'

export interface SealedSegmentOptions {
  readonly route: string
  readonly container: string
  readonly names?: Readonly<Record<string, string>> | undefined
  readonly id: string
  readonly path: string
  readonly bytes: number
  readonly firstAcceptedMs: number
  /** When an earlier process made the file, ms since the epoch; unset for a segment of this process. */
  readonly createdMs?: number
  /** Unset: nothing. */
  readonly deliveredBytes?: number
  readonly deliveredRecords?: number
  /** True when this process has read or written every byte of it. */
  readonly isVerified: boolean
  /** Of all its bytes. */
  readonly copy?: SegmentCopy
}

/** A sealed file and how far delivery got in it. */
export class SealedSegment implements Segment {
  readonly route: string
  readonly container: string
  readonly names: Readonly<Record<string, string>> | undefined
  readonly hour: string
  readonly n: number
  readonly firstAcceptedMs: number
  readonly createdMs: number
  id: string
  path: string
  records: number
  crc32: number
  bytes: number
  deliveredBytes: number
  deliveredRecords: number
  isVerified: boolean
  /** A cursor file may lie beside it. */
  hasCursor: boolean
  /** When the first of the reads failed that have failed since the last that did not, monotonic ms. */
  unreadableSinceMs: number | undefined
  #copy: SegmentCopy | undefined
  /** From when it is first handed out. */
  runRead: RunRead | undefined
  /** Another process has taken its directory: its files are not touched any more. */
  isLeft = false

  constructor (options: SealedSegmentOptions) {
    const { hour, n, records, crc32 } = parseId(options.id)
    this.route = options.route
    this.container = options.container
    this.names = options.names
    this.hour = hour
    this.n = n
    this.records = records
    this.crc32 = crc32
    this.firstAcceptedMs = options.firstAcceptedMs
    this.createdMs = options.createdMs ?? Infinity
    this.id = options.id
    this.path = options.path
    this.bytes = options.bytes
    this.deliveredBytes = options.deliveredBytes ?? 0
    this.deliveredRecords = options.deliveredRecords ?? 0
    this.isVerified = options.isVerified
    this.hasCursor = this.deliveredBytes > 0
    this.#copy = options.copy
    // What is not sure to be in the file is looked for there.
    if (!options.isVerified) this.dropCopy()
  }

  get content (): Buffer | undefined { return this.#copy?.content }
  get mayBeDelivered (): boolean { return this.isLeft || Number.isFinite(this.createdMs) }
  get cursorPath (): string { return join(dirname(this.path), `${this.id}.cursor`) }
  get pendingRecords (): number { return this.records - this.deliveredRecords }
  get pendingBytes (): number { return this.bytes - this.deliveredBytes }

  /** From now on it is read from its file. Safe twice. */
  dropCopy (): void {
    this.#copy?.drop()
    this.#copy = undefined
  }

  /** The id and path that other content would give it. */
  renamed ({ records, crc32 }: Pick<SealedSegment, 'records' | 'crc32'>): Pick<SealedSegment, 'id' | 'path'> {
    const id = formatSealedId({ ...parseId(this.id), records, crc32 })
    return { id, path: join(dirname(this.path), `${id}.ndjson`) }
  }
}

/**
 * Oldest first: what earlier processes left, by the time of its files; then what this process opened, in that order,
 * whatever wall time did meanwhile.
 */
export function isOlder (one: SealedSegment, other: SealedSegment): boolean {
  return one.createdMs !== other.createdMs ? one.createdMs < other.createdMs : one.n < other.n
}

function parseId (id: string): SealedName {
  const parsed = parseFileName(`${id}.ndjson`)
  if (parsed.kind !== 'sealed') throw new TypeError('the id of a sealed segment was expected')
  return parsed.name
}

/** How far delivery got in a segment: always at the end of a line. */
export interface Cursor {
  readonly bytes: number
  readonly records: number
}

/** Content of a cursor file: `182400 400` and a newline. */
export function formatCursor ({ bytes, records }: Cursor): string {
  return `${bytes} ${records}\n`
}

/** undefined when `text` is no cursor of a segment that holds so much. That it ends a line is for others to check. */
export function parseCursor (text: string, whole: Cursor): Cursor | undefined {
  const match = /^(\d{1,15}) (\d{1,15})\n$/.exec(text)
  if (match === null) return undefined
  const cursor = { bytes: Number(match[1]), records: Number(match[2]) }
  if (cursor.bytes > whole.bytes || cursor.records > whole.records || cursor.bytes < cursor.records) return undefined
  if ((cursor.bytes === 0) !== (cursor.records === 0)) return undefined
  return (cursor.bytes === whole.bytes) === (cursor.records === whole.records) ? cursor : undefined
}
