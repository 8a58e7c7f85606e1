import type { Writable } from 'node:stream'
import { format } from 'node:util'
import { type Logger, pino, stdTimeFunctions } from 'pino'
import type { prettyFactory } from 'pino-pretty'
import { SluiceError } from '../contracts/errors.ts'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface LoggerOptions {
  readonly level: LogLevel
  /** Where lines go: the process's stdout. */
  readonly stream: Writable
  /** What `prettyFor` gives: lines for people to read; undefined: JSON. */
  readonly pretty?: typeof prettyFactory | undefined
  /** False where colours are not wanted; matters on a terminal only. */
  readonly hasColors?: boolean
}

/** Bytes of our own lines that may wait for a reader of stdout that has stopped; past that, lines are lost. */
const maxWaitingBytes = 1024 * 1024

/**
 * Makes the logger of the process: one line a change of state, errors under `error`.
 *
 * A line is written in the turn in which it is logged, so none is missing at exit. But when the other end of stdout
 * stops reading (a log driver that waits for its service), the event loop does not wait for it: lines queue up to a
 * bound, then are lost, and one line says how many once there is room again.
 */
export function createLogger (options: LoggerOptions): Logger {
  const { level, stream, pretty, hasColors = true } = options
  const lineOf = pretty === undefined ? (line: string) => line : prettyFormat(pretty, hasColors)
  let lostCount = 0
  // Nobody is left to tell when our own log cannot be written, and it must not end the process.
  stream.on('error', () => { lostCount++ })
  const log = pino({
    level,
    base: null,
    errorKey: 'error',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
    serializers: { error: serializeError },
  }, {
    write (line: string) {
      if (stream.writableLength > maxWaitingBytes || stream.destroyed) {
        lostCount++
        return
      }
      stream.write(lineOf(line))
      if (lostCount === 0) return
      const lines = lostCount
      lostCount = 0
      log.warn({ lines }, 'lines of this log were lost: its reader had stopped')
    },
  })
  return log
}

/**
 * What packages warn of on the console is for programmers, and comes as often as it happens: AWS's client does so for
 * each request while whoever gives credentials is slow. What it means for records is told by those who wait for it.
 */
export function keepConsole (log: Logger): void {
  console.warn = (...words: readonly unknown[]) => { log.debug({ words: format(...words) }, 'a package warns') }
}

/** A terminal gets lines for people to read. The package is loaded there only: a container never pays for it. */
export async function prettyFor ({ isTTY }: { readonly isTTY?: boolean }): Promise<typeof prettyFactory | undefined> {
  return isTTY === true ? (await import('pino-pretty')).prettyFactory : undefined
}

/** Facts that are sentences, on lines of their own, in this order: what to do is the last thing to be read. */
const sentenceNames = ['means', 'lookAt', 'advice', 'help']

function prettyFormat (pretty: typeof prettyFactory, colorize: boolean): (line: string) => string {
  return pretty({
    colorize,
    translateTime: 'SYS:HH:MM:ss.l',
    hideObject: true,
    messageFormat: (line, messageKey, _label, { colors }) => {
      const { level: _level, time: _time, error, [messageKey]: message, ...facts } = line
      const words = Object.entries(facts)
        .map(([name, value]) => sentenceNames.includes(name) ? '' : ` · ${name} ${factWords(value)}`)
      const sentences = sentenceNames.map(name => facts[name] === undefined ? '' : `\n    ${factWords(facts[name])}`)
      return `${factWords(message)}${colors.gray(words.join(''))}${errorWords(error)}${sentences.join('')}`
    },
  })
}

/** What `serializeError` says, on lines of their own: the error, then each cause. */
function errorWords (error: unknown): string {
  if (error === undefined) return ''
  if (typeof error !== 'object' || error === null) return `\n    ${factWords(error)}`
  const { message, stack, cause } = error as Readonly<Record<'message' | 'stack' | 'cause', unknown>>
  const lines = typeof stack === 'string' ? stack.split('\n') : [message ?? error]
  return `${lines.map(line => `\n    ${factWords(line)}`).join('')}${errorWords(cause)}`
}

/** A value in words; what would act on a terminal is escaped, as in JSON. */
function factWords (value: unknown): string {
  if (Array.isArray(value)) return value.map(factWords).join(', ')
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([name, each]) => `${name} ${factWords(each)}`).join(', ')
  }
  return String(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, character =>
    `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}

/** How many causes of an error are told. */
const maxCauses = 4

/**
 * What the log says of an error: its words and codes, down to its causes. The stack is told only of an error that
 * nobody expected, nor anybody above it; other properties never are, for they may hold requests.
 */
export function serializeError (error: unknown, depth = 0, isExpected = false): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack, cause } = error
  const { code, syscall } = error as NodeJS.ErrnoException
  const hasStack = code === undefined && !isExpected
  return {
    type: name,
    message,
    ...(code !== undefined && { code }),
    ...(error instanceof SluiceError && { reason: error.reason }),
    ...(syscall !== undefined && { syscall }),
    ...(hasStack && { stack }),
    ...(cause !== undefined && depth < maxCauses && { cause: serializeError(cause, depth + 1, !hasStack) }),
  }
}
