import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { ClientRequest } from './request.ts'

/** Longer than the server waits for a request that does not come. */
const patienceMs = 15_000
const atOnceCount = 12

export interface TrafficReport {
  readonly answeredCount: number
  readonly silentCount: number
}

/** Sends every request, some at once; resolves when the last connection is closed. */
export async function drive (port: number, requests: readonly ClientRequest[]): Promise<TrafficReport> {
  const waiting = [...requests]
  let answeredCount = 0
  const worker = async () => {
    for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
      if (await exchange(port, request) > 0) answeredCount++
    }
  }
  await Promise.all(Array.from({ length: atOnceCount }, worker))
  return { answeredCount, silentCount: requests.length - answeredCount }
}

/** Resolves when the server answers. */
export async function untilAnswered (port: number, request: ClientRequest): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (Date.now() < deadline) {
    if (await exchange(port, request) > 0) return
    await delay(100)
  }
  throw new Error(`expected an answer on port ${port}`)
}

/** @returns how many bytes came back */
async function exchange (port: number, { bytes, end }: ClientRequest): Promise<number> {
  return await new Promise(resolve => {
    let receivedBytes = 0
    const socket = connect(port, '127.0.0.1')
    socket.setTimeout(patienceMs, () => { socket.destroy() })
    socket.on('data', (chunk: Buffer) => {
      receivedBytes += chunk.length
      if (end === 'leave') socket.resetAndDestroy()
    })
    // A reset is what some of these requests are for.
    socket.on('error', () => { socket.destroy() })
    socket.on('close', () => { resolve(receivedBytes) })
    socket.on('connect', () => {
      socket.write(bytes, () => { if (end === 'abort') socket.resetAndDestroy() })
    })
  })
}
