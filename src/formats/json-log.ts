import { isUtf8 } from 'node:buffer'
import { isIP } from 'node:net'
import { readApacheHead, undoEscapes, withoutPort, type ApacheHead } from './apache-error.ts'
import { known, type MessageFields } from './fields.ts'
import type { ErrorLevel } from '../contracts/levels.ts'
import { levelOfName, levelOfNumber, levelOfSyslog } from './level.ts'
import { fileAndLine } from './php-message.ts'
import { jsonOf } from '../bytes/json-value.ts'
import { Scratch } from '../bytes/scratch.ts'

/** How an object of a logger begins, also one of several lines. */
export const jsonStart = /^\{(?: ?|\r?\n\s{0,40})"/

export type JsonObject = Readonly<Record<string, unknown>>

/** Reads one record of a logger that writes JSON; `object` is what `parseLog` made of `text`. */
export function readJson (object: JsonObject, text: string): MessageFields {
  const message = firstString(object, messageKeys) ?? text
  const time = firstString(object, timeKeys)
  const channel = firstString(object, ['channel', 'logger', 'name'])
  return {
    origin: 'app',
    ...known({ level: levelOfJson(object), time, channel }),
    ...exceptionOf(object),
    message,
    ...(message === text ? {} : { context: text }),
  }
}

/** Reads a record of an ErrorLogFormat in JSON; undefined when nothing in it is Apache's alone. */
export function readApacheJson (object: JsonObject): ApacheHead | undefined {
  const message = firstString(object, messageKeys)
  if (message === undefined) return undefined
  const named = moduleAndLevel(object)
  const module = named?.module ?? firstString(object, ['module', 'mod'])
  const client = firstString(object, ['client', 'remote', 'remote_ip', 'client_ip', 'remoteIP', 'clientip']) ?? ''
  const address = withoutPort(clientOf.exec(client)?.[1] ?? client)
  const inner = readApacheHead(message)
  if (inner === undefined && named === undefined && module === undefined && isIP(address) === 0) return undefined
  const referer = firstString(object, ['referer', 'referrer'])
  return {
    ...known({
      time: firstString(object, timeKeys),
      level: levelOfJson(object) ?? named?.level,
      module: module === '-' ? undefined : module,
      pid: pidOf.exec(firstString(object, ['process', 'pid']) ?? '')?.[1],
      client: isIP(address) === 0 ? undefined : address,
      referer: referer === '-' ? undefined : referer,
    }),
    ...inner,
    message: inner?.message ?? message,
  }
}

/** `[%-m:%l]` as the value of a key of any name, as AWS publishes it for Apache. */
const moduleLevel = /^\[(?:(-|[a-z]\w{0,40})?:)?([a-z]{4,6}[1-8]?)\]$/
const moduleKeys = ['function', 'module', 'level', 'severity', 'source', 'logger', 'mod', 'module_level', 'type']
const clientOf = /^\[(?:client|remote) (.{1,100})\]$/
const pidOf = /^\[?(?:pid ?)?(\d{1,10})\b/

interface ModuleAndLevel {
  readonly module: string
  readonly level: ErrorLevel
}

function moduleAndLevel (object: JsonObject): ModuleAndLevel | undefined {
  for (const key of moduleKeys) {
    const [, module, name = ''] = moduleLevel.exec(firstString(object, [key]) ?? '') ?? []
    const level = levelOfName(name)
    if (level !== undefined) return { module: module ?? '-', level }
  }
  return undefined
}

const timeKeys = ['time', 'timestamp', 'datetime', '@timestamp', 'ts']
const messageKeys = ['message', 'msg', 'short_message', 'error', 'log']
const messageStart = /"(?:message|msg|error|log)" ?: ?"/
/** What may stand behind the message: members with simple values. */
const messageEnd = /"(?: ?, ?"[\w.@-]{1,40}" ?: ?(?:"[^"]{0,400}"|[\w.-]{0,40})){0,12} ?\}\s*[,;]?\s*$/
const tailLength = 2000

