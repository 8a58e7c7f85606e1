import { known, type MessageFields } from './fields.ts'
import { readPhp } from './php-message.ts'

/** The place that Symfony's console shows, or the class alone in older ones. */
const consoleHead = /^In ([\w.-]{1,200}) line (\d{1,10}):\s*(?:\n|$)/
const consoleClass = /^ {2}\[([A-Z][\w\\]{2,200})(?: \(\d{1,10}\))?\]\s*(?:\n|$)/m
const collisionHead = /^ {3}((?:[A-Z]\w{0,100}\\[\w\\]{1,200}|[A-Z]\w{0,100}(?:Exception|Error))) +(?:\n|$)/
const collisionPlace = /^ {2}at (\S{1,300}):(\d{1,10})\s*$/m
const groupMargin = '  + '
const memberMargin = '  | '
const pythonHead = /^(?:Traceback| {2}\+ Exception Group Traceback) \(most recent call last\):\n/gm
const pythonFrame = /^ {2}File "([^"\n]{1,300})", line (\d{1,10})/gm
const pythonException = /^([A-Za-z_][\w.]{0,200})(?:: (.*))?\s*$/
const mostTrace = 100_000
const synopsisOrTrace = /\n(?:Exception trace:|[a-z][\w.:-]{0,100} )/
const html = /^<(?:br|b>|font|table|pre)/
const isTable = /<table class='xdebug/
const tag = /<[^<>]{1,400}>/g
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#039': '\'', '#39': '\'' }
const mostHtml = 100_000

/** Reads a block in which a console shows an exception, a traceback, or an error that PHP or Xdebug wrote as HTML. */
export function readBlock (text: string): MessageFields | undefined {
  const first = text.charCodeAt(0)
  if (first === 0x3c) return readHtml(text)
  if (first === 0x54 || text.startsWith(groupMargin)) return readPython(text)
  if (text.startsWith('   ')) return readCollision(text)
  return first === 0x49 || first === 0x20 ? readConsole(text) : undefined
}

/** Collision: the class, the message, the place. Its lines of code and its frames are left in the trace. */
function readCollision (text: string): MessageFields | undefined {
  const [, exception] = collisionHead.exec(text) ?? []
  if (exception === undefined) return undefined
  const [, file, line] = collisionPlace.exec(text) ?? []
  const behind = text.slice(text.indexOf('\n') + 1)
  const end = behind.search(/^ {2}(?:at \S|\d{1,4} {1,4}\S)/m)
  const message = (end < 0 ? behind : behind.slice(0, end)).split('\n').map(each => each.trim()).filter(each => each !== '').join('\n')
  return {
    origin: 'php',
    level: 'error',
    exception,
    ...(file === undefined ? {} : { file, line: Number(line) }),
    message: message === '' || !text.includes('\n') ? exception : message,
    trace: text,
  }
}

/** A traceback of Python, which says no level. Of several that follow from one another the last is what went wrong. */
function readPython (text: string): MessageFields | undefined {
  const head = [...text.matchAll(pythonHead)].at(-1)
  if (head === undefined) return undefined
  const all = text.slice(head.index + head[0].length).split('\n')
  // Of a group those are its own that stand before the exceptions in it.
  const isGroup = head[0].startsWith(groupMargin)
  const end = all.findIndex(each => isGroup ? !each.startsWith(memberMargin) : each.trim() === '')
  const own = end < 0 ? all : all.slice(0, end)
  const lines = isGroup ? own.map(each => each.slice(memberMargin.length)) : own
  const [, file, line] = [...lines.join('\n').slice(0, mostTrace).matchAll(pythonFrame)].at(-1) ?? []
  const [, exception, message] = pythonException.exec(lines.at(-1) ?? '') ?? []
  if (exception === undefined) return undefined
  return {
    exception,
    ...(file === undefined ? {} : { file, line: Number(line) }),
    message: message ?? exception,
    trace: text,
  }
}

function readConsole (text: string): MessageFields | undefined {
  const head = consoleHead.exec(text)
  const named = consoleClass.exec(text)
  if (head === null && named?.index !== 0) return undefined
  const behind = text.slice(head?.[0].length ?? 0)
  const end = behind.search(synopsisOrTrace)
  const lines = (end < 0 ? behind : behind.slice(0, end)).split('\n').map(line => line.trim())
  const message = lines.filter(line => line !== '' && line !== named?.[0].trim()).join('\n')
  return {
    origin: 'php',
    level: 'error',
    ...known({ exception: named?.[1] }),
    ...(head === null ? {} : { file: head[1] ?? '', line: Number(head[2]) }),
    message: message === '' ? text : message,
    trace: text,
  }
}

function readHtml (text: string): MessageFields | undefined {
  if (!html.test(text)) return undefined
  const plain = text.slice(0, mostHtml).replace(tag, '')
    .replace(/&(amp|lt|gt|quot|#0?39);/g, (entity, name: string) => entities[name] ?? entity).trim()
  const lines = plain.replace(/^\( ! \) /, '').split('\n').map(line => line.trimEnd())
  const whole = isTable.test(text) ? undefined : readPhp(lines.join('\n'))
  // Behind its first line, Xdebug's table goes on with rows that are no trace to read.
  const found = whole?.file === undefined ? readPhp(lines[0] ?? '') ?? whole : whole
  return found === undefined ? undefined : { ...found, trace: found.trace ?? text }
}

// Tested in test/formats/lines.test.ts
