import { constants, fdatasync, fstat, ftruncate, rename, unlink, type Stats } from 'node:fs'
import * as fs from 'node:fs/promises'
import { promisify } from 'node:util'
import { closeFile, makeDirectories, notFollowed, openFile, readFile, readFully, writeFile } from '../bytes/file-calls.ts'
import { atCodes, errorCode, whereAbsent } from '../contracts/disk-errors.ts'

/**
 * An open file. Its operations follow one another. Positions are explicit, so that a write which failed can be repeated
 * where it began.
 */
export interface DiskFile {
  /** Fills `into` from `position`; resolves with the bytes read, 0 at the end. */
  read (into: Buffer, position: number): Promise<number>
  /**
   * Writes `parts` one after the other from `position`; resolves with the bytes written, which may be fewer. With
   * `isToLook` it is looked, while that goes on, whether a name still leads to the file, or else what is written to it
   * is gone when it is closed: then it resolves with `noName`.
   */
  writev (parts: readonly Buffer[], position: number, isToLook?: boolean): Promise<number>
  truncate (bytes: number): Promise<void>
  /** Returns when the content is on the medium (fdatasync). */
  sync (): Promise<void>
  close (): Promise<void>
}

/** In place of a number of bytes: see `writev`. */
export const noName = -1

export type OpenMode = 'read' | 'write' | 'update'
/** A symbolic link, a pipe or a socket is neither a directory nor a file. */
export interface DiskEntry { readonly name: string, readonly isDirectory: boolean, readonly isFile: boolean }
export interface DiskStat {
  readonly bytes: number
  readonly isFile: boolean
  /** Number of the user whose it is, as the file system says it. */
  readonly userId: number
  /** Time of creation, or of the last change where the file system keeps none. */
  readonly createdMs: number
}

/**
 * The file operations of the spool: everything it asks of a disk, so that tests can pass one that breaks.
 *
 * Every method rejects with the system's error, whose `code` (`ENOSPC`, …) decides what happens. A disk that hangs ends
 * none of them: whoever may not wait for that has an end of its own.
 */
export interface Disk {
  /** What a file takes, however small it is: sizes are rounded up to a multiple of it. */
  readonly blockBytes: number
  /**
   * `write` creates the file where there is none and keeps its content where there is one; `update` writes too, and
   * rejects with `ENOENT` where there is none. A symbolic link is not followed (`ELOOP`).
   */
  open (path: string, mode: OpenMode): Promise<DiskFile>
  /** Makes its parents too. No error when it exists. */
  makeDirectory (path: string): Promise<void>
  /** Removes a directory that is empty. No error when it is not, or when there is none. */
  removeDirectory (path: string): Promise<void>
  list (path: string): Promise<readonly DiskEntry[]>
  /** Of what is at `path` itself, were it a symbolic link. */
  stat (path: string): Promise<DiskStat>
  /** At most a mebibyte: ours are shorter, and others may have put anything there. Nothing of what is no file. */
  readText (path: string): Promise<string>
  /** Puts `text` in the place of what was at `path`, at once: a reader and a crash see the old or the new. */
  replaceText (path: string, text: string): Promise<void>
  /** Creates `path` with `text` at once; rejects with `EEXIST` when there is one. */
  createText (path: string, text: string): Promise<void>
  rename (from: string, to: string): Promise<void>
  /** Removes a file. No error when there is none. */
  remove (path: string): Promise<void>
  /** Puts the entries of a directory on the medium. */
  syncDirectory (path: string): Promise<void>
  /** Bytes that an ordinary user may still write to the file system of `path`; infinite when it does not say. */
  freeBytes (path: string): Promise<number>
}

/** Lines may hold what nobody else is to read. */
const fileMode = 0o600
const directoryMode = 0o700

const openFlags: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY | notFollowed,
  write: constants.O_RDWR | constants.O_CREAT | notFollowed,
  update: constants.O_RDWR | notFollowed,
}
const newText = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | notFollowed
const maxTextBytes = 1 << 20

const truncateFile: (fd: number, bytes: number) => Promise<void> = promisify(ftruncate)
const syncFile: (fd: number) => Promise<void> = promisify(fdatasync)
const statFile: (fd: number) => Promise<Stats> = promisify(fstat)
const renameFile: (from: string, to: string) => Promise<void> = promisify(rename)
const removeFile: (path: string) => Promise<void> = promisify(unlink)

