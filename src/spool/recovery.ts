import { join } from 'node:path'
import type { Clock } from '../contracts/clock.ts'
import { errorCode, isOfProcess } from '../contracts/disk-errors.ts'
import type { Disk } from './disk.ts'
import { isLineEnd, scanFile, type Content } from './scan.ts'
import { parseCursor, SealedSegment, type Cursor } from './sealed-segment.ts'
import { decodeComponent, formatOpenName, formatSealedId, parseFileName, unreadableExtension, type OpenName } from './segment-name.ts'
import { cutTorn } from './verify.ts'

export interface RecoveryOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly route: string
  /** `{dataDir}/{hostId}/spool/{route}`. */
  readonly directory: string
  /** What its segments go by: see `Segment.names`. */
  readonly names: Readonly<Record<string, string>>
  /** Of this process, where it writes there: its own files are left alone. */
  readonly boot: string | undefined
  /** Whose files these are, as the file system says it: those of other users are left alone. */
  readonly userId: number
  /** Whether what recovery changes is put on the medium. */
  readonly isSynced: boolean
  /** True for a sealed file that needs no recovery, because an earlier one took it over. */
  readonly isKnown: (path: string) => boolean
  /** Another process has taken the directory: what lies there is no concern of ours any more. */
  readonly isLeft: () => boolean
  readonly onSegment: (segment: SealedSegment) => void
  /** Asked after every read of an open segment that failed. @returns true when it is to be set aside */
  readonly isHopeless: (path: string) => boolean
  /** An open segment was set aside, as `path`, since it cannot be read. */
  readonly onSetAside: (path: string, error: unknown) => void
  /** A file or directory could not be read or changed; the rest goes on. */
  readonly onFailure: (path: string, error: unknown) => void
}

export class RecoveryReport {
  segmentCount = 0
  records = 0
  /** Ends of files that were cut because no newline followed. */
  tornCount = 0
  ignoredCursorCount = 0
  failedCount = 0
  /** Paths below the route's directory that are none of ours. */
  readonly unknown: string[] = []
}

/** Takes over what earlier processes left of one route. Running it again does only what failed before. */
export async function recoverRoute (options: RecoveryOptions): Promise<RecoveryReport> {
  const report = new RecoveryReport()
  await attempt(options, report, options.directory, async () => {
    for (const { name, isDirectory } of await options.disk.list(options.directory)) {
      const container = isDirectory ? decodeComponent(name) : undefined
      if (container === undefined) {
        report.unknown.push(name)
        continue
      }
      const directory = join(options.directory, name)
      await attempt(options, report, directory, () => recoverDirectory(options, report, directory, name, container))
    }
  })
  return report
}

async function recoverDirectory (
  options: RecoveryOptions, report: RecoveryReport, directory: string, component: string, container: string
): Promise<void> {
  const entries = [...await options.disk.list(directory)].sort((one, other) => one.name < other.name ? -1 : 1)
  const names = entries.map(({ name }) => name)
  if (names.length === 0) return await options.disk.removeDirectory(directory)
  const present = new Set(names)
  for (const { name: file, ...entry } of entries) {
    const parsed = parseFileName(file)
    if (parsed.kind === 'unknown') report.unknown.push(join(component, file))
    if (parsed.kind !== 'open' && parsed.kind !== 'sealed') continue
    if (parsed.name.boot === options.boot || options.isKnown(join(directory, file))) continue
    // A symbolic link could lead to any file, and what another user wrote is not ours to send. A directory can be
    // neither: it is in the way of a segment that was there.
    if (!entry.isDirectory && !await isOurs(options, join(directory, file))) {
      report.unknown.push(join(component, file))
      continue
    }
    await attempt(options, report, join(directory, file), () => parsed.kind === 'open'
      ? recoverOpen(options, report, { directory, container, present }, parsed.name)
      : recoverSealed(options, report, { directory, container, present }, parsed.id, undefined))
  }
  // Afterwards, when it is known which segments there are.
  for (const file of names) {
    const parsed = parseFileName(file)
    if ((parsed.kind !== 'cursor' && parsed.kind !== 'leftover') || parsed.name.boot === options.boot) continue
    const isOrphan = !present.has(`${parsed.id}.ndjson`) || parsed.kind === 'leftover'
    if (!isOrphan || options.isKnown(join(directory, `${parsed.id}.ndjson`))) continue
    await attempt(options, report, join(directory, file), () => options.disk.remove(join(directory, file)))
  }
}

