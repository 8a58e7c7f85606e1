import type { ErrorFields, MessageFields } from './fields.ts'
import { reportOf, type FpmReport } from './fpm-reports.ts'
import type { ErrorLevel } from '../contracts/levels.ts'
import { createErrorFields, createLineReader } from './line-fields.ts'
import { levelOfLine } from './line-level.ts'
import { createErrorText, type ErrorText } from './line-text.ts'
import { unsure } from './message-level.ts'

/**
 * One record of standard error for everybody who asks what it tells: each part is read when it is first asked for, and
 * once, however many ask. The filter asks for its level or its report, an encoder for its text or its fields.
 */
export interface ErrorReading {
  /** Goes to the record `bytes[start, end)`, which stays as it is until the next one. Reads nothing yet. */
  begin (bytes: Buffer, start: number, end: number): void
  /** Without the escapes of Apache and the decoration of php-fpm. */
  readonly text: ErrorText
  /** As in `fields`, and far cheaper where nobody asks for those. */
  readonly level: ErrorLevel | undefined
  /** The level that the record has from here on, in the place of its own. */
  setLevel (level: ErrorLevel): void
  readonly fields: ErrorFields
  /** What php-fpm reports twice; undefined for any other record. */
  readonly report: FpmReport | undefined
}

export function createErrorReading (): ErrorReading {
  const errorText = createErrorText()
  const readLine = createLineReader()
  const fieldsOf = createErrorFields()
  let bytes: Buffer = Buffer.alloc(0)
  let start = 0
  let end = 0
  let isTextRead = false
  let message: MessageFields | undefined
  let fields: ErrorFields | undefined
  let givenLevel: ErrorLevel | undefined

  function text (): ErrorText {
    if (!isTextRead) errorText.read(bytes, start, end)
    isTextRead = true
    return errorText
  }

  return {
    begin (ofBytes, from, to) {
      bytes = ofBytes
      start = from
      end = to
      isTextRead = false
      message = fields = givenLevel = undefined
    },
    get text () { return text() },
    setLevel (level) {
      givenLevel = level
      fields = undefined
    },
    get level () {
      if (givenLevel !== undefined) return givenLevel
      const level = levelOfLine(bytes, start, end)
      return level === unsure ? (message ??= readLine(text())).level : level
    },
    get fields () {
      if (fields !== undefined) return fields
      fields = fieldsOf(message ??= readLine(text()))
      if (givenLevel !== undefined) fields = { ...fields, level: givenLevel }
      return fields
    },
    get report () { return reportOf(text()) },
  }
}
