import type { Logger } from 'pino'
import { isDigit } from '../bytes/ascii.ts'
import { stream, type LogRecord } from '../contracts/record.ts'
import type { RecordClass } from '../contracts/verdict.ts'

/** Says once what to set, when most of stdout is of class `app` and looks like access lines all the same. */
export interface AccessWatch {
  note (record: LogRecord, recordClass: RecordClass): void
  /** As `note`, for so many access lines. */
  noteAccess (lineCount: number): void
}

const accessAdvice = 'most lines of stdout look like access lines but are of class app: set access.format, or ' +
  'access.statusKeys and access.requestKeys to the keys of your LogFormat (sluice explain shows why)'

export function createAccessWatch ({ log }: { readonly log: Logger }): AccessWatch {
  const detector = createLooksLikeAccess()
  return {
    noteAccess (lineCount) {
      for (let line = 0; line < lineCount; line++) detector.note(false)
    },
    note ({ stream: from, bytes, start, end }, recordClass) {
      if (recordClass === 'access') {
        detector.note(false)
      } else if (recordClass === 'app' && from === stream.stdout) {
        detector.note(isAccessLookalike(bytes, start, end))
        if (detector.shouldWarn()) log.warn(accessAdvice)
      }
    },
  }
}

export interface LooksLikeAccessOptions {
  /** Lines of stdout after which a verdict is made, and then forgotten by half. */
  readonly windowCount?: number
}

/** Notices that most of stdout looks like access lines and is not taken for them. */
export interface LooksLikeAccess {
  /** Counts one line of stdout; `isLookalike` when it is class `app` and looks like an access line. */
  note (isLookalike: boolean): void
  /** True once in a lifetime: when more than half of the lines lately were lookalikes. */
  shouldWarn (): boolean
}

export function createLooksLikeAccess ({ windowCount = 200 }: LooksLikeAccessOptions = {}): LooksLikeAccess {
  let lineCount = 0
  let lookalikeCount = 0
  let state: 'watching' | 'found' | 'told' = 'watching'
  return {
    note (isLookalike) {
      if (state !== 'watching') return
      lineCount++
      if (isLookalike) lookalikeCount++
      if (lineCount < windowCount) return
      if (lookalikeCount * 2 > lineCount) state = 'found'
      lineCount >>= 1
      lookalikeCount >>= 1
    },
    shouldWarn () {
      if (state !== 'found') return false
      state = 'told'
      return true
    },
  }
}

const longestLookBytes = 4096

/**
 * Whether a line has what nearly all access lines have, in any format: a protocol, `HTTP/` and a digit. Looks at the
 * first 4,096 bytes and allocates nothing.
 */
export function isAccessLookalike (bytes: Uint8Array, start: number, end: number): boolean {
  const last = Math.min(end, start + longestLookBytes) - 6
  for (let index = start; index <= last; index++) {
    if (bytes[index] === 0x48 && bytes[index + 1] === 0x54 && bytes[index + 2] === 0x54 && bytes[index + 3] === 0x50 &&
      bytes[index + 4] === 0x2f && isDigit(bytes[index + 5] as number)) return true
  }
  return false
}