/**
 * The members of an object that a logger wrote, or an ErrorLogFormat that was meant to be one; undefined for others.
 *
 * Apache escapes its message as in any format, so quotes in it stand as they are, and `\\xhh` for other bytes: where
 * these make it no object, it has the members that can be told.
 */
export function parseLog (text: string): JsonObject | undefined {
  if (!jsonStart.test(text)) return undefined
  // Some end the object of a line with a comma.
  const whole = jsonOf(text.replace(/\}\s{0,8}[,;]\s*$/, '}'))
  if (isObject(whole)) return whole
  // Apache escapes no quote, so its formats in JSON often are none: the rest is told by what stands around.
  const start = messageStart.exec(text)
  const tailAt = Math.max(text.length - tailLength, start === null ? 0 : start.index + start[0].length)
  const end = messageEnd.exec(text.slice(tailAt))
  const head = start === null ? text.slice(0, tailLength) : text.slice(0, start.index)
  const tail = end === null ? '' : end[0]
  const members = `${head}${tail}`.matchAll(/"([\w.@-]{1,40})" ?: ?(?:"([^"]{0,400})"|(-?\d{1,15})\b)/g)
  const object = Object.create(null) as Record<string, unknown>
  for (const [, key = '', string, number] of members) object[key] = string ?? Number(number)
  if (start === null) return levelOfJson(object) === undefined ? undefined : object
  const message = text.slice(start.index + start[0].length, end === null ? undefined : tailAt + end.index)
  return { ...object, message: undone(message) }
}

function undone (message: string): string {
  const scratch = new Scratch()
  const bytes = Buffer.from(message)
  undoEscapes(scratch, bytes, 0, bytes.length)
  const text = scratch.buffer.subarray(0, scratch.end)
  return isUtf8(text) ? text.toString() : message
}

/** Keys that loggers give the level, the surest first. */
export const levelKeys: readonly string[] = ['level_name', 'level', 'severity', 'log.level', 'levelname', 'loglevel', 'log_level', 'lvl', 'logLevel', 'LogLevel',
  'Level', 'levelName', 'severity_text', 'severityText', 'priority_name', 'priorityName']

function levelOfJson (object: JsonObject): ErrorLevel | undefined {
  const isGelf = typeof object['short_message'] === 'string'
  for (const key of levelKeys) {
    const value = object[key]
    const level = typeof value === 'string'
      ? levelOfName(value)
      : typeof value === 'number' ? (isGelf ? levelOfSyslog(value) : levelOfNumber(value)) : undefined
    if (level !== undefined) return level
  }
  // As Elastic's fields nest: `"log":{"level":"error"}`.
  const { log } = object
  return isObject(log) && typeof log['level'] === 'string' ? levelOfName(log['level']) : undefined
}

/** Monolog's normalised exception: `context.exception` with `class`, `file` as `path:line`, `trace`. */
function exceptionOf (object: JsonObject): Partial<MessageFields> {
  const context = isObject(object['context']) ? object['context'] : object
  // Elastic's fields have an exception in `error`.
  const { error } = object
  const thrown = isObject(context['exception']) ? context['exception'] : isObject(error) && isClass(error) ? error : object
  const named = firstString(thrown, classKeys)
  // Beside the message, the type may be anything.
  const exception = named !== undefined && (thrown !== object || className.test(named)) ? named : undefined
  const file = firstString(thrown, ['file'])
  const place = file === undefined ? null : fileAndLine.exec(file)
  const line = place === null ? thrown['line'] : Number(place[2])
  const isNumber = typeof line === 'number' && Number.isSafeInteger(line)
  return known({ exception, file: place?.[1] ?? file, line: isNumber ? line : undefined })
}

const classKeys = ['class', 'type']
const isClass = (object: JsonObject) => className.test(firstString(object, classKeys) ?? '')
const className = /\\|(?:Exception|Error)$/

function isObject (value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null
}

function firstString (object: JsonObject, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = object[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

// Tested in test/formats/line-fields.test.ts
