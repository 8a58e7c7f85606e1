import { closeSync, existsSync, openSync, readSync, watch } from 'node:fs'
import { join } from 'node:path'
import { sequenceDigits } from './lines.ts'

const newline = 0x0a
/** Where the digits of an access line stand, counted from its newline: `…"seq":"0000000042"}`. */
const digitsBeforeEnd = sequenceDigits + 2
const pieceBytes = 1 << 20

interface OpenFile { readonly fd: number, offset: number, readonly part: Buffer, partBytes: number }

/**
 * Reads the segments of a spool's directory while they are written and calls `onLine` with the number of each access
 * line that a file has in full. The kernel says when a file has grown, so nothing is polled.
 *
 * @returns ends it
 */
export function watchSpool (directory: string, onLine: (sequence: number) => void): () => void {
  const files = new Map<string, OpenFile>()
  const buffer = Buffer.alloc(pieceBytes)

  function take (file: OpenFile): void {
    for (;;) {
      file.part.copy(buffer, 0, 0, file.partBytes)
      const readBytes = readSync(file.fd, buffer, file.partBytes, pieceBytes - file.partBytes, file.offset)
      if (readBytes === 0) return
      file.offset += readBytes
      const end = file.partBytes + readBytes
      let start = 0
      for (let at = buffer.indexOf(newline); at >= 0 && at < end; at = buffer.indexOf(newline, start)) {
        onLine(numberAt(at - digitsBeforeEnd))
        start = at + 1
      }
      file.partBytes = buffer.copy(file.part, 0, start, end)
    }
  }

  function numberAt (at: number): number {
    let value = 0
    for (let digit = at; digit < at + sequenceDigits; digit++) value = value * 10 + (buffer[digit] as number) - 0x30
    return value
  }

  const watcher = watch(directory, (event, name) => {
    if (name?.endsWith('.open') !== true) return
    let file = files.get(name)
    if (file === undefined) {
      try {
        file = { fd: openSync(join(directory, name), 'r'), offset: 0, part: Buffer.alloc(pieceBytes), partBytes: 0 }
      } catch {
        // It was renamed already: what it had was told while it was open, or it is of a time before.
        return
      }
      files.set(name, file)
    }
    take(file)
    // Sealed: it has another name now.
    if (event === 'rename' && !existsSync(join(directory, name))) {
      files.delete(name)
      closeSync(file.fd)
    }
  })
  return () => {
    watcher.close()
    for (const { fd } of files.values()) closeSync(fd)
  }
}
