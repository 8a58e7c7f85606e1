import { readBlock } from './block-message.ts'
import { known, type MessageFields } from './fields.ts'
import { parseLog, readJson } from './json-log.ts'
import { moreSevere } from './level.ts'
import { readLogfmt } from './logfmt.ts'
import { readLogger, readMonolog } from './monolog.ts'
import { readBareTrace, readDrupalSentence, readException, readKernel, readPhp } from './php-message.ts'

/** The message of a record in JSON may be one again: so many are read, the rest is message. */
const maxJsonCount = 3

/**
 * Reads an error of PHP, an exception, a record of Monolog or of another logger; undefined for other texts.
 *
 * @param parsed what `parseLog` makes of the text, for who has it already
 */
export function readMessage (text: string, parsed = parseLog(text)): MessageFields | undefined {
  const records: MessageFields[] = []
  let rest: string | undefined = text
  for (let object = parsed; rest !== undefined && object !== undefined && records.length < maxJsonCount;) {
    const record: MessageFields = readJson(object, rest)
    records.push(record)
    rest = record.message === rest ? undefined : record.message
    object = rest === undefined ? undefined : parseLog(rest)
  }
  const fields = rest === undefined ? undefined : readText(rest)
  return records.reduceRight<MessageFields | undefined>((inner, record) => withInner(record, inner), fields)
}

function readText (text: string): MessageFields | undefined {
  const told = readLogfmt(text)
  if (told === undefined) return readPlain(text)
  const inner = readPlain(told.message)
  if (inner?.level === undefined) return told
  // What a job printed has a level of its own.
  const { origin = 'app', ...said } = inner
  const level = moreSevere(told.level, inner.level) ?? inner.level
  const { message, ...outer } = told
  return { ...said, ...outer, origin, level }
}

function readPlain (text: string): MessageFields | undefined {
  return readPhp(text) ?? readMonolog(text) ?? readLogger(text) ?? readKernel(text) ??
    readBareTrace(text) ?? readException(text) ?? readBlock(text) ?? readDrupalSentence(text)
}

/** What a record in JSON tells: more is told by an error of PHP that its message is. */
function withInner (record: MessageFields, inner: MessageFields | undefined): MessageFields {
  if (inner?.origin !== 'php') return record
  return { ...record, ...inner, ...known({ context: record.context }) }
}

// Tested in test/formats/line-fields.test.ts
