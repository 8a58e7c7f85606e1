import { anyHint } from '../contracts/hints.ts'
import type { Redactor } from './redactor.ts'

/** What the parts of a line have to know of those before. */
export class PartsState {
  /** The end of what came, with which the next part is read. */
  before: Buffer = Buffer.alloc(0)
  /** A value that is to be taken out has begun, of which too much came to read it again: all that follows is of it. */
  isSecret = false
  /** A value that is to be taken out goes on behind the part that came last. */
  isOpen = false
  /** The same, or it did behind the part before that. */
  mayGoOn = false
}

/** Of what came so much is kept: the key of a value that is still to come, and values that go on. */
const keptBytes = 256
const maxValueBytes = 4096
/** An insert whose values are still to come: its columns may be many. */
const openInsert = /(?:into|insert|replace|ignore)[^()]{1,300}\([^()]*(?:\)[^()]{0,256})?$/i

/**
 * Redacts a part of a line that is too long for one record. It is read together with the end of the part before: a key
 * may stand there, or a value have begun that goes on here. Leaves the result in the redactor.
 *
 * @returns whether it has changed
 */
export function redactPart (redactor: Redactor, state: PartsState, bytes: Buffer, start: number, end: number): boolean {
  const { before } = state
  const all = before.length === 0 ? bytes.subarray(start, end) : Buffer.concat([before, bytes.subarray(start, end)])
  const isChanged = redactor.redact(all, 0, all.length, false, anyHint, before.length)
  const { openFrom } = redactor
  const isOpen = openFrom >= 0
  state.mayGoOn = isOpen || state.isOpen
  state.isOpen = isOpen
  state.isSecret = isOpen && all.length - openFrom > maxValueBytes
  const keptFrom = isOpen ? Math.max(openFrom, all.length - maxValueBytes) : all.length - keptBytes
  // The part is memory of its source, which is used again.
  state.before = Buffer.from(all.subarray(Math.max(0, Math.min(keptFrom, insertStart(all)))))
  return isChanged
}

/** Where an insert begins whose values are still to come; else the end. */
function insertStart (bytes: Buffer): number {
  const from = Math.max(0, bytes.length - maxValueBytes)
  const found = openInsert.exec(bytes.toString('latin1', from))
  return found === null ? bytes.length : from + found.index
}

// Tested in test/redact/line-parts.test.ts
