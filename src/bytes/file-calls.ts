import fs from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

/*
 * Node's file operations by number of the file. A `FileHandle` of `node:fs/promises` does the same with three times as
 * many promises for each operation, which code that runs ten times a second pays for more than the operation.
 */

/** To open what others may have put there: no symbolic link is followed, no other end of a pipe waited for. */
export const notFollowed = fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK
export const readOnly = fs.constants.O_RDONLY | notFollowed

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

/** Writes all of `bytes` at `position`, however often the system takes a part. Rejects when it takes nothing. */
export async function writeFully (fd: number, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const taken = await writeFile(fd, [at === 0 ? bytes : bytes.subarray(at)], position + at)
    if (taken <= 0) throw new Error('the disk took no bytes')
    at += taken
  }
}

/** Fills `into` from `position` with as much as there is; resolves with how much that is. */
export async function readFully (fd: number, into: Buffer, position: number): Promise<number> {
  let length = 0
  while (length < into.length) {
    const bytes = await readFile(fd, into, length, into.length - length, position + length)
    if (bytes === 0) break
    length += bytes
  }
  return length
}

/**
 * Makes a directory, and those above it that are missing. Node's own way, `recursive`, never ends where the system says
 * ENOENT of a name below something that is there, as in `/proc` or behind a link that leads nowhere: it keeps one of
 * Node's few threads busy.
 */
export async function makeDirectories (path: string, mode?: number): Promise<void> {
  if (await makeDirectory(path, mode)) return
  await makeDirectories(dirname(path), mode)
  await mkdir(path, mode).catch(async (error: unknown) => {
    if (!await isDirectory(path)) throw error
  })
}

/** @returns false where a directory above it is missing, as far as the system says: the caller looks whether it is */
async function makeDirectory (path: string, mode?: number): Promise<boolean> {
  try {
    await mkdir(path, mode)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(path) !== path) return false
    if (await isDirectory(path)) return true
    throw error
  }
}

async function isDirectory (path: string): Promise<boolean> {
  return await stat(path).then(found => found.isDirectory(), () => false)
}

// Tested in test/spool/disk.test.ts
