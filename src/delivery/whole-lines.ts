import { constants } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { notFollowed, readFully } from '../bytes/file-calls.ts'
import { whereAbsent } from '../contracts/disk-errors.ts'

const newline = 10
/** What is read of a file at a time. */
export const pieceBytes = 4 * 1024 * 1024

/** As many whole lines from byte `start` on as `maxBytes` holds, and one in any case; empty when none is whole. */
export async function readWholeLines (path: string, start: number, maxBytes: number): Promise<Buffer> {
  await using file = await open(path, constants.O_RDONLY | notFollowed)
  const { size } = await file.stat()
  for (let wantedBytes = maxBytes; ; wantedBytes *= 2) {
    const buffer = Buffer.allocUnsafeSlow(Math.max(0, Math.min(wantedBytes, size - start)))
    const length = await readFully(file.fd, buffer, start)
    const end = buffer.subarray(0, length).lastIndexOf(newline) + 1
    if (end > 0 || length < wantedBytes) return buffer.subarray(0, end)
  }
}

export function countLines (text: Buffer): number {
  let count = 0
  for (let at = text.indexOf(newline); at !== -1; at = text.indexOf(newline, at + 1)) count++
  return count
}

/** Whole lines from byte `start` on, read in pieces. */
export async function countLinesOf (path: string, start: number): Promise<number> {
  let count = 0
  for (let at = start; ;) {
    const text = await readWholeLines(path, at, pieceBytes)
    if (text.length === 0) return count
    count += countLines(text)
    at += text.length
  }
}

/** 0 when it is not there. */
export async function sizeOf (path: string): Promise<number> {
  return await stat(path).then(({ size }) => size).catch(whereAbsent(0))
}
