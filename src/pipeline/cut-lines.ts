import { linePart, type LogRecord } from '../contracts/record.ts'
import type { Rule } from '../contracts/verdict.ts'
import { PartsState } from '../redact/line-parts.ts'
import { OpenLines } from './open-lines.ts'

/** A part of a line that is longer than a line may be. */
export interface CutPart {
  /** What the first part was taken for, and so every part of the line; undefined for the first. */
  rule: Rule | undefined
  /** Members of JSON that say which part of which line it is: `"cut":"mg9x2a-1","part":2,"parts":2`. */
  readonly json: string
  /** What redaction has to know of the parts before. */
  readonly state: PartsState
}

interface CutLine { readonly id: string, count: number, part: CutPart | undefined }

/**
 * Keeps the parts of a long line together: one class, and numbers from the first to the last. What it returns is called
 * once for each part, in the order in which they come.
 */
export function createCutLines (): (record: LogRecord) => CutPart {
  const open = new OpenLines<CutLine>()
  let lineCount = 0
  return record => {
    const line = open.before(record) ??
      { id: `${record.timeMs.toString(36)}-${(++lineCount).toString(36)}`, count: 0, part: undefined }
    const number = ++line.count
    const json = `"cut":"${line.id}","part":${number}${record.part === linePart.last ? `,"parts":${number}` : ''}`
    line.part = { rule: line.part?.rule, json, state: line.part?.state ?? new PartsState() }
    open.keep(record, line)
    return line.part
  }
}
