import { readApacheHead, type ApacheHead } from './apache-error.ts'
import { known, type ErrorFields, type MessageFields } from './fields.ts'
import { fingerprintOf } from './fingerprint.ts'
import { parseLog, readApacheJson } from './json-log.ts'
import type { ErrorLevel } from '../contracts/levels.ts'
import { moreSevere } from './level.ts'
import type { ErrorText } from './line-text.ts'
import { readMessage } from './message.ts'
import { readFpm, reportedMessages } from './php-fpm.ts'
import { phpDate, readOpcache } from './php-message.ts'
import { createErrorTime } from './time.ts'
import { createVisibleText } from '../bytes/visible-text.ts'

const fcgidStart = 'mod_fcgid: stderr: '
const ruleId = /\[id "(\d{1,12})"\]/

/** Reads one line's text. Never throws; a line that is not understood is its own message. */
export function createLineReader (): (text: ErrorText) => MessageFields {
  // Bytes that are no UTF-8 become `\xhh`, as they do in every event.
  const visibleText = createVisibleText()
  return text => readLine(visibleText(text.buffer, text.start, text.end), text)
}

/** Completes what a line tells by what takes most of the time: its fingerprint, and its time in UTC. */
export function createErrorFields (): (found: MessageFields) => ErrorFields {
  const errorTime = createErrorTime()

  return found => {
    const { time } = found
    // A time without a zone could be any: the record has one that is sure.
    const iso = time === undefined ? undefined : errorTime.ofIso(time) ?? ofPhp(time)
    const fields: ErrorFields = { ...found, fingerprint: fingerprint(found) }
    delete fields.time
    return inOrder(iso === undefined ? fields : { ...fields, time: iso })
  }

  function ofPhp (time: string): string | undefined {
    const [day = '', clock = '', zone = ''] = time.split(' ')
    return errorTime.ofPhp(day, clock, zone)
  }
}

function readLine (text: string, { writer, pool, pid, isPhpMessage }: ErrorText): MessageFields {
  if (writer === 'fpm') {
    return {
      ...(pool === '' ? {} : { pool }),
      ...(pid === '' ? {} : { pid }),
      ...(readDated(text) ?? (isPhpMessage ? readSaid(text) : readOwn(text))),
    }
  }
  const dated = readDated(text)
  if (dated !== undefined) return dated
  if (writer === 'apache') {
    const opcache = readOpcache(text)
    if (opcache !== undefined) return opcache
    const head = readApacheHead(text)
    if (head !== undefined) return readApache(head)
  }
  const object = parseLog(text)
  const json = object === undefined ? undefined : readApacheJson(object)
  return json !== undefined ? readApache(json) : readMessage(text, object) ?? readFpm(text) ?? { message: text }
}

/** What a child of php-fpm wrote without php-fpm's mark: the program's, or the opcache's log. */
function readOwn (text: string): MessageFields {
  return readOpcache(text) ?? { origin: 'app', ...readMessage(text) ?? { message: text } }
}

/** What PHP writes to a log of its own. */
function readDated (text: string): MessageFields | undefined {
  const dated = phpDate.exec(text)
  if (dated === null) return undefined
  const content = text.slice(dated[0].length)
  const [, day = '', clock = '', zone = ''] = dated
  return { ...readSaid(content), time: `${day} ${clock} ${zone}` }
}

/** A message that PHP marks as its own: one that says no level was given to `error_log()`. */
function readSaid (text: string): MessageFields {
  const fields = readMessage(text) ?? { message: text }
  return fields.level === undefined ? { ...fields, origin: 'php', level: 'notice' } : { origin: 'php', ...fields }
}

function readApache (head: ApacheHead): MessageFields {
  const { message: whole, ...fields } = head
  // What mod_fcgid passes on has a level of its own.
  const message = whole.startsWith(fcgidStart) ? whole.slice(fcgidStart.length) : whole
  const isModSecurity = message.startsWith('ModSecurity: ') || head.module === 'security2'
  if (isModSecurity) {
    const id = ruleId.exec(message)?.[1]
    return { ...fields, origin: 'modsecurity', ...known({ code: id }), message }
  }
  if (head.code !== undefined) {
    const reported = head.code === 'AH01071' ? reportedMessages(message) : []
    return reported.length > 0 ? readReported(fields, reported) : { origin: 'apache', ...fields, message }
  }
  const isPhp = head.module !== undefined && /^php\d?$/.test(head.module)
  const read = readMessage(message)
  if (read === undefined) return { origin: isPhp ? 'php' : 'apache', ...fields, message }
  return { ...fields, ...read, ...(isPhp && read.level === undefined ? { origin: 'php' } : {}) }
}

/** What php-fpm said through mod_proxy_fcgi: one line of Apache for all messages of a request, all at level `error`. */
function readReported (fields: Omit<ApacheHead, 'message'>, reported: readonly string[]): MessageFields {
  const read = reported.map(readSaid)
  const level = read.reduce<ErrorLevel | undefined>((most, each) => moreSevere(most, each.level), undefined)
  const ofLevel = read.filter(each => each.level === level)
  // Beside a notice of PHP's own counts what the program said.
  const worst = (level === 'notice' ? ofLevel.find(({ kind }) => kind === undefined) : undefined) ?? ofLevel[0]
  const { time, ...main } = worst ?? { message: '' }
  return {
    ...fields,
    ...main,
    ...known({ time }),
    message: read.length === 1 ? main.message : reported.join('\n'),
    about: main.message,
  }
}

/** By what wrote the line in its source: a code of Apache says it alone, an exception by its class and file. */
function fingerprint (fields: MessageFields): string {
  const { origin, code, kind = '', exception = '', file = '', message, about = message } = fields
  if (origin === 'modsecurity') {
    const at = message.indexOf(' [')
    return fingerprintOf([origin, code ?? ''], [code !== undefined ? '' : at < 0 ? message : message.slice(0, at)])
  }
  if (origin === 'apache' && code !== undefined) return fingerprintOf([code], [code === 'AH01071' ? message : ''])
  return fingerprintOf([kind, exception], [file, about])
}

const names = ['time', 'level', 'origin', 'module', 'code', 'kind', 'exception', 'file', 'line', 'client', 'referer',
  'pool', 'pid', 'channel', 'message', 'context', 'trace', 'fingerprint'] as const

/** The same fields in the order in which they are read. */
function inOrder (fields: ErrorFields): ErrorFields {
  const entries = names.flatMap(name => fields[name] === undefined ? [] : [[name, fields[name]]])
  return Object.fromEntries(entries) as unknown as ErrorFields
}
