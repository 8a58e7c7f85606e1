import type { MessageFields } from './fields.ts'
import { readJson } from './json-log.ts'
import { levelOfKind, levelOfName } from './level.ts'

const phpKind = /^(?:PHP )?(Fatal error|Recoverable fatal error|Catchable fatal error|Parse error|Warning|Notice|Deprecated|Strict Standards|Unknown error): {1,2}/
const className = /^[A-Za-z_\x80-\uffff][\w\\\x80-\uffff]{0,300}(?:@anonymous)?/
const exceptionName = /(?:Exception|Error)$/
const monologHead = /^\[([^\]]{19,40})\] ([\w/-][\w./ -]{0,99})\.(DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL|ALERT|EMERGENCY): /i
const datedLevel = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)\]? (?:\[[^\][]{0,80}\]){0,3}\[?(emerg(?:ency)?|alert|crit(?:ical)?|err(?:or)?|warn(?:ing)?|notice|info|debug)(?:\]|:| \(\d\):)(?:\[[^\][]{0,200}\])? /i
const codeIgniter = /^([A-Z]{4,9}) - \d{4}-\d\d-\d\d \d\d:\d\d:\d\d --> /
const monologObject = /\[object\] \(([\w\\]{1,300})\(code: [^)\n]{0,40}\)(?:: )?/
const onLine = /^(.*) on line (\d{1,10})\s*$/s
const atLine = /^(.*):(\d{1,10})\s*$/s

/** The message of a record in JSON may be one again: so many are read, the rest is message. */
const maxJsonCount = 3

/** Reads an error of PHP, an exception, a record of Monolog or of a logger that writes JSON; undefined for others. */
export function readMessage (text: string): MessageFields | undefined {
  const records: MessageFields[] = []
  let rest: string | undefined = text
  while (rest !== undefined && records.length < maxJsonCount) {
    const record: MessageFields | undefined = readJson(rest)
    if (record === undefined) break
    records.push(record)
    rest = record.message === rest ? undefined : record.message
  }
  const fields = rest === undefined ? undefined : readText(rest)
  return records.reduceRight<MessageFields | undefined>((inner, record) => withInner(record, inner), fields)
}

/** What a record in JSON tells: more is told by an error of PHP that its message is. */
function withInner (record: MessageFields, inner: MessageFields | undefined): MessageFields {
  if (inner?.origin !== 'php') return record
  const { context } = record
  return { ...record, ...inner, ...(context === undefined ? {} : { context }) }
}

function readText (text: string): MessageFields | undefined {
  return readPhp(text) ?? readMonolog(text) ?? readLogger(text) ?? readException(text) ?? readBareTrace(text)
}

function readPhp (text: string): MessageFields | undefined {
  const found = phpKind.exec(text)
  if (found === null) return undefined
  const [prefix, kind = ''] = found
  const body = text.slice(prefix.length)
  const level = levelOfKind(kind)
  const base = { origin: 'php' as const, kind, ...(level === undefined ? {} : { level }) }
  if (body.startsWith('Uncaught ')) return { ...base, ...readThrown(body.slice('Uncaught '.length)) }
  const stackAt = body.indexOf('\nStack trace:')
  const sentence = stackAt < 0 ? body : body.slice(0, stackAt)
  return {
    ...base,
    ...readPlace(sentence.trimEnd(), onLine),
    ...(stackAt < 0 ? {} : { trace: body.slice(stackAt + 1) }),
  }
}

/** `Class: message in FILE:LINE\nStack trace:\n#0 …`, perhaps followed by `Next Class: …`: the last one was thrown. */
function readThrown (body: string): MessageFields {
  const nextAt = lastNextAt(body)
  const segment = nextAt < 0 ? body : body.slice(nextAt + '\nNext '.length)
  const stackAt = segment.indexOf('\nStack trace:')
  const thrownAt = segment.lastIndexOf('\n  thrown in ')
  const headEnd = stackAt >= 0 ? stackAt : thrownAt >= 0 ? thrownAt : segment.length
  const sentence = segment.slice(0, headEnd)
  const exception = className.exec(sentence)?.[0]
  const place = readThrownPlace(sentence)
  const thrown = thrownAt < 0 ? undefined : readPlace(segment.slice(thrownAt + 1), onLine, '  thrown in ')
  const trace = nextAt >= 0 ? body : headEnd < segment.length ? segment.slice(headEnd + 1) : ''
  const { message } = place
  const said = exception !== undefined && message.startsWith(`${exception}: `)
    ? message.slice(exception.length + 2)
    : message
  return {
    ...place,
    ...(thrown?.file === undefined ? {} : { file: thrown.file }),
    ...(thrown?.line === undefined ? {} : { line: thrown.line }),
    ...(exception === undefined ? {} : { exception }),
    ...(trace === '' ? {} : { trace }),
    message: said,
  }
}

