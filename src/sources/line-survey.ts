import { read } from 'node:fs'
import { promisify } from 'node:util'
import { LineCutter } from './line-cutter.ts'

export interface SurveyOptions {
  /** A file: it is read beside whoever reads it, whose place in it stays. */
  readonly fd: number
  /** Where reading begins. */
  readonly startBytes: number
  readonly maxLineBytes: number
  /** When a line was written, ms since the epoch; undefined where it does not say. */
  readonly lineTime: (bytes: Buffer, start: number, end: number) => number | undefined
  /** Lines written before are counted, of those that `isCounted` names. */
  readonly oldMs: number
  readonly isCounted: (bytes: Buffer, start: number, end: number) => boolean
  readonly signal: AbortSignal
  /** So many more bytes were read. */
  readonly onRead?: (bytes: number) => void
}

/** What the lines of a file say of their times. */
export interface Survey {
  readonly lineCount: number
  /** Lines that say when they were written. */
  readonly timedCount: number
  /** The first time of the file, the earliest and the latest; undefined when no line says one. */
  readonly firstMs: number | undefined
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  /** Lines counted as too old; one that does not say is as old as the line before it. */
  readonly oldCount: number
}

const chunkBytes = 1024 * 1024
const readAt = promisify(read)

/**
 * Reads the times of a file's lines, before anything is done with them. Ends with the file, or with what was read so
 * far when `signal` aborts. Rejects with the system's error.
 */
export async function surveyLines (options: SurveyOptions): Promise<Survey> {
  const { fd, startBytes, maxLineBytes, lineTime, oldMs, isCounted, signal } = options
  // Long lines are counted when they are read in earnest.
  const cutter = new LineCutter(maxLineBytes, { value: 0 })
  let [lineCount, timedCount, oldCount] = [0, 0, 0]
  let [firstMs, fromMs, toMs, lastMs]: (number | undefined)[] = []

  function note (): void {
    lineCount++
    const timeMs = lineTime(cutter.bytes, cutter.start, cutter.end)
    if (timeMs !== undefined) {
      timedCount++
      firstMs ??= timeMs
      lastMs = timeMs
      fromMs = Math.min(fromMs ?? timeMs, timeMs)
      toMs = Math.max(toMs ?? timeMs, timeMs)
    }
    if ((lastMs ?? oldMs) < oldMs && isCounted(cutter.bytes, cutter.start, cutter.end)) oldCount++
  }

  let position = startBytes
  while (!signal.aborted) {
    const { bytesRead, buffer } = await readAt(fd, Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position)
    if (bytesRead === 0) break
    position += bytesRead
    options.onRead?.(bytesRead)
    cutter.feed(buffer.subarray(0, bytesRead))
    while (cutter.next()) note()
  }
  if (cutter.last()) note()
  return { lineCount, timedCount, firstMs, fromMs, toMs, oldCount }
}