export const systemDisk: Disk = {
  // As nearly every file system has it.
  blockBytes: 4096,
  open: async (path, mode) => systemFile(path, await openFile(path, openFlags[mode], fileMode)),
  makeDirectory: path => makeDirectories(path, directoryMode),
  removeDirectory: path => fs.rmdir(path).catch(atCodes(['ENOENT', 'ENOTEMPTY', 'EEXIST'], undefined)),
  list: async path => {
    const entries = await fs.readdir(path, { withFileTypes: true })
    return entries.map(entry => ({ name: entry.name, isDirectory: entry.isDirectory(), isFile: entry.isFile() }))
  },
  stat: async path => {
    const stat = await fs.lstat(path)
    const { size, birthtimeMs, mtimeMs, uid } = stat
    return { bytes: size, isFile: stat.isFile(), userId: uid, createdMs: birthtimeMs > 0 ? birthtimeMs : mtimeMs }
  },
  readText: async path => {
    const fd = await openFile(path, openFlags.read)
    try {
      const stat = await statFile(fd)
      const text = Buffer.alloc(stat.isFile() ? Math.min(stat.size, maxTextBytes) : 0)
      return text.toString('utf8', 0, await readFully(fd, text, 0))
    } finally {
      await closeFile(fd)
    }
  },
  replaceText: async (path, text) => {
    await fs.writeFile(`${path}.new`, text, { flag: newText, mode: fileMode })
    await fs.rename(`${path}.new`, path)
  },
  createText: async (path, text) => {
    const whole = `${path}.${process.pid}-${process.hrtime.bigint()}`
    try {
      await fs.writeFile(whole, text, { flag: 'wx', mode: fileMode })
      await fs.link(whole, path)
    } catch (error) {
      // A file system without hard links: creation is still exclusive, only not at once with the text.
      if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(errorCode(error))) throw error
      await fs.writeFile(path, text, { flag: 'wx', mode: fileMode })
    } finally {
      await fs.rm(whole, { force: true })
    }
  },
  rename: renameFile,
  // `rm` with `force` would look before each removal.
  remove: path => removeFile(path).catch(whereAbsent(undefined)),
  syncDirectory: async path => {
    await using handle = await fs.open(path, constants.O_RDONLY)
    await handle.sync()
  },
  freeBytes: async path => {
    const { blocks, bavail, bsize } = await fs.statfs(path)
    // Some network and sandbox file systems do not say: 0 blocks in all.
    return blocks === 0 ? Infinity : bavail * bsize
  },
}

function systemFile (path: string, opened: number): DiskFile {
  /** -1 when it is closed. */
  let fd = opened
  /** The operation that began last: its number must not become that of another file before it has ended. */
  let last: Promise<unknown> = Promise.resolve()
  const begun = <Result>(operation: Promise<Result>): Promise<Result> => {
    last = operation
    return operation
  }
  const writeAndLook = async (parts: readonly Buffer[], position: number): Promise<number> => {
    const one = fd
    // Both begin at once: one trip to the thread pool after the other would be two for whoever waits to be stored.
    const [written, looked] = await Promise.allSettled([writeFile(one, parts, position), isRemoved(path, one)])
    if (written.status === 'rejected') throw written.reason
    if (looked.status === 'rejected') throw looked.reason
    return looked.value ? noName : written.value
  }
  return {
    read: (into, position) => begun(readFile(fd, into, 0, into.length, position)),
    writev: (parts, position, isToLook = false) => {
      return begun(isToLook ? writeAndLook(parts, position) : writeFile(fd, parts, position))
    },
    truncate: bytes => begun(truncateFile(fd, bytes)),
    sync: () => begun(syncFile(fd)),
    close: async () => {
      const closing = fd
      if (closing < 0) return
      fd = -1
      // The disk ends this wait.
      await last.catch(() => undefined)
      await closeFile(closing)
    },
  }
}

async function isRemoved (path: string, fd: number): Promise<boolean> {
  return (await statFile(fd)).nlink === 0 && !await isAt(path, fd)
}

/** Some file systems count no names: there the file is looked for under its own. */
async function isAt (path: string, fd: number): Promise<boolean> {
  const [there, here] = await Promise.all([fs.lstat(path).catch(whereAbsent(undefined)), statFile(fd)])
  return there !== undefined && there.ino === here.ino && there.dev === here.dev
}

/** What a file of so many bytes takes of a disk. */
export function onDisk (bytes: number, blockBytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes
}

/** undefined when there is no such file, or a symbolic link. */
export async function textIfThere (disk: Disk, path: string): Promise<string | undefined> {
  return await disk.readText(path).catch(atCodes(['ENOENT', 'ELOOP'], undefined))
}

export async function exists (disk: Disk, path: string): Promise<boolean> {
  return await disk.stat(path).then(() => true).catch(whereAbsent(false))
}
