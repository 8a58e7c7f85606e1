import { dirname, join } from 'node:path'
import { createNameMemo } from '../contracts/name-memo.ts'
import type { RunRead, Segment } from '../contracts/segment.ts'
import type { SegmentCopy } from './segment-copy.ts'
import type { OpenSegmentOptions, SealedFile } from './segment-host.ts'
import { encodeComponent, formatSealedId, parseFileName, type SealedName } from './segment-name.ts'

export interface SealedSegmentOptions extends
  Pick<Segment, 'route' | 'container' | 'names' | 'id' | 'path' | 'bytes' | 'firstAcceptedMs'> {
  /** When an earlier process made the file, ms since the epoch; unset for a segment of this process. */
  readonly createdMs?: number
  /** True when this process has read or written every byte of it. */
  readonly isVerified: boolean
  /** Of all its bytes. */
  readonly copy?: SegmentCopy
}

/** The one copy in memory of a name that many segments have in common; beyond 256 they are taken for names of one. */
const shared = createNameMemo(name => name, 256)

/**
 * A sealed file and how far delivery got in it. While a destination is away there may be hundreds of thousands, so what
 * it is called is put together when somebody asks.
 */
export class SealedSegment implements Segment {
  readonly route: string
  readonly container: string
  readonly names: Readonly<Record<string, string>> | undefined
  readonly hour: string
  readonly n: number
  readonly firstAcceptedMs: number
  readonly createdMs: number
  /** The route's directory. */
  readonly #home: string
  readonly #boot: string
  readonly #isLate: boolean
  records: number
  crc32: number
  bytes: number
  deliveredBytes = 0
  deliveredRecords = 0
  isVerified: boolean
  /** A cursor file may lie beside it. */
  hasCursor = false
  /** When the first of the reads failed that have failed since the last that did not, monotonic ms. */
  unreadableSinceMs: number | undefined
  #copy: SegmentCopy | undefined
  /** From when it is first handed out. */
  runRead: RunRead | undefined
  /** Another process has taken its directory: its files are not touched any more. */
  isLeft = false

  constructor (options: SealedSegmentOptions) {
    const { hour, boot, n, isLate, records, crc32 } = parseId(options.id)
    this.#home = shared(dirname(dirname(options.path)))
    this.#boot = shared(boot)
    this.#isLate = isLate
    this.route = options.route
    this.container = options.container
    this.names = options.names
    this.hour = shared(hour)
    this.n = n
    this.records = records
    this.crc32 = crc32
    this.firstAcceptedMs = options.firstAcceptedMs
    this.createdMs = options.createdMs ?? Infinity
    this.bytes = options.bytes
    this.isVerified = options.isVerified
    this.#copy = options.copy
    // What is not sure to be in the file is looked for there.
    if (!options.isVerified) this.dropCopy()
  }

  get content (): Buffer | undefined { return this.#copy?.content }
  get mayBeDelivered (): boolean { return this.isLeft || Number.isFinite(this.createdMs) }
  get id (): string { return this.#idOf(this) }
  get path (): string { return this.#pathOf(`${this.id}.ndjson`) }
  get cursorPath (): string { return this.#pathOf(`${this.id}.cursor`) }
  get pendingRecords (): number { return this.records - this.deliveredRecords }
  get pendingBytes (): number { return this.bytes - this.deliveredBytes }

  /** From now on it is read from its file. Safe twice. */
  dropCopy (): void {
    this.#copy?.drop()
    this.#copy = undefined
  }

  isBelow (directory: string): boolean { return `${this.#home}/`.startsWith(`${directory}/`) }

  /** The path that other content would give it. */
  pathWith (content: Pick<SealedName, 'records' | 'crc32'>): string { return this.#pathOf(`${this.#idOf(content)}.ndjson`) }

  #idOf ({ records, crc32 }: Pick<SealedName, 'records' | 'crc32'>): string {
    return formatSealedId({ hour: this.hour, boot: this.#boot, n: this.n, isLate: this.#isLate, records, crc32 })
  }

  #pathOf (file: string): string { return join(this.#home, encodeComponent(this.container), file) }
}

/**
 * Oldest first: what earlier processes left, by the time of its files; then what this process opened, in that order,
 * whatever wall time did meanwhile.
 */
export function isOlder (one: SealedSegment, other: SealedSegment): boolean {
  return one.createdMs !== other.createdMs ? one.createdMs < other.createdMs : one.n < other.n
}

/**
 * Where `segment` belongs among `segments`, oldest first: behind all that are not newer. Most are the newest; of an
 * earlier process come thousands, in any order.
 */
export function placeOf (segment: SealedSegment, segments: readonly SealedSegment[]): number {
  let [from, to] = [0, segments.length]
  while (from < to) {
    const middle = (from + to) >> 1
    const other = segments[middle]
    if (other !== undefined && isOlder(segment, other)) to = middle
    else from = middle + 1
  }
  return from
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

/** The cursor file of the segment at `path`. */
export function cursorPathOf (path: string): string {
  return path.replace(/\.ndjson$/, '.cursor')
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

/** The sealed file of a segment that this process has written; `copy`: of all its bytes. */
export function sealedOf (
  of: Pick<Segment, 'route' | 'names'>, { options }: { readonly options: OpenSegmentOptions },
  { id, path, bytes, isSure }: SealedFile, copy?: SegmentCopy
): SealedSegment {
  const { container, firstAcceptedMs } = options
  const written = { ...of, container, id, path, bytes, firstAcceptedMs, isVerified: isSure }
  return new SealedSegment(copy === undefined ? written : { ...written, copy })
}
