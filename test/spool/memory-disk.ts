import { dirname, basename } from 'node:path'
import { noName, type Disk, type DiskFile, type OpenMode } from '../../src/spool/disk.ts'

/** `look`: for the name of a file that is written. */
export type Operation = Exclude<keyof Disk, 'blockBytes'> | keyof DiskFile | 'look'
interface MemoryFile {
  bytes: Buffer
  length: number
  readonly createdMs: number
  isFile?: boolean
  userId?: number
  /** Stretches that wait to be put on the medium, and what is there. */
  dirty?: [number, number][]
  medium?: Buffer
}

/** The error that a system gives. */
export function systemError (code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code })
}

/** A disk in memory that fails, cuts, fills up and hangs when the test says so, and survives a crash of its user. */
export class MemoryDisk implements Disk {
  readonly #files = new Map<string, MemoryFile>()
  readonly #directories = new Set<string>(['/'])
  /** Bytes count as they are, unless a test says otherwise. */
  blockBytes = 1
  /** Called before every operation: the error to fail with. */
  fault: (operation: Operation, path: string) => string | undefined = () => undefined
  /** Called before every operation: what it waits for. */
  delay: (operation: Operation, path: string) => Promise<void> | undefined = () => undefined
  /** Most bytes of one write. */
  maxWriteBytes = Infinity
  capacityBytes = 2 ** 40
  /** As a limit of the process. */
  maxFileBytes = Infinity
  now = () => 0
  readonly operations: Operation[] = []
  #mutex: PromiseWithResolvers<void> | undefined