async function isOurs ({ disk, userId }: RecoveryOptions, path: string): Promise<boolean> {
  try {
    const stat = await disk.stat(path)
    return stat.isFile && stat.userId === userId
  } catch {
    // What became of it is found out where it is read.
    return true
  }
}

interface Place {
  readonly directory: string
  readonly container: string
  /** Names of the files in it. */
  readonly present: ReadonlySet<string>
}

async function recoverOpen (
  options: RecoveryOptions, report: RecoveryReport, place: Place, name: OpenName
): Promise<void> {
  const { disk, isSynced } = options
  const path = join(place.directory, `${formatOpenName(name)}.open`)
  // Asked first: where the file system keeps no creation time, cutting the end changes what it says.
  const { createdMs } = await disk.stat(path)
  const content = await readOpen(options, path)
  if (content === undefined) return
  if (content.tornBytes > 0) report.tornCount++
  if (content.records === 0) return await disk.remove(path)
  if (content.tornBytes > 0) await cutTorn(disk, path, content.bytes, isSynced)
  const id = formatSealedId({ ...name, records: content.records, crc32: content.crc32 })
  await disk.rename(path, join(place.directory, `${id}.ndjson`))
  await recoverSealed(options, report, place, id, createdMs)
}

/** undefined when it cannot be read and was set aside: how many records it held is not known then. */
async function readOpen (options: RecoveryOptions, path: string): Promise<Content | undefined> {
  const { disk, isHopeless, onSetAside } = options
  try {
    return await scanFile(disk, path, 0)
  } catch (error) {
    const code = errorCode(error)
    // A permission may be given back: until then this holds up no other file.
    if (['ENOENT', 'EACCES', 'EPERM'].includes(code) || isOfProcess(code) || !isHopeless(path)) throw error
    // A disk that refuses this too fails as a whole: then it is no fault of the file.
    const aside = `${path}${unreadableExtension}`
    await disk.rename(path, aside)
    onSetAside(aside, error)
    return undefined
  }
}

/** @param scannedMs creation of a file that has just been read in full; undefined for one that has not */
async function recoverSealed (
  options: RecoveryOptions, report: RecoveryReport, place: Place, id: string, scannedMs: number | undefined
): Promise<void> {
  const { disk, clock, route } = options
  const path = join(place.directory, `${id}.ndjson`)
  const stat = await disk.stat(path)
  const createdMs = scannedMs ?? stat.createdMs
  const segment = new SealedSegment({
    route,
    container: place.container,
    names: options.names,
    id,
    path,
    bytes: stat.bytes,
    // Its age by wall time is all that is known; a file of a time to come has none.
    firstAcceptedMs: clock.monotonicMs() - Math.max(0, clock.wallMs() - createdMs),
    createdMs,
    isVerified: scannedMs !== undefined,
  })
  if (place.present.has(`${id}.cursor`)) {
    segment.hasCursor = true
    const cursor = await readCursor(disk, segment)
    if (cursor === undefined) report.ignoredCursorCount++
    segment.deliveredBytes = cursor?.bytes ?? 0
    segment.deliveredRecords = cursor?.records ?? 0
  }
  if (segment.bytes > 0 && segment.pendingBytes === 0) {
    await disk.remove(path)
    return await disk.remove(segment.cursorPath)
  }
  // What was read may be another's by now: to read asks for no lease.
  if (options.isLeft()) return
  report.segmentCount++
  report.records += segment.pendingRecords
  options.onSegment(segment)
}

/** undefined when the cursor makes no sense. */
async function readCursor (disk: Disk, segment: SealedSegment): Promise<Cursor | undefined> {
  const cursor = parseCursor(await disk.readText(segment.cursorPath), segment)
  return cursor !== undefined && await endsLine(disk, segment.path, cursor) ? cursor : undefined
}

/** A segment that cannot be read is set aside later, with what the cursor leaves of it. */
async function endsLine (disk: Disk, path: string, { bytes }: Cursor): Promise<boolean> {
  try {
    return await isLineEnd(disk, path, bytes)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || isOfProcess(code)) throw error
    return true
  }
}

/** Counts what fails, so that the rest goes on. What is not there needs no recovery. */
async function attempt (
  options: RecoveryOptions, report: RecoveryReport, path: string, operation: () => Promise<void>
): Promise<void> {
  if (options.isLeft()) return
  try {
    await operation()
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || options.isLeft()) return
    report.failedCount++
    options.onFailure(path, error)
  }
}
