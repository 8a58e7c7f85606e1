import type { ServerResponse } from 'node:http'
import type { Tail, TailWanted } from '../../contracts/tail.ts'

/** Readers at once. One more is told so. */
const maxReaders = 8
/** Of one reader, what it has yet to take. Lines beyond are missed. */
const maxWaitingBytes = 256 * 1024
/** How often a reader hears that the tail is alive, and how many lines it missed, ms. */
const beatMs = 1_000
/** Beats without taking anything after which a reader is taken for gone. */
const maxStuckBeats = 30

export interface TailAnswers {
  readonly isFull: boolean
  /** Sends server-sent events until the reader goes: `line` (a `TailLine`), `missed` (a count). */
  send (response: ServerResponse, wanted: TailWanted): void
}

/** Sends the live tail to few readers, however slowly they read. */
export function createTailAnswers (tail: Tail): TailAnswers {
  let readers = 0
  return {
    get isFull () { return readers >= maxReaders },
    send (response, wanted) {
      readers++
      let told = 0
      let stuckBeats = 0
      const hasRoom = () => response.writableLength < maxWaitingBytes
      const subscription = tail.open(wanted, {
        take (json) {
          if (!hasRoom()) return false
          response.write(`event: line\ndata: ${json}\n\n`)
          return true
        },
      })
      const beat = setInterval(() => {
        if (!hasRoom()) {
          if (++stuckBeats > maxStuckBeats) response.destroy()
        } else {
          stuckBeats = 0
          const { missed } = subscription
          response.write(missed === told ? ': alive\n\n' : `event: missed\ndata: ${missed}\n\n`)
          told = missed
        }
      }, beatMs)
      // Of a reader that went away: `close` follows.
      response.on('error', () => undefined)
      // Whoever goes or is sent away ends it all.
      response.once('close', () => {
        readers--
        clearInterval(beat)
        subscription.close()
      })
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no',
      })
      response.write('retry: 2000\n\n')
    },
  }
}
