import { linePart, type LogRecord } from '../contracts/record.ts'
import type { Rule } from '../contracts/verdict.ts'
import { createPartsState, type PartsState } from '../redact/line-parts.ts'

/** A part of a line that is longer than a line may be. */
export interface CutPart {
  /** What the first part was taken for, and so every part of the line; undefined for the first. */
  rule: Rule | undefined
  /** Members of JSON that say which part of which line it is: `"cut":"mg9x2a-1","part":2,"parts":2`. */
  readonly json: string
  /** What redaction has to know of the parts before. */
  readonly state: PartsState
}

/** Keeps the parts of a long line together: one class, and numbers from the first to the last. */
export interface CutLines {
  /** Called once for each part, in the order in which they come. */
  next (record: LogRecord): CutPart
}

interface OpenLine { readonly id: string, count: number, part: CutPart | undefined }

/** So many lines may be long at once; of more, the numbers of the oldest begin anew. */
const maxOpenCount = 256

export function createCutLines (): CutLines {
  const open = new Map<string, OpenLine>()
  let lineCount = 0
  return {
    next ({ part, cutLine, container, stream, timeMs }) {
      const key = `${cutLine}\0${container}\0${stream}`
      const before = part === linePart.first ? undefined : open.get(key)
      const line = before ?? { id: `${timeMs.toString(36)}-${(++lineCount).toString(36)}`, count: 0, part: undefined }
      const number = ++line.count
      const isLast = part === linePart.last
      const json = `"cut":"${line.id}","part":${number}${isLast ? `,"parts":${number}` : ''}`
      const next = { rule: line.part?.rule, json, state: line.part?.state ?? createPartsState() }
      line.part = next
      open.delete(key)
      if (isLast) return next
      open.set(key, line)
      // Others go on: what is to be taken out of them may have begun.
      const [oldest = key] = open.keys()
      if (open.size > maxOpenCount) open.delete(oldest)
      return next
    },
  }
}

// Tested in test/pipeline/cut-lines.test.ts
