import { systemDisk, type Disk, type OpenMode } from '../../src/spool/disk.ts'

export type Fault = 'none' | 'full' | 'failing' | 'flaky'

/** The system's disk for the spool's files, until a test breaks it. Locks are left alone: they are no records. */
export class BreakingDisk implements Disk {
  readonly blockBytes = systemDisk.blockBytes
  fault: Fault = 'none'
  /** What it says is free; undefined: what the system says. */
  saysFreeBytes: number | undefined
  readonly #random: (limit: number) => number

  /** `random` gives whole numbers below its argument; a flaky disk asks it before every operation. */
  constructor (random: (limit: number) => number) {
    this.#random = random
  }

  async open (path: string, mode: OpenMode) {
    this.#check(path, mode === 'read' ? 'read' : 'write')
    const file = await systemDisk.open(path, mode)
    return {
      ...file,
      writev: async (parts: readonly Buffer[], position: number) => {
        this.#check(path, 'write')
        if (this.fault !== 'flaky' || this.#random(2) === 0) return await file.writev(parts, position)
        const [first = Buffer.alloc(0)] = parts
        return await file.writev([first.subarray(0, 1 + this.#random(first.length))], position)
      },
      sync: async () => {
        this.#check(path, 'write')
        await file.sync()
      },
    }
  }

  async makeDirectory (path: string) {
    this.#check(path, 'write')
    await systemDisk.makeDirectory(path)
  }

  async removeDirectory (path: string) {
    this.#check(path, 'change')
    await systemDisk.removeDirectory(path)
  }

  async replaceText (path: string, text: string) {
    this.#check(path, 'write')
    await systemDisk.replaceText(path, text)
  }

  async rename (from: string, to: string) {
    this.#check(from, 'change')
    await systemDisk.rename(from, to)
    // The worst a disk can do: it has happened, and says that it has not.
    this.#check(from, 'change')
  }

  async remove (path: string) {
    this.#check(path, 'change')
    await systemDisk.remove(path)
  }

  async freeBytes (path: string) {
    return this.saysFreeBytes ?? await systemDisk.freeBytes(path)
  }

  list = systemDisk.list
  stat = systemDisk.stat
  readText = systemDisk.readText
  createText = systemDisk.createText
  syncDirectory = systemDisk.syncDirectory

  #check (path: string, operation: 'read' | 'write' | 'change'): void {
    if (!path.includes('/spool/')) return
    if (this.fault === 'full' && operation === 'write') throw systemError('ENOSPC')
    if (this.fault === 'failing' && operation !== 'read') throw systemError('EIO')
    if (this.fault === 'flaky' && operation !== 'read' && this.#random(3) === 0) throw systemError('EIO')
  }
}

function systemError (code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code })
}
