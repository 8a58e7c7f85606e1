import type { ErrorLevel } from '../contracts/levels.ts'
import { known, type MessageFields } from './fields.ts'
import { levelOfKind, phpKinds } from './level.ts'

const day = String.raw`\d\d-[A-Z][a-z]{2}-\d{4}`
const clock = String.raw`\d\d:\d\d:\d\d(?:\.\d{1,6})?`
/** How PHP and php-fpm write a time: `23-Nov-2026 19:38:39`. The source of a regular expression. */
export const phpClock = `${day} ${clock}`

/** Before a message in a log of PHP's own, `[24-Nov-2026 04:37:30 UTC] `: the day, the clock, the zone. */
export const phpDate = new RegExp(`^\\[(${day}) (${clock}) ([^\\]\\s]{1,64})\\] ?`)

/** How an error of PHP begins: `PHP ` where it is a line of a log, and the kind. */
export const phpKind = new RegExp(`^(PHP )?(${phpKinds.join('|')}): {1,2}`)

/** A place as exceptions have it: the file, the line. */
export const fileAndLine = /^(.*):(\d{1,10})\s*$/s
const onLine = /^(.*) on line (\d{1,10})\s*$/s
const className = /^[A-Za-z_\x80-\uffff][\w\\\x80-\uffff]{0,300}(?:@anonymous)?/
const uncaught = 'Uncaught '
const exceptionName = /(?:Exception|Error)$/

const xdebugFrames = /\n(?:(?:\[[^\]\n]{1,80}\] |NOTICE: PHP message: )?PHP Stack trace:|Call Stack:)/
/** Where Xdebug goes on behind the sentence of an exception, which it says once more. */
const saidTwice = /^(.* on line \d{1,10})\n\n[A-Za-z_][\w\\]{0,300}: /s
/** Of PHP 5, and what an exception of its time is as a string. */
const quotedClass = /^exception '([\w\\]{1,300})'(?: with message '(.*)')?$/s

/** Of PHP's opcache, which dates its lines as Apache does: `Mon Nov 23 10:00:00 2026 (7): Warning message`. */
const ofOpcache = new RegExp(String.raw`^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} \((\d{1,10})\): ` +
  '(Fatal Error|Error|Warning|Message|Debug) ')
const opcacheLevels: Readonly<Record<string, ErrorLevel>> = { Warning: 'warn', Message: 'info', Debug: 'debug' }

/** Whether a line is of the opcache's log. */
export const isOfOpcache = (head: string) => ofOpcache.test(head)

/** Reads a line of the opcache's log. Source: ext/opcache/zend_accelerator_debug.c (zend_accel_error_va_args) */
export function readOpcache (text: string): MessageFields | undefined {
  const [prefix, pid = '', name = ''] = ofOpcache.exec(text) ?? []
  if (prefix === undefined) return undefined
  return { origin: 'php', level: opcacheLevels[name] ?? 'error', pid, message: text.slice(prefix.length) }
}

