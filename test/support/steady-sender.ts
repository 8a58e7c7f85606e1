import { connect, type NetConnectOpts } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Encoder } from '@msgpack/msgpack'

export interface SteadySender {
  /** Sends no more, waits for what it asked for, and says how it went. */
  stop (): Promise<SteadyReport>
}

export interface SteadyReport {
  readonly lines: readonly string[]
  /** Acks that came, and the longest wait for one, ms; one that never came waits until the end. */
  readonly ackedCount: number
  readonly longestWaitMs: number
  readonly isCutOff: boolean
}

const pauseMs = 10
const encoder = new Encoder()

/**
 * A well-behaved sender: 100 lines a second over one connection, each asking for an ack, none waiting for the one before.
 * Every frame is written in two halves, as it comes where a socket's buffer ends within it.
 */
export function startSteadySender (to: NetConnectOpts, name: string): SteadySender {
  const socket = connect(to)
  const lines: string[] = []
  const sentMs: number[] = []
  let ackedCount = 0
  let longestWaitMs = 0
  let isCutOff = false
  let isStopping = false
  socket.on('error', () => undefined)
  socket.on('close', () => { isCutOff = true })
  let rest = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    // Acks of one length, in order: `{"ack":"00000000"}`.
    rest = Buffer.concat([rest, chunk])
    for (; rest.length >= ackBytes; rest = rest.subarray(ackBytes)) {
      longestWaitMs = Math.max(longestWaitMs, performance.now() - (sentMs[ackedCount] ?? 0))
      ackedCount++
    }
  })
  const ended = send()

  async function send (): Promise<void> {
    while (!isStopping && !isCutOff) {
      const index = lines.length
      const log = `{"status":200,"request":"GET /${name}/${index}","padding":"${'x'.repeat(300)}"}`
      const frame = Buffer.from(encoder.encode([
        'steady', Math.floor(Date.now() / 1000), { source: 'stdout', log, container_name: `/${name}` }, { chunk: id(index) },
      ]))
      lines.push(log)
      sentMs.push(performance.now())
      socket.write(frame.subarray(0, 200))
      await delay(pauseMs)
      socket.write(frame.subarray(200))
    }
  }

  return {
    async stop () {
      isStopping = true
      await ended
      const endMs = performance.now() + 5000
      while (ackedCount < lines.length && !isCutOff && performance.now() < endMs) await delay(pauseMs)
      const oldestMs = sentMs[ackedCount]
      if (oldestMs !== undefined) longestWaitMs = Math.max(longestWaitMs, performance.now() - oldestMs)
      const report = { lines, ackedCount, longestWaitMs, isCutOff }
      socket.destroy()
      return report
    },
  }
}

const id = (index: number) => String(index).padStart(8, '0')
const ackBytes = encoder.encode({ ack: id(0) }).length
