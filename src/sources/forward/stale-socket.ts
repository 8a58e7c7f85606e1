import { lstat, unlink } from 'node:fs/promises'
import { connect } from 'node:net'

/** What stands in the way of listening at a path. */
export type Obstacle = 'none' | 'not_a_socket' | 'in_use'

/**
 * Removes a socket at `path` that nobody listens on, as a process that was killed leaves behind. Anything else stays:
 * a file is somebody's, and a socket that answers is another process's.
 */
export async function clearStaleSocket (path: string): Promise<Obstacle> {
  try {
    if (!(await lstat(path)).isSocket()) return 'not_a_socket'
    if (await isAnswered(path)) return 'in_use'
    await unlink(path)
  } catch (error) {
    // Nothing there, or gone meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return 'none'
}

async function isAnswered (path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(path)
  socket.on('connect', () => resolve(true))
  // Refused: nobody listens. A full backlog (EAGAIN) or a missing permission are no proof of that.
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'))
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}
