import { connect, type NetConnectOpts } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Encoder } from '@msgpack/msgpack'
import type { Owner } from './sluice-process.ts'

export interface SteadySender {
  /** Sends no more, waits for what it asked for, and says how it went. */
  stop (): Promise<SteadyReport>
}

export interface SteadyReport {
  readonly lines: readonly string[]
  readonly ackedCount: number
  /** The longest wait for an ack, ms; for one that has not come, until now. */
  readonly longestWaitMs: number
  readonly isCutOff: boolean
}

const pauseMs = 10
const patienceMs = 5000
const encoder = new Encoder()
const id = (index: number) => String(index).padStart(8, '0')
const ackBytes = encoder.encode({ ack: id(0) }).length

/**
 * A well-behaved sender: 100 lines a second over one connection, each asking for an ack, none waiting for another's.
 * Every frame is written in two halves, as it comes where a socket's buffer ends within it. Ends with the test.
 */
export function startSteadySender (t: Owner, to: NetConnectOpts, name: string): SteadySender {
  const socket = connect(to)
  const stopping = new AbortController()
  t.teardown(() => {
    stopping.abort()
    socket.destroy()
  })
  const lines: string[] = []
  const sentMs: number[] = []
  const waitsMs: number[] = []
  let receivedBytes = 0
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    receivedBytes += chunk.length
    // Acks are in the order of their chunks, and all of one length.
    while (waitsMs.length < Math.floor(receivedBytes / ackBytes)) {
      waitsMs.push(performance.now() - (sentMs[waitsMs.length] ?? 0))
    }
  })
  const ended = send()

  async function send (): Promise<void> {
    while (!stopping.signal.aborted && !socket.closed) {
      const log = `{"status":200,"request":"GET /${name}/${lines.length}","padding":"${'x'.repeat(300)}"}`
      const record = { source: 'stdout', log, container_name: `/${name}` }
      const seconds = Math.floor(Date.now() / 1000)
      const frame = Buffer.from(encoder.encode(['steady', seconds, record, { chunk: id(lines.length) }]))
      lines.push(log)
      sentMs.push(performance.now())
      socket.write(frame.subarray(0, 200))
      await delay(pauseMs)
      socket.write(frame.subarray(200))
    }
  }

  return {
    async stop () {
      stopping.abort()
      await ended
      const endMs = performance.now() + patienceMs
      while (waitsMs.length < lines.length && !socket.closed && performance.now() < endMs) await delay(pauseMs)
      const unansweredMs = sentMs.slice(waitsMs.length).map(each => performance.now() - each)
      const longestWaitMs = Math.max(0, ...waitsMs, ...unansweredMs)
      const report = { lines, ackedCount: waitsMs.length, longestWaitMs, isCutOff: socket.closed }
      socket.destroy()
      return report
    },
  }
}
