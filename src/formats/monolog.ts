import type { MessageFields } from './fields.ts'
import { levelOfName } from './level.ts'
import { readException, readPhp } from './php-message.ts'

// Sources of regular expressions.
const isoTime = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?`
/** Of Symfony's own logger: it has the colon that `%z` of strftime lacks. */
export const symfonyTime = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)`
const codeIgniterHead = String.raw`([A-Z]{4,9}) - \d{4}-\d\d-\d\d \d\d:\d\d:\d\d --> `
/** The eight of PSR-3. */
export const loggerLevels: readonly string[] =
  ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']
const levels = loggerLevels.join('|')
const channelAndLevel = String.raw`([\w/-][\w./ -]{0,99})\.(${levels}): `

/** How a record of Monolog begins that dates itself as Monolog and Laravel do. */
export const monologStart = new RegExp(`^\\[${isoTime}\\] ${channelAndLevel}`, 'i')
/** How a record begins of Symfony's own logger or CodeIgniter's, whose messages may have more lines. */
export const loggerStart = new RegExp(`^(?:${symfonyTime} \\[(?:${levels})\\] |${codeIgniterHead})`)

const monologHead = new RegExp(`^\\[([^\\]]{19,40})\\] ${channelAndLevel}`, 'i')
const monologObject = /\[object\] \(([\w\\]{1,300})\(code: [^)\n]{0,40}\)(?:: )?/
const codeIgniter = new RegExp(`^${codeIgniterHead}`)
const datedLevel = new RegExp(`^\\[?(${isoTime})\\]? (?:\\[[^\\][]{0,80}\\]){0,3}` +
  '\\[?(emerg(?:ency)?|alert|crit(?:ical)?|err(?:or)?|warn(?:ing)?|notice|info|debug)' +
  '(?:\\]|:| \\(\\d\\):)(?:\\[[^\\][]{0,200}\\])? ', 'i')

/** Reads a record of Monolog, `[time] channel.LEVEL: message {"context":…} []`, whatever form its time has. */
export function readMonolog (text: string): MessageFields | undefined {
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
    ...readObject(context),
    message: contextAt < 0 ? withoutEmpty(body) : body.slice(0, contextAt).trimEnd(),
    ...(context === '' ? {} : { context: traceAt < 0 ? context : context.slice(0, traceAt).trimEnd() }),
    ...(traceAt < 0 ? {} : { trace: context.slice(traceAt) }),
  }
}

/** Without the `[]` of an empty context and of no extra fields. */
function withoutEmpty (body: string): string {
  let text = body.trimEnd()
  for (let count = 0; count < 2 && text.endsWith(' []'); count++) text = text.slice(0, -' []'.length)
  return text.trimEnd()
}

/** `[object] (Class(code: 0): message at FILE:LINE)` */
function readObject (context: string): Partial<MessageFields> {
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

/** Reads a record of a logger that writes a date and a level: Symfony's own, Yii, CakePHP, Laminas, CodeIgniter. */
export function readLogger (text: string): MessageFields | undefined {
  const found = datedLevel.exec(text)
  const [prefix = '', time, name = ''] = found ?? []
  const coded = found === null ? codeIgniter.exec(text) : null
  const level = levelOfName(coded?.[1] ?? name)
  if (level === undefined) return undefined
  const body = text.slice(coded?.[0].length ?? prefix.length)
  const { origin, ...fields } = readException(body) ?? readPhp(body) ?? { origin: undefined, message: body }
  return { origin: 'app', level, ...(time === undefined ? {} : { time }), ...fields }
}

// Tested in test/formats/line-fields.test.ts
