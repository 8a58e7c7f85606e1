import type { ErrorLevel } from '../contracts/levels.ts'

export type ErrorOrigin = 'apache' | 'php' | 'php-fpm' | 'modsecurity' | 'app'

/** What a line of standard error tells. Only `message` and `fingerprint` are always there. */
export interface ErrorFields {
  /** ISO 8601 in UTC, where the line names its zone. */
  time?: string
  level?: ErrorLevel
  origin?: ErrorOrigin
  /** Apache's module. */
  module?: string
  /** `AH00124`, or the id of ModSecurity's rule. */
  code?: string
  /** PHP's word for it: `Fatal error`, `Warning`, … */
  kind?: string
  /** Class of the exception that was thrown last. */
  exception?: string
  file?: string
  line?: number
  client?: string
  referer?: string
  /** Of php-fpm. */
  pool?: string
  pid?: string
  /** Of Monolog. */
  channel?: string
  message: string
  /** What a logger wrote beside its message, as it wrote it. */
  context?: string
  /** Frames; of chained exceptions, the whole text. */
  trace?: string
  /** Equal for the same error by other pids, clients, numbers, times, ids and hashes. */
  fingerprint: string
}

/** What a message itself says, whoever wrote it down; `time` as it stands there. */
export type MessageFields = Partial<Omit<ErrorFields, 'message' | 'fingerprint'>> & {
  message: string
  /** The one message that names the error, where `message` holds several. */
  about?: string
}

type Known<Given> = { [Name in keyof Given]?: Exclude<Given[Name], undefined> }

/** The members that hold something: what a line does not tell is left out, and hides nothing that is spread before. */
export function known<Given extends object> (given: Given): Known<Given> {
  const found: Known<Given> = {}
  for (const name in given) if (given[name] !== undefined) found[name] = given[name] as Known<Given>[typeof name]
  return found
}

// Tested in test/formats/line-fields.test.ts
