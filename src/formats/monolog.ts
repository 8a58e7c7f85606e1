import { known, type MessageFields } from './fields.ts'
import { isIP } from 'node:net'
import type { ErrorLevel } from '../contracts/levels.ts'
import { jobOutcome } from './block-lines.ts'
import { levelOfKind, levelOfName } from './level.ts'
import { readNeighbour } from './neighbours.ts'
import { readException, readKernel, readPhp, readSentence } from './php-message.ts'

// Sources of regular expressions.
const isoTime = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?`
/** Of Symfony's own logger: it has the colon that `%z` of strftime lacks. */
export const symfonyTime = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)`
/** Of Yii 2 without fields of the request: the level, and close to it the category, a class or the application. */
export const yiiHead = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \[[a-z ]{4,13}\]\[(?:application|[\w\\]{0,200}\\[\w:\\]{1,100})\] `
const codeIgniterHead = String.raw`([A-Z]{4,9}) - \d{4}-\d\d-\d\d \d\d:\d\d:\d\d --> `
/** The eight of PSR-3. */
export const loggerLevels: readonly string[] =
  ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']
const levels = loggerLevels.join('|')
/** EC-CUBE has a space where all others have a colon, and puts fields of the request in brackets around the message. */
const channelAndLevel = String.raw`([\w/-][\w./ -]{0,99})\.(${levels})(?:: | {1,2}(?=\[))`

/** How a record of Monolog begins, whatever form its time has. */
export const monologStart = new RegExp(`^\\[[^\\]]{19,40}\\] [\\w/-][\\w./ -]{0,99}\\.(?:${levels}): `, 'i')
/** How a record begins of Symfony's own logger or CodeIgniter's, whose messages may have more lines. */
export const loggerStart = new RegExp(`^(?:${symfonyTime} \\[(?:${levels})\\] |${codeIgniterHead}|OpenTelemetry: \\[(?:${levels})\\] )`)

const monologHead = new RegExp(`^\\[([^\\]]{19,40})\\] ${channelAndLevel}`, 'i')
const monologObject = /\[object\] \(([\w\\]{1,300})\(code: [^)\n]{0,40}\)(?:: )?/
const codeIgniter = new RegExp(`^${codeIgniterHead}`)
const anyLevel = 'emerg(?:ency)?|alert|crit(?:ical)?|err(?:or)?|warn(?:ing)?|notice|info|trace|debug'
/** New Relic's agent has the zone and two pids before its level. */
const newRelic = String.raw`[+-]\d{4} \(\d{1,10} \d{1,10}\) `
/** Of Symfony's own logger, Yii 2, CakePHP, Laminas; behind the level the category of Yii. */
const datedLevel = new RegExp(`^\\[?(${isoTime})\\]? (?:${newRelic})?(?:\\[[^\\][]{0,80}\\]){0,3}` +
  `\\[?(${anyLevel}|profile(?: begin| end)?)(?:\\]|:| \\(\\d\\):)(?:\\[([^\\][]{0,200})\\])? `, 'i')
/**
 * Of Symfony's console, which writes no day and pads the level to nine letters, of WooCommerce, and of supervisord,
 * whose levels have four letters: no brackets.
 */
const bareLevel = new RegExp('^(?:' +
  `(?:(${isoTime})|\\d\\d:\\d\\d:\\d\\d) (${levels.toUpperCase()})` +
  `|(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3}) (${levels.toUpperCase()}|CRIT|ERRO|WARN|DEBG|TRAC|BLAT)) {1,8}(?:\\[([\\w./-]{1,99})\\] )?(?=\\S)`)
/** Of Symfony's own logger and Datadog's agent, which hand their messages to `error_log()`, which writes the time. */
const bracketedLevel = new RegExp(`^\\[(?:([a-z][\\w.-]{1,30})\\] \\[(${levels}|warn|trace)|(${levels}))\\] (?=\\S)`)
/** What WooCommerce writes beside its message. */
const wooContext = / CONTEXT: (?=[{[])/
/** What Symfony's console writes below its message. */
const consoleContext = /\n(?=\[\n)/
/** Of Yii 1, and of EC-CUBE 2, which has the script where Yii has the level. */
const slashed = new RegExp(`^\\d{4}/\\d\\d/\\d\\d \\d\\d:\\d\\d:\\d\\d \\[(?:(${anyLevel})\\] \\[([^\\][]{1,200})|[^\\]\\n]{0,300})\\] `)
const eccubeError = /^([A-Z][a-z]{3,10}(?: error)?)\((?:E_[A-Z_]{1,30}|\d{1,6})\): (.*) on \[(.{1,400})\((\d{1,10})\)\]/s
const eccubeKind = /^([A-Z][a-z]{3,10}(?: error)?)\(E_[A-Z_]{1,30}\): /
const eccubeClient = / from ([\d.]{7,15}|[\da-f:]{2,45})(?=\n|$)/
/** Of EC-CUBE 3 and 4, behind the level: session, request, user, place in the source; the message is what follows. */
const eccubeFields = /^(?:\[[^\]\n]{0,200}\] ){3,5}- /
const eccubeTailLength = 4000
const eccubeRequest = / \[(?:[A-Z]{2,10}|NULL)?, [^\n]{0,2000}\]\s*$/
/** What Drush and SymfonyStyle write that is no level: how it went. */
const results: Readonly<Record<string, ErrorLevel>> = { success: 'notice', ok: 'notice', note: 'notice', caution: 'warn' }
/** Drush and SymfonyStyle on a terminal, and the modules of Drupal that write to standard error. */
const drushHead = new RegExp(`^ \\[(${anyLevel}|${Object.keys(results).join('|')})\\] {1,2}(?=\\S)`, 'i')
/** Of Laravel's console, whose labels stand between spaces of their colour. */
const laravelHead = /^ {3}(INFO|WARN|ERROR|ALERT|SUCCESS) {2}(?=\S)/
const drupalHead = new RegExp(`^WATCHDOG: \\[(${anyLevel})\\] \\[([^\\][]{1,99})\\] (?:\\[(${isoTime})\\] )?`, 'i')
/** What Drupal hands to syslog: the site, the time, the kind, the client, two addresses, the user, a link. */
const drupalFields = /^https?:\/\/[^|\s]{1,300}\|\d{9,11}\|([^|\n]{1,99})\|([\da-fA-F.:]{0,45})\|[^|\n]{0,4000}\|[^|\n]{0,4000}\|\d{0,10}\|[^|\n]{0,4000}\|/

/** Reads a record of Monolog, `[time] channel.LEVEL: message {"context":…} []`, whatever form its time has. */
export function readMonolog (text: string): MessageFields | undefined {
  const found = monologHead.exec(text)
  if (found === null) return undefined
  const [prefix, time = '', channel = '', name = ''] = found
  const body = text.slice(prefix.length)
  const base = { origin: 'app' as const, time, channel: channel.trim(), ...known({ level: levelOfName(name) }) }
  if (!/: $/.test(prefix)) return { ...base, ...readEccube(body) }
  const hasObject = body.includes(' {"exception":')
  const thrown = hasObject ? undefined : readThrown(withoutEmpty(body))
  if (thrown !== undefined) return { ...base, ...thrown }
  const contextAt = body.indexOf(' {"')
  const context = contextAt < 0 ? '' : body.slice(contextAt + 1)
  const traceAt = context.indexOf('[stacktrace]')
  const whole = contextAt < 0 ? withoutEmpty(body) : body.slice(0, contextAt).trimEnd()
  // Of a record without a context, extra fields stand behind its brackets.
  const isExtra = context !== '' && whole.endsWith(' []')
  const page = pageTrace.exec(whole)
  const said = page !== null ? whole.slice(0, page.index) : isExtra ? whole.slice(0, -' []'.length) : whole
  return {
    ...base,
    ...readObject(context),
    // Magento writes an exception as a string, and once more as an object.
    ...(hasObject && said.includes('\nStack trace:') ? readThrown(said) : undefined) ?? { message: said },
    ...(context === '' ? {} : { context: `${isExtra ? '[] ' : ''}${traceAt < 0 ? context : context.slice(0, traceAt)}`.trimEnd() }),
    ...(traceAt >= 0 ? { trace: context.slice(traceAt) } : page !== null ? { trace: whole.slice(page.index + 1) } : {}),
  }
}

/** What Magento writes for a page, where it hands its words to a log. */
const pageTrace = /\n(?:Trace: )?<pre>#\d{1,6} /

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
  // One exception may follow from another: `at FILE:LINE, Class(code: 0): …`.
  const end = sentence.search(/:\d{1,10}(?:\)|, [\w\\]{1,300}\(code: )/)
  const at = end < 0 ? -1 : sentence.lastIndexOf(' at ', end)
  if (at < 0) return { exception }
  const file = sentence.slice(at + ' at '.length, end)
  return { exception, file, line: Number.parseInt(sentence.slice(end + 1), 10) }
}

/** `Class: message in FILE:LINE` and its trace, as Magento hands exceptions to its log; without its own origin. */
function readThrown (body: string): MessageFields | undefined {
  const found = readKernel(body) ?? readException(body) ?? readSentence(body)
  if (found === undefined) return undefined
  const { origin, ...fields } = found
  return fields
}

/** `[d0254ab9] [5345b59] [42] [Class:method:66] - message ["context"] [GET, /path, 203.0.113.9, NULL, Mozilla/5.0]` */
function readEccube (body: string): MessageFields {
  const before = eccubeFields.exec(body)?.[0] ?? ''
  const tailAt = Math.max(before.length - 1, 0, body.length - eccubeTailLength)
  const foundAt = body.slice(tailAt).search(eccubeRequest)
  const requestAt = foundAt < 0 ? -1 : tailAt + foundAt
  const message = body.slice(before.length, requestAt < before.length ? undefined : requestAt).trim()
  const client = requestAt < 0 ? undefined : body.slice(requestAt).split(', ')[2]
  return {
    ...readThrown(message) ?? { message: message === '' ? body : message },
    ...(client === undefined || isIP(client) === 0 ? {} : { client }),
    ...(before === '' && requestAt < 0 ? {} : { context: `${before.slice(0, -' - '.length)}${requestAt < 0 ? '' : body.slice(requestAt).trimEnd()}`.trim() }),
  }
}

/**
 * Reads a record of a logger that writes a date and a level: Symfony's own and its console's, Yii, CakePHP, Laminas,
 * CodeIgniter, WooCommerce, EC-CUBE 2; and what Drupal writes.
 */
export function readLogger (text: string): MessageFields | undefined {
  const first = text.charCodeAt(0)
  if (first === 0x20 || first === 0x68 || text.startsWith('WATCHDOG')) return readDrupal(text)
  const dated = datedLevel.exec(text)
  if (dated !== null) {
    const [prefix, time, name = '', channel] = dated
    return recordOf(levelOfName(name), text.slice(prefix.length), time, channel)
  }
  const bare = bareLevel.exec(text)
  if (bare !== null) return readBare(bare, text)
  const bracketed = bracketedLevel.exec(text)
  if (bracketed !== null) {
    const [prefix, channel, word, name = word ?? ''] = bracketed
    return recordOf(levelOfName(name), text.slice(prefix.length), undefined, channel)
  }
  const neighbour = readNeighbour(text)
  if (neighbour !== undefined) return neighbour
  const coded = codeIgniter.exec(text)
  if (coded !== null) return recordOf(levelOfName(coded[1] ?? ''), text.slice(coded[0].length))
  const old = slashed.exec(text)
  if (old === null) return undefined
  const [prefix, name, channel] = old
  const body = text.slice(prefix.length)
  return name === undefined ? readOldEccube(body) : recordOf(levelOfName(name), body, undefined, channel)
}

function readBare (found: RegExpExecArray, text: string): MessageFields | undefined {
  const [prefix, iso, word, supervised, name = word ?? '', channel] = found
  const time = iso ?? supervised
  const body = text.slice(prefix.length)
  const context = wooContext.exec(body) ?? (time === undefined ? consoleContext.exec(body) : null)
  const record = recordOf(levelOfName(name), context === null ? body : body.slice(0, context.index), time, channel)
  if (record === undefined || context === null) return record
  return { ...record, context: body.slice(context.index + context[0].length) }
}

function recordOf (
  level: ErrorLevel | undefined, body: string, time?: string, channel?: string
): MessageFields | undefined {
  if (level === undefined) return undefined
  const { origin, ...fields } = readKernel(body) ?? readException(body) ?? readSentence(body) ?? readPhp(body) ??
    { origin: undefined, message: body.trimEnd() }
  return {
    origin: 'app',
    ...fields,
    level,
    ...known({ time, channel: channel === '-' || channel === '' ? undefined : channel }),
  }
}

/** `Warning(E_WARNING): message on [FILE(LINE)] from 203.0.113.9`, or any text. */
function readOldEccube (body: string): MessageFields {
  const client = eccubeClient.exec(body)
  const said = client === null ? body : body.slice(0, client.index) + body.slice(client.index + client[0].length)
  const base = { origin: 'app' as const, ...known({ client: client?.[1] }) }
  const [, kind = '', message = '', file = '', line] = eccubeError.exec(said) ?? []
  const level = levelOfKind(kind)
  if (level !== undefined) return { ...base, level, kind, file, line: Number(line), message }
  const ofKind = levelOfKind(eccubeKind.exec(said)?.[1] ?? '')
  if (ofKind !== undefined) return { ...base, level: ofKind, message: said }
  const { origin, ...thrown } = readException(said) ?? { origin: undefined, message: said }
  return { ...base, ...(origin === undefined ? {} : { level: 'error' as const }), ...thrown }
}

function readDrupal (text: string): MessageFields | undefined {
  const outcome = jobOutcome(text)
  if (outcome !== undefined) return recordOf(outcome === 'FAIL' ? 'error' : 'info', text.trim())
  const drush = drushHead.exec(text) ?? laravelHead.exec(text)
  if (drush !== null) {
    const name = (drush[1] ?? '').toLowerCase()
    return recordOf(results[name] ?? levelOfName(name), text.slice(drush[0].length))
  }
  const named = drupalHead.exec(text)
  if (named !== null) {
    const [prefix, name = '', channel, time] = named
    return recordOf(levelOfName(name), text.slice(prefix.length), time, channel)
  }
  const [prefix, channel, client = ''] = drupalFields.exec(text) ?? []
  if (prefix === undefined || channel === undefined) return undefined
  const body = text.slice(prefix.length)
  return { origin: 'app', ...readThrown(body) ?? { message: body }, channel, ...(client === '' ? {} : { client }) }
}

// Tested in test/formats/line-fields.test.ts
