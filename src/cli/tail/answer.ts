import { get, type IncomingMessage } from 'node:http'
import { jsonOf, membersOf } from '../../bytes/json-value.ts'
import type { TailLine } from '../../contracts/tail.ts'
import { printable } from '../text.ts'

/** `answerMs`: how long an answer may take to begin, or to say why not; `silenceMs`: a tail to say something. */
export interface TailWaits { readonly answerMs: number, readonly silenceMs: number }

/** A Sluice says every second that it is there. */
const tailWaits: TailWaits = { answerMs: 5_000, silenceMs: 60_000 }
/** Of an answer that is no tail: a sentence of Sluice is shorter. */
const maxErrorBytes = 4_096

/** Why there is no tail. */
export class NoTail extends Error {}

/** What answers is something else. */
function noSluice ({ host }: URL, found: string): NoTail {
  return new NoTail(`${host} ${found}: this is no Sluice with a tail; give --url the address of its setting http (port 2020)`)
}

/**
 * Asks for the tail. Ended by the answer, an error, `answerMs`, or `ended`; the answer by its end or `silenceMs`. Tests
 * pass other waits.
 *
 * @throws NoTail
 */
export async function askForTail (
  url: URL, headers: Readonly<Record<string, string>>, ended: AbortSignal, { answerMs, silenceMs } = tailWaits
): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(url, { agent: false, headers, signal: ended }, answer => {
      answer.setTimeout(silenceMs, () => answer.destroy(new NoTail(`${url.host} says nothing for ${silenceMs / 1_000} s`)))
      resolve(answer)
    })
    request.setTimeout(answerMs, () => request.destroy(new NoTail(`${url.host} gives no answer within ${answerMs / 1_000} s`)))
    request.on('error', error => reject(error instanceof NoTail ? error : failureOf(error, url)))
  })
  if (answer.statusCode === 200 && answer.headers['content-type']?.startsWith('text/event-stream') === true) return answer
  const words = answer.statusCode === 200 ? undefined : await sentenceOf(answer, answerMs)
  answer.destroy()
  if (words !== undefined) throw new NoTail(`${url.host} answered ${answer.statusCode ?? 0}: ${printable(words)}`)
  const type = printable(answer.headers['content-type'] ?? 'no type of content')
  throw noSluice(url, answer.statusCode === 200 ? `answered with ${type}, not with lines` : `answered ${answer.statusCode ?? 0} with ${type}`)
}

/** @throws NoTail */
export function lineOf (data: string, url: URL): TailLine {
  const line = membersOf(jsonOf(data)) as Partial<TailLine>
  if (typeof line.line === 'string' && typeof line.container === 'string') return line as TailLine
  throw noSluice(url, 'sent what is no line')
}

function failureOf ({ code, message }: NodeJS.ErrnoException, url: URL): NoTail {
  if (code === 'ECONNREFUSED') return new NoTail(`nothing listens at ${url.host}: start Sluice, or name its address with --url`)
  if (code === 'ECONNRESET' || code === 'EPIPE') return noSluice(url, 'closed the connection without an answer')
  return code?.startsWith('HPE_') === true ? noSluice(url, 'does not speak HTTP') : new NoTail(`${url.host}: ${message}`)
}

/** What a Sluice says of why it refuses; undefined where something else answers, or goes on for `mostMs`. */
async function sentenceOf (answer: IncomingMessage, mostMs: number): Promise<string | undefined> {
  const patience = setTimeout(() => answer.destroy(), mostMs)
  let text = ''
  try {
    for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
      text += chunk
      if (text.length > maxErrorBytes) return undefined
    }
    const { error } = membersOf(jsonOf(text))
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  } finally {
    clearTimeout(patience)
  }
}

// Tested in test/cli/tail.test.ts
