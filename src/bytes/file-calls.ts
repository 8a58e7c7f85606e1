import fs from 'node:fs'
import { promisify } from 'node:util'

/*
 * Node's file operations by number of the file. A `FileHandle` of `node:fs/promises` does the same with three times as
 * many promises for each operation, which code that runs ten times a second pays for more than the operation.
 */

export const openFile: (path: string, flags: number, mode?: number) => Promise<number> = promisify(fs.open)
export const closeFile: (fd: number) => Promise<void> = promisify(fs.close)

/** Fills `into` from `position`; resolves with the bytes read, which may be fewer, and 0 at the end. */
export function readFile (fd: number, into: Buffer, offset: number, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, into, offset, length, position, (error, bytes) => {
      if (error === null) resolve(bytes)
      else reject(error)
    })
  })
}

/** Writes `parts` one after the other from `position`; resolves with the bytes written, which may be fewer. */
export function writeFile (fd: number, parts: readonly Buffer[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, bytes: number): void => {
      if (error === null) resolve(bytes)
      else reject(error)
    }
    const [first] = parts
    // Cheaper, and nearly always enough.
    if (parts.length === 1 && first !== undefined) fs.write(fd, first, 0, first.length, position, done)
    else fs.writev(fd, parts as Buffer[], position, done)
  })
}

// Tested in test/spool/disk.test.ts
