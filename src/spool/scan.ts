import { crc32 } from 'node:zlib'
import type { Disk } from './disk.ts'

/** What a segment's file holds, read from its bytes alone. */
export interface Content {
  /** Whole lines, and the bytes and CRC-32 of these. */
  readonly records: number
  readonly bytes: number
  readonly crc32: number
  /** Bytes behind the last newline: a line that was being written. */
  readonly tornBytes: number
  /** Lines that end at or before `markBytes`, and whether one ends exactly there (or it is 0). */
  readonly recordsToMark: number
  readonly isMarkAtLineEnd: boolean
}

const blockBytes = 262_144
const newline = 0x0A

/**
 * Reads a file once, block by block, in constant memory.
 *
 * @param markBytes an offset of interest: where a cursor points
 */
export async function scanFile (disk: Disk, path: string, markBytes: number): Promise<Content> {
  const file = await disk.open(path, 'read')
  try {
    const block = Buffer.allocUnsafe(blockBytes)
    let position = 0
    let records = 0
    let bytes = 0
    let recordsToMark = 0
    let isMarkAtLineEnd = markBytes === 0
    // The checksum up to the last newline, and on to the end of what was read.
    let crc = 0
    let openCrc = 0
    let read = await file.read(block, 0)
    while (read > 0) {
      let lineStart = 0
      const content = block.subarray(0, read)
      for (let at = content.indexOf(newline); at !== -1; at = content.indexOf(newline, lineStart)) {
        lineStart = at + 1
        records++
        if (position + lineStart <= markBytes) recordsToMark = records
        if (position + lineStart === markBytes) isMarkAtLineEnd = true
      }
      if (lineStart > 0) {
        bytes = position + lineStart
        crc = crc32(content.subarray(0, lineStart), openCrc)
        openCrc = crc
      }
      openCrc = crc32(content.subarray(lineStart), openCrc)
      position += read
      read = await file.read(block, position)
    }
    return { records, bytes, crc32: crc, tornBytes: position - bytes, recordsToMark, isMarkAtLineEnd }
  } finally {
    await file.close()
  }
}

/** True when the byte before `offset` is a newline, or the file's start is there. */
export async function isLineEnd (disk: Disk, path: string, offset: number): Promise<boolean> {
  if (offset === 0) return true
  const file = await disk.open(path, 'read')
  try {
    const byte = Buffer.alloc(1)
    return await file.read(byte, offset - 1) === 1 && byte[0] === newline
  } finally {
    await file.close()
  }
}

// Tested in test/spool/recovery.test.ts