  /** Every operation waits until `resume`. */
  hang (): void { this.#mutex ??= Promise.withResolvers<void>() }
  resume (): void {
    this.#mutex?.resolve()
    this.#mutex = undefined
  }

  /** What a process finds that starts after this one was killed: all that was written, in a disk of its own. */
  afterCrash (): MemoryDisk {
    const disk = new MemoryDisk()
    for (const [path, file] of this.#files) disk.#files.set(path, { ...file, bytes: Buffer.from(file.bytes) })
    for (const path of this.#directories) disk.#directories.add(path)
    disk.now = this.now
    return disk
  }

  paths (): string[] { return [...this.#files.keys()].sort() }
  content (path: string): Buffer { return this.#file(path).bytes.subarray(0, this.#file(path).length) }
  /** What is left of it when the machine is lost. */
  medium (path: string): string { return (this.#file(path).medium ?? '').toString() }
  put (path: string, content: string | Buffer): void {
    const bytes = Buffer.from(content)
    this.#addDirectories(dirname(path))
    this.#files.set(path, { bytes, length: bytes.length, createdMs: this.now() })
  }

  get usedBytes (): number {
    let sum = 0
    for (const { length } of this.#files.values()) sum += length
    return sum
  }

  async open (path: string, mode: OpenMode): Promise<DiskFile> {
    await this.#begin('open', path)
    if (this.#directories.has(path)) throw systemError('EISDIR')
    if (mode === 'write' && !this.#files.has(path)) {
      if (!this.#directories.has(dirname(path))) throw systemError('ENOENT')
      this.#files.set(path, { bytes: Buffer.alloc(0), length: 0, createdMs: this.now() })
    }
    const file = this.#file(path)
    return {
      read: async (into, position) => {
        await this.#begin('read', path)
        return file.bytes.copy(into, 0, Math.min(position, file.length), file.length)
      },
      writev: async (parts, position, isToLook = false) => {
        await this.#begin('writev', path)
        const bytes = Buffer.concat(parts)
        const room = this.capacityBytes - this.usedBytes + (file.length - Math.min(file.length, position))
        if (position >= this.maxFileBytes) throw systemError('EFBIG')
        const taken = Math.min(bytes.length, this.maxWriteBytes, room, this.maxFileBytes - position)
        if (taken <= 0) throw systemError('ENOSPC')
        this.#write(file, bytes.subarray(0, taken), position)
        if (!isToLook) return taken
        await this.#begin('look', path)
        return [...this.#files.values()].includes(file) ? taken : noName
      },
      truncate: async bytes => {
        await this.#begin('truncate', path)
        file.length = Math.min(file.length, bytes)
      },
      sync: async () => {
        // As Linux does it: what a sync that failed had to write counts as written, and no other says so again.
        const dirty = file.dirty ?? []
        file.dirty = []
        await this.#begin('sync', path)
        file.medium = Buffer.concat([file.medium ?? Buffer.alloc(0)], Math.max(file.length, file.medium?.length ?? 0))
        for (const [from, to] of dirty) file.bytes.copy(file.medium, from, from, to)
      },
      close: () => this.#begin('close', path),
    }
  }

  async makeDirectory (path: string): Promise<void> {
    await this.#begin('makeDirectory', path)
    this.#addDirectories(path)
  }

  async removeDirectory (path: string): Promise<void> {
    await this.#begin('removeDirectory', path)
    const all = [...this.#directories, ...this.#files.keys()]
    if (!all.some(other => dirname(other) === path && other !== path)) this.#directories.delete(path)
  }

  /** Somebody deletes a directory with all that is in it. */
  deleteTree (path: string): void {
    for (const file of [...this.#files.keys()]) if (file.startsWith(`${path}/`)) this.#files.delete(file)
    for (const directory of [...this.#directories]) {
      if (directory === path || directory.startsWith(`${path}/`)) this.#directories.delete(directory)
    }
  }

  /** Makes the file at `path` something else: no regular file, or another user's. */
  alter (path: string, differs: { readonly isFile?: boolean, readonly userId?: number }): void {
    Object.assign(this.#file(path), differs)
  }

  directories (): string[] { return [...this.#directories].sort() }

  async list (path: string) {
    await this.#begin('list', path)
    if (!this.#directories.has(path)) throw systemError('ENOENT')
    const inIt = (other: string) => dirname(other) === path && other !== path
    return [
      ...[...this.#directories].filter(inIt)
        .map(other => ({ name: basename(other), isDirectory: true, isFile: false })),
      ...[...this.#files].filter(([other]) => inIt(other))
        .map(([other, { isFile = true }]) => ({ name: basename(other), isDirectory: false, isFile })),
    ]
  }

  async stat (path: string) {
    await this.#begin('stat', path)
    if (this.#directories.has(path)) return { bytes: 4096, isFile: false, userId: 0, createdMs: 0 }
    const { length, createdMs, isFile = true, userId = 0 } = this.#file(path)
    return { bytes: length, isFile, userId, createdMs }
  }

  async readText (path: string): Promise<string> {
    await this.#begin('readText', path)
    return this.content(path).toString()
  }

  async replaceText (path: string, text: string): Promise<void> {
    await this.#begin('replaceText', path)
    if (!this.#directories.has(dirname(path))) throw systemError('ENOENT')
    this.put(path, text)
  }

  async createText (path: string, text: string): Promise<void> {
    await this.#begin('createText', path)
    if (this.#files.has(path)) throw systemError('EEXIST')
    if (!this.#directories.has(dirname(path))) throw systemError('ENOENT')
    this.put(path, text)
  }

  async rename (from: string, to: string): Promise<void> {
    await this.#begin('rename', from)
    if (this.#directories.has(from)) {
      for (const [path, file] of [...this.#files]) {
        if (!path.startsWith(`${from}/`)) continue
        this.#files.delete(path)
        this.#files.set(`${to}${path.slice(from.length)}`, file)
      }
      this.#directories.delete(from)
      this.#directories.add(to)
      return
    }
    const file = this.#file(from)
    this.#files.delete(from)
    this.#files.set(to, file)
  }

  async remove (path: string): Promise<void> {
    await this.#begin('remove', path)
    this.#files.delete(path)
  }

  syncDirectory (path: string): Promise<void> { return this.#begin('syncDirectory', path) }

  async freeBytes (path: string): Promise<number> {
    await this.#begin('freeBytes', path)
    return Math.max(0, this.capacityBytes - this.usedBytes)
  }

  async #begin (operation: Operation, path: string): Promise<void> {
    this.operations.push(operation)
    // No operation of a real disk ends in the turn in which it began.
    await new Promise(resolve => setImmediate(resolve))
    await this.#mutex?.promise
    await this.delay(operation, path)
    const code = this.fault(operation, path)
    if (code !== undefined) throw systemError(code)
  }

  #file (path: string): MemoryFile {
    const file = this.#files.get(path)
    if (file === undefined) throw systemError('ENOENT')
    return file
  }

  #addDirectories (path: string): void {
    for (let at = path; !this.#directories.has(at); at = dirname(at)) this.#directories.add(at)
  }

  #write (file: MemoryFile, bytes: Buffer, position: number): void {
    const end = position + bytes.length
    if (end > file.bytes.length) {
      const larger = Buffer.alloc(Math.max(end, file.bytes.length * 2))
      file.bytes.copy(larger, 0, 0, file.length)
      file.bytes = larger
    }
    bytes.copy(file.bytes, position)
    file.dirty = [...file.dirty ?? [], [position, end]]
    file.length = Math.max(file.length, end)
  }
}
