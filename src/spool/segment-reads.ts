import { SluiceError } from '../contracts/errors.ts'
import type { RunRead } from '../contracts/segment.ts'
import type { HangWatch } from './hang-watch.ts'

/**
 * Runs the reads of a segment's file that delivery makes. One that hangs is told as any other file operation. While it
 * does, no other begins: each would keep one more of Node's few threads, which the writes of all routes and DNS need.
 */
export function createRunRead (hangs: HangWatch): RunRead {
  let isUnderWay = false
  return async read => {
    if (isUnderWay) {
      throw new SluiceError('ERR_SINK_UNAVAILABLE', 'a read of the segment does not end: look at the disk of dataDir, or at ' +
        'the server of the network file system', { reason: 'spool_read' })
    }
    isUnderWay = true
    const begun = hangs.begin()
    try {
      return await read()
    } finally {
      hangs.end(begun)
      isUnderWay = false
    }
  }
}

// Tested in test/spool/sealed-queue.test.ts
