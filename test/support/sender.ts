import { connect, type Socket } from 'node:net'
import { forwardFrames, type SentRecord } from './forward-frames.ts'

/** Sends bytes over a connection of their own and resolves when it has closed, whoever closed it. */
export async function sendBytes (socketPath: string, bytes: Buffer): Promise<void> {
  const socket = connect(socketPath)
  const closed = closeOf(socket)
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
  socketPath: string,
  chunks: Iterable<readonly SentRecord[]> | AsyncIterable<readonly SentRecord[]>,
  onAck: () => void = () => undefined
): Promise<SentRecord[]> {
  const acked: SentRecord[] = []
  const socket = connect(socketPath)
  const closed = closeOf(socket)
  let count = 0
  for await (const records of chunks) {
    socket.write(forwardFrames('forward', 'docker', records, `chunk ${++count}`).bytes)
    const answer = await answerOf(socket, closed)
    if (!answer?.includes(`chunk ${count}`)) break
    acked.push(...records)
    onAck()
  }
  socket.destroy()
  await closed
  return acked
}

/** Resolves when the connection is over, for whatever reason: the other end closes on what it does not understand. */
export function closeOf (socket: Socket): Promise<undefined> {
  socket.on('error', () => undefined)
  return new Promise(resolve => socket.once('close', () => resolve(undefined)))
}

/** What the other end says next; undefined when it closes instead. */
export function answerOf (socket: Socket, closed: Promise<undefined>): Promise<Buffer | undefined> {
  return Promise.race([closed, new Promise<Buffer>(resolve => socket.once('data', resolve))])
}
