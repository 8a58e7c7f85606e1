import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { driverFrames, type Container } from './docker-driver.ts'
import { interleave, type Capture } from './replay.ts'

/** Between two lines of a container: some 40 lines a second of two of them. */
const pauseMs = 50

/**
 * Sends captures to a Sluice that runs, as slowly as visitors come, again and again, until `signal` aborts.
 *
 * @returns how many lines were sent
 * @throws what the system says when nobody listens, or not any longer
 */
export async function sendLive (
  captures: readonly Capture[], socketPath: string, signal: AbortSignal
): Promise<number> {
  let count = 0
  const failed = new AbortController()
  const ended = AbortSignal.any([signal, failed.signal])
  const sendAll = async (container: Container, own: readonly Capture[]) => {
    const socket = await opened(socketPath)
    socket.on('error', error => failed.abort(error))
    while (!ended.aborted) {
      for (const line of interleave(own, Math.random)) {
        if (ended.aborted) break
        const now = { ...line, timeMs: Date.now() }
        for (const frame of driverFrames(container, now, Math.random)) socket.write(frame)
        count++
        await sleep(pauseMs * 2 * Math.random(), undefined, { signal: ended }).catch(() => undefined)
      }
    }
    socket.end()
  }
  const containers = Map.groupBy(captures, ({ container }) => container)
  await Promise.all([...containers].map(async ([container, own]) => await sendAll(container, own)))
  if (failed.signal.aborted) throw failed.signal.reason
  return count
}

async function opened (path: string): Promise<Socket> {
  const socket = connect(path)
  await once(socket, 'connect')
  return socket
}
