import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Lets a connection have one answer in the making: requests that come before it is sent wait, in their order.
 *
 * A wait ends with the answer before, or with the connection. A connection on which more than `maxCount` are open is
 * closed: nobody who checks or scrapes sends requests in advance, and each would cost memory.
 */
export function oneAtATime (maxCount: number, handle: RequestListener): RequestListener {
  const queues = new WeakMap<Socket, [IncomingMessage, ServerResponse][]>()
  return (request, response) => {
    const { socket } = request
    // Node parses on to the end of the piece.
    if (socket.destroyed) return
    const queue = queues.get(socket) ?? []
    queues.set(socket, queue)
    queue.push([request, response])
    if (queue.length > maxCount) {
      queue.length = 0
      socket.destroy()
      return
    }
    response.once('close', () => {
      queue.shift()
      const [next] = queue
      if (next !== undefined && !socket.destroyed) handle(...next)
    })
    if (queue.length === 1) handle(request, response)
  }
}