/** Reads an error as PHP words it, without what stands before its kind. */
export function readPhp (text: string): MessageFields | undefined {
  const found = phpKind.exec(text)
  if (found === null) return undefined
  const [prefix, , kind = ''] = found
  const framesAt = text.search(xdebugFrames)
  if (framesAt >= 0) {
    // What Xdebug writes behind an error is a trace of it, and no part of its sentence.
    const { trace, ...fields } = readPhp(text.slice(0, framesAt)) ?? { message: text }
    return { ...fields, trace: `${trace === undefined ? '' : `${trace}\n`}${text.slice(framesAt + 1)}` }
  }
  const body = text.slice(prefix.length)
  const base = { origin: 'php' as const, kind, ...known({ level: levelOfKind(kind) }) }
  if (body.startsWith(uncaught)) return { ...base, ...readThrown(body.slice(uncaught.length)) }
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
  const words = segment.slice(0, headEnd)
  const sentence = saidTwice.exec(words)?.[1] ?? words.trimEnd()
  const place = readThrownPlace(sentence)
  const [, quoted, told = ''] = quotedClass.exec(place.message) ?? []
  const exception = quoted ?? className.exec(sentence)?.[0]
  const thrown = thrownAt < 0 ? undefined : readPlace(segment.slice(thrownAt + 1), onLine, '  thrown in ')
  const trace = nextAt >= 0 ? body : headEnd < segment.length ? segment.slice(headEnd + 1) : ''
  const { message } = place
  const prefix = exception === undefined ? '' : `${exception}: `
  const unnamed = message.startsWith(prefix) ? message.slice(prefix.length) : message
  const said = quoted === undefined ? unnamed : told
  return {
    ...place,
    ...known({ file: thrown?.file, line: thrown?.line, exception }),
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
  const place = readPlace(sentence, fileAndLine)
  return place.file === undefined ? readPlace(sentence, onLine) : place
}

/** Takes ` in FILE on line N` or ` in FILE:N` off the end of a sentence. */
function readPlace (sentence: string, pattern: RegExp, before = ' in '): MessageFields {
  const at = sentence.lastIndexOf(before)
  const found = at < 0 ? null : pattern.exec(sentence.slice(at + before.length))
  if (found === null) return { message: sentence }
  return { message: sentence.slice(0, at), file: found[1] ?? '', line: Number(found[2]) }
}

/** Reads an exception written as a string: `App\Error: message in FILE:LINE` and its frames. */
export function readException (text: string): MessageFields | undefined {
  if (text.startsWith(uncaught)) return readException(text.slice(uncaught.length))
  const name = className.exec(text)?.[0]
  if (name === undefined) return undefined
  const hasTrace = text.includes('\nStack trace:') || text.includes('\n#0 ')
  if (!hasTrace && !exceptionName.test(name) && !name.includes('\\') && !text.startsWith('exception \'')) return undefined
  const next = text[name.length]
  if (next !== ':' && next !== ' ') return undefined
  const fields = readThrown(text)
  return fields.file === undefined ? undefined : { origin: 'php', ...fields }
}

/** As Symfony's kernel, Drupal and Monolog word an uncaught one: `Uncaught PHP Exception E: "x" at F line N`. */
const ofKernel = /^(?:Uncaught|User Deprecated|Caught) (?:PHP )?Exception ([\w\\]{1,300}(?:@anonymous)?): "(.*)" at (\S{1,1000}) line (\d{1,10})/s

export function readKernel (text: string): MessageFields | undefined {
  const [, exception, message, file, line] = ofKernel.exec(text) ?? []
  if (exception === undefined || message === undefined || file === undefined) return undefined
  return { origin: 'php', exception, message, file, line: Number(line) }
}

/** Of CakePHP: `[Class] message in FILE on line N`, of newer ones `in FILE:N`. */
const ofCake = /^\[([A-Za-z_][\w\\]{1,300})\] ([^]*)$/
/** Of CakePHP: `Warning (2): message in [FILE, line N]`, of newer ones ` in FILE on line N`. */
const ofCakeError = /^([A-Z][A-Za-z ]{2,30}) \(\d{1,6}\): ([^\n]*) in (?:\[([^,\n]{1,1000}), line (\d{1,10})\]|(\S{1,1000}) on line (\d{1,10}))/
/**
 * Of CodeIgniter: `Class: message`, and on a line of its own `in FILE on line N.`; of older ones
 * `Severity: error --> Class: message FILE N`.
 */
const ofCodeIgniter = /^(?:\[Caused by\] )?([A-Za-z_][\w\\]{1,300}): ([^]*?)\n(?:\[Method: [^\n]{0,1000}\n)?in (\S{1,1000}) on line (\d{1,10})\.?/
const ofSeverity = /^Severity: ([A-Za-z ]{1,30}|\d{1,5}) --> (?:Exception: )?(.*) (\/\S{1,1000}) (\d{1,10})\s*$/
/** CodeIgniter 3 has no word for these. */
const severities: Readonly<Record<string, string>> = { 8192: 'Deprecated', 16384: 'Deprecated' }
const ofDeprecation = /^\[DEPRECATED\] ([^\n]*) in (\S{1,1000}) on line (\d{1,10})\.?/
/** Of Drupal: `Class: message in f() (line N of FILE).` */
const ofDrupal = /^([A-Za-z_][\w\\]{1,300}): ([^\n]*) \(line (\d{1,10}) of ([^\n)]{1,1000})\)/

/** Reads an exception or an error in the sentence of a framework. */
export function readSentence (text: string): MessageFields | undefined {
  const [, old, place = '', deprecatedLine] = ofDeprecation.exec(text) ?? []
  if (old !== undefined) return { origin: 'php', kind: 'Deprecated', message: old, file: place, line: Number(deprecatedLine), ...traceOf(text) }
  const [, exception, said] = ofCake.exec(text) ?? []
  if (exception !== undefined && said !== undefined) return readCake(exception, said)
  const [, word, about = '', ofOld, oldLine, ofNew, newLine] = ofCakeError.exec(text) ?? []
  if (word !== undefined) return { origin: 'php', kind: word, message: about, file: ofOld ?? ofNew ?? '', line: Number(oldLine ?? newLine), ...traceOf(text) }
  const [, thrown, message = '', file = '', line] = ofCodeIgniter.exec(text) ?? []
  if (thrown !== undefined && levelOfKind(thrown) === undefined) return { origin: 'php', exception: thrown, message, file, line: Number(line), ...traceOf(text) }
  const [, kind, told = '', path = '', at] = ofSeverity.exec(text) ?? []
  if (kind !== undefined) return { origin: 'php', kind: severities[kind] ?? kind, message: told, file: path, line: Number(at) }
  return readDrupalSentence(text)
}

/** As Drupal words an exception or an error, with or without something before it. */
export function readDrupalSentence (text: string): MessageFields | undefined {
  const [, type, words = '', row, source = ''] = ofDrupal.exec(text) ?? []
  if (type === undefined) return undefined
  return { origin: 'php', ...(levelOfKind(type) === undefined ? { exception: type } : { kind: type }), message: words, file: source, line: Number(row) }
}

function readCake (exception: string, said: string): MessageFields | undefined {
  const end = said.indexOf('\n')
  const sentence = (end < 0 ? said : said.slice(0, end)).trimEnd()
  const place = readThrownPlace(sentence)
  if (place.file === undefined && !exceptionName.test(exception)) return undefined
  return { origin: 'php', exception, ...place, ...traceOf(said) }
}

function traceOf (text: string): Pick<MessageFields, 'trace'> {
  const end = text.indexOf('\n')
  return end < 0 ? {} : { trace: text.slice(end + 1) }
}

/** Reads a trace whose header was not there. */
export function readBareTrace (text: string): MessageFields | undefined {
  if (!/^(?:Stack trace:|#\d{1,6} )/.test(text)) return undefined
  const end = text.indexOf('\n')
  return { origin: 'php', message: end < 0 ? text : text.slice(0, end), trace: text }
}

// Tested in test/formats/line-fields.test.ts
