import { ownUrl } from '../config/address.ts'
import { loadConfig } from '../config/load.ts'
import { withoutSecrets } from '../config/mistake.ts'
import { SluiceError } from '../contracts/errors.ts'
import { systemClock } from '../contracts/clock.ts'
import { countOf } from '../telemetry/words.ts'
import { exitCodes } from './exit-codes.ts'
import { Output } from './explain/output.ts'
import type { Io } from './io.ts'
import { painter } from './paint.ts'
import { askForTail, lineOf, NoTail } from './tail/answer.ts'
import { createEventReader } from './tail/events.ts'
import { harmlessJson, tailText } from './tail/line-text.ts'
import { ended, writeFitted } from './wrap.ts'

export interface TailValues {
  readonly config: string | undefined
  readonly url: string | undefined
  readonly class: string | undefined
  readonly level: string | undefined
  readonly grep: string | undefined
  readonly json: boolean
}

const endWords = 'has ended, or has closed the tail of a slow reader'

/**
 * Prints lines as a Sluice on this machine takes them, until `stop` aborts or the reader of the output is gone.
 *
 * @returns 0; 1 where it cannot be asked, refuses, or ends; 78 where the configuration cannot be understood
 */
export async function runTail (io: Io, values: TailValues, stop: AbortSignal): Promise<number> {
  const fail = (words: string, code: number = exitCodes.failed) => ended(io.stderr, code, `sluice tail: ${words}`)
  const asked = targetOf(io, values)
  if ('words' in asked) return fail(asked.words, asked.code)
  const output = new Output(io.stdout, systemClock)
  const stopped = AbortSignal.any([stop, output.closed.signal])
  let missed = 0
  try {
    const answer = await askForTail(asked.url, asked.headers, stopped)
    if (io.stderr.isTTY === true) writeFitted(io.stderr, `sluice tail: lines of ${asked.url.host}, up to Ctrl-C`)
    const paint = painter(io.stdout, io.env)
    const eventsOf = createEventReader()
    answer.setEncoding('utf8')
    for await (const chunk of answer as AsyncIterable<string>) {
      for (const { name, data } of eventsOf(chunk)) {
        if (name === 'missed') missed = Number(data)
        if (name !== 'line') continue
        const line = lineOf(data, asked.url)
        output.write(values.json ? `${harmlessJson(data)}\n` : tailText(line, paint))
      }
      // A reader that takes its time has this side miss lines.
      await output.whenWritable()
    }
    if (!stopped.aborted) return fail(`${asked.url.host} ${endWords}`)
  } catch (error) {
    if (!stopped.aborted) return fail(wordsOf(error, asked.url))
  } finally {
    output.flush()
    if (missed > 0) writeFitted(io.stderr, `sluice tail: ${countOf(missed, 'line')} not shown: too many at once`)
  }
  return output.failure === undefined ? exitCodes.ok : fail(`cannot write to standard output: ${output.failure}`, exitCodes.inputOutput)
}

function targetOf (io: Io, { config: configFile, url: given, ...wanted }: TailValues) {
  try {
    const { config } = loadConfig({ configFile, env: io.env, readFile: io.readFile })
    const base = given ?? (config.http === 'off' ? undefined : ownUrl(config.http))
    const url = base === undefined ? undefined : URL.parse('/page/tail', base)
    if (url === undefined) return { words: 'http is off, so there is nothing to ask; give --url', code: exitCodes.failed }
    if (url?.protocol !== 'http:') return { words: `--url: expected http://host:port, found '${withoutSecrets(given ?? '')}'`, code: exitCodes.usage }
    const query = { class: wanted.class, level: wanted.level, text: wanted.grep }
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
    return { url, headers: config.httpToken === 'off' ? {} : { authorization: `Bearer ${config.httpToken}` } }
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'ERR_CONFIG') return { words: error.message, code: exitCodes.config }
    throw error
  }
}

function wordsOf (error: unknown, { host }: URL): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof NoTail) return message
  return code === 'ECONNRESET' ? `${host} ${endWords}` : `${host}: ${message}`
}