/** Where the last `Next Class: …` stands behind a whole trace; a message may have a line like it. -1 for none. */
function lastNextAt (body: string): number {
  const at = Math.max(body.lastIndexOf('{main}\n\nNext '), body.lastIndexOf('{main}\nNext '))
  return at < 0 ? -1 : body.indexOf('\nNext ', at)
}

/** A class without a name ends the sentence of the engine early: what is left has the other form of a place. */
function readThrownPlace (sentence: string): MessageFields {
  const place = readPlace(sentence, atLine)
  return place.file === undefined ? readPlace(sentence, onLine) : place
}

/** Takes ` in FILE on line N` or ` in FILE:N` off the end of a sentence. */
function readPlace (sentence: string, pattern: RegExp, before = ' in '): MessageFields {
  const at = sentence.lastIndexOf(before)
  const found = at < 0 ? null : pattern.exec(sentence.slice(at + before.length))
  if (found === null) return { message: sentence }
  return { message: sentence.slice(0, at), file: found[1] ?? '', line: Number(found[2]) }
}

/** An exception written as a string: `App\Error: message in FILE:LINE` and its frames. */
function readException (text: string): MessageFields | undefined {
  const name = className.exec(text)?.[0]
  if (name === undefined) return undefined
  const hasTrace = text.includes('\nStack trace:') || text.includes('\n#0 ')
  if (!hasTrace && !exceptionName.test(name)) return undefined
  const next = text[name.length]
  if (next !== ':' && next !== ' ') return undefined
  const fields = readThrown(text)
  return fields.file === undefined ? undefined : { origin: 'php', ...fields }
}

/** A trace whose header was not there. */
function readBareTrace (text: string): MessageFields | undefined {
  if (!/^(?:Stack trace:|#\d{1,6} )/.test(text)) return undefined
  const end = text.indexOf('\n')
  return { origin: 'php', message: end < 0 ? text : text.slice(0, end), trace: text }
}

function readMonolog (text: string): MessageFields | undefined {
  const found = monologHead.exec(text)
  if (found === null) return undefined
  const [prefix, time = '', channel = '', name = ''] = found
  const body = text.slice(prefix.length)
  const contextAt = body.indexOf(' {"')
  const level = levelOfName(name)
  const context = contextAt < 0 ? '' : body.slice(contextAt + 1)
  const traceAt = context.indexOf('[stacktrace]')
  return {
    origin: 'app',
    time,
    channel,
    ...(level === undefined ? {} : { level }),
    ...readMonologException(context),
    message: contextAt < 0 ? withoutEmpty(body) : body.slice(0, contextAt).trimEnd(),
    ...(context === '' ? {} : { context: traceAt < 0 ? context : context.slice(0, traceAt).trimEnd() }),
    ...(traceAt < 0 ? {} : { trace: context.slice(traceAt) }),
  }
}

/** Loggers that write a date and a level: Symfony's own, Yii, CakePHP, Laminas, CodeIgniter. */
function readLogger (text: string): MessageFields | undefined {
  const found = datedLevel.exec(text)
  const [prefix = '', time, name = ''] = found ?? []
  const coded = found === null ? codeIgniter.exec(text) : null
  const level = levelOfName(coded?.[1] ?? name)
  if (level === undefined) return undefined
  const body = text.slice(coded?.[0].length ?? prefix.length)
  const { origin, ...fields } = readException(body) ?? readPhp(body) ?? { origin: undefined, message: body }
  return { origin: 'app', level, ...(time === undefined ? {} : { time }), ...fields }
}

/** Without the `[]` of an empty context and of no extra fields. */
function withoutEmpty (body: string): string {
  let text = body.trimEnd()
  for (let count = 0; count < 2 && text.endsWith(' []'); count++) text = text.slice(0, -' []'.length)
  return text.trimEnd()
}

/** `[object] (Class(code: 0): message at FILE:LINE)` */
function readMonologException (context: string): Partial<MessageFields> {
  const found = monologObject.exec(context)
  if (found === null) return {}
  const exception = (found[1] ?? '').replaceAll('\\\\', '\\')
  const sentence = context.slice(found.index + found[0].length)
  const end = sentence.search(/:\d{1,10}\)/)
  const at = end < 0 ? -1 : sentence.lastIndexOf(' at ', end)
  if (at < 0) return { exception }
  const file = sentence.slice(at + ' at '.length, end)
  return { exception, file, line: Number.parseInt(sentence.slice(end + 1), 10) }
}
