import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { forwardFrames, type SentRecord } from './forward-frames.ts'

/** Sends bytes over a connection of their own and resolves when it has closed, whoever closed it. */
export async function sendBytes (socketPath: string, bytes: Buffer): Promise<void> {
  const socket = connect(socketPath)
  const closed = once(socket, 'close')
  // The other end closes on what it does not understand.
  socket.on('error', () => undefined)
  socket.resume()
  socket.end(bytes)
  await closed
}

export function sendRecords (socketPath: string, records: readonly SentRecord[]): Promise<void> {
  return sendBytes(socketPath, forwardFrames('message', 'docker', records).bytes)
}

/**
 * Sends one chunk after the other, each when the one before is acked.
 *
 * @returns those that were acked: all of them unless the other end closed before
 */
export async function sendForAcks (
  socketPath: string, chunks: Iterable<readonly SentRecord[]>, onAck: () => void = () => undefined
): Promise<SentRecord[]> {
  const acked: SentRecord[] = []
  const socket: Socket = connect(socketPath)
  const closed = once(socket, 'close')
  socket.on('error', () => undefined)
  let count = 0
  for (const records of chunks) {
    socket.write(forwardFrames('forward', 'docker', records, `chunk ${++count}`).bytes)
    const answer = await Promise.race([once(socket, 'data').catch(() => []) as Promise<Buffer[]>, closed.then(() => [])])
    if (!answer[0]?.includes(`chunk ${count}`)) break
    acked.push(...records)
    onAck()
  }
  socket.destroy()
  await closed
  return acked
}
