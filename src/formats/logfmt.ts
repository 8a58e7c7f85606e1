import type { MessageFields } from './fields.ts'
import { levelOfName } from './level.ts'

/** With these bytes such a line begins. */
export const logfmtStart = 'time='

/** How a line of a program begins that writes so. */
export const logfmtHead = /^time="?[^"\s]{10,40}"? level=[a-z]{4,7} msg=/
/** A message without its end, which was cut, is read all the same. */
const logfmt = /^time="?([^"\s]{10,40})"? level=([a-z]{4,7}) msg=(?:"((?:[^"\\]|\\.)*)(?:"|\\?$)|([^"\s]\S*))(?: |$)/s
const escaped = /\\(["\\nt])/g
const plainOf: Readonly<Record<string, string>> = { n: '\n', t: '\t' }

/**
 * Reads a line of logrus, `time="…" level=info msg="…" key=value`, as supercronic writes: its own, and each that a job
 * prints, at level `info` whatever it says.
 *
 * Sources: https://github.com/sirupsen/logrus/blob/master/text_formatter.go,
 * https://github.com/aptible/supercronic/blob/master/cron/cron.go (startReaderDrain)
 */
export function readLogfmt (text: string): MessageFields | undefined {
  const [prefix, time = '', name = '', quoted, word = ''] = logfmt.exec(text) ?? []
  const level = levelOfName(name)
  if (prefix === undefined || level === undefined) return undefined
  const message = quoted?.replace(escaped, (_, letter: string) => plainOf[letter] ?? letter) ?? word
  const context = text.slice(prefix.length)
  return { origin: 'app', level, time, message, ...(context === '' ? {} : { context }) }
}

// Tested in test/formats/other-writers.test.ts
