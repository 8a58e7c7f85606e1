import { crc32 } from 'node:zlib'
import { SluiceError } from '../contracts/errors.ts'
import type { DiskFile } from './disk.ts'
import type { SyncPolicy } from './spool.ts'

/** Read and written again at a time. */
const pieceBytes = 262_144

/**
 * Puts what a segment has written on the medium. After a sync that failed the system may take for written what is not,
 * and the next sync then says nothing of it: so the content is written once more before that. Source: fsync(2), "an
 * error … may be reported only once"; PostgreSQL's "fsyncgate", 2018.
 */
export class SegmentSync {
  readonly #policy: SyncPolicy
  /** Of the file, from its start: bytes on the medium, and those that are to be there now. */
  syncedBytes = 0
  targetBytes = 0
  /** The last try failed. */
  #isSuspect = false

  constructor (policy: SyncPolicy) {
    this.#policy = policy
  }

  isWanted (writtenBytes: number, isSealing: boolean): boolean {
    if (this.#policy === 'never' || this.syncedBytes >= writtenBytes) return false
    return this.#policy === 'always' || isSealing || this.syncedBytes < this.targetBytes
  }

  /**
   * @param bytes that were written, and `crc` their CRC-32
   * @returns false when the file does not hold them any more
   * @throws the system's error: none of it is to be relied on
   */
  async run (file: DiskFile, bytes: number, crc: number): Promise<boolean> {
    if (this.#isSuspect && !await writeAgain(file, bytes, crc)) return false
    this.#isSuspect = true
    await file.sync()
    this.#isSuspect = false
    return true
  }

  /** There is another file. */
  restart (): void {
    this.syncedBytes = this.targetBytes = 0
    this.#isSuspect = false
  }
}

/** The disk ends each of its steps, or an error the whole. */
async function writeAgain (file: DiskFile, bytes: number, crc: number): Promise<boolean> {
  const piece = Buffer.allocUnsafe(Math.min(bytes, pieceBytes))
  let crcThere = 0
  for (let at = 0; at < bytes;) {
    const readBytes = await file.read(piece.subarray(0, Math.min(piece.length, bytes - at)), at)
    if (readBytes === 0) return false
    const takenBytes = await file.writev([piece.subarray(0, readBytes)], at)
    if (takenBytes <= 0) throw new SluiceError('ERR_SPOOL_WRITE', 'the disk took no bytes')
    crcThere = crc32(piece.subarray(0, takenBytes), crcThere)
    at += takenBytes
  }
  return crcThere === crc
}

// Tested in test/spool/open-segment.test.ts
