import { setTimeout as delay } from 'node:timers/promises'
import { sendForAcks } from '../../test/support/sender.ts'
import type { Scenario } from '../../test/support/scenario.ts'
import { uniqueLines } from '../../test/support/unique-lines.ts'

export interface Load {
  /** The longest wait for an ack since this was last asked, ms. */
  longestWaitMs (): number
  /** Resolves when nobody sends any more. */
  stop (): Promise<void>
}

/** Chunks a second of each sender, three lines of each class in each. */
const chunkMs = 100
const linesOfClass = 3
const reconnectMs = 200

/**
 * Senders with acks, each at a steady pace over a connection that is made again when it is lost. What was not acked is
 * not sent again, so that a line that comes twice is a fault, and one that was acked and does not come is another.
 */
export function startLoad (scenario: Scenario, socketPath: string, senderCount: number): Load {
  const stopping = new AbortController()
  let [longestMs, sentMs] = [0, 0]

  async function send (name: string): Promise<void> {
    let count = 0
    while (!stopping.signal.aborted) {
      const chunks = async function * () {
        while (!stopping.signal.aborted) {
          const chunk = uniqueLines(`${name}-${count++}`, linesOfClass, { container: name, padding: 'x'.repeat(200) })
          for (const record of chunk) scenario.sent.push(record)
          sentMs = performance.now()
          yield chunk
          longestMs = Math.max(longestMs, performance.now() - sentMs)
          await delay(chunkMs)
        }
      }
      for (const record of await sendForAcks(socketPath, chunks())) scenario.acked.push(record)
      await delay(reconnectMs)
    }
  }

  const senders = Array.from({ length: senderCount }, (_, index) => send(`web${index}`))
  return {
    longestWaitMs: () => {
      const waitedMs = longestMs
      longestMs = 0
      return waitedMs
    },
    stop: async () => {
      stopping.abort()
      await Promise.all(senders)
    },
  }
}
