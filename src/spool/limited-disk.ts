import type { Disk, DiskFile } from './disk.ts'

/** Runs what it is given, and resolves with its result. */
export type Limit = <Result>(operation: () => Promise<Result>) => Promise<Result>

/** At most `maxCount` operations run at a time, in the order in which they were given. */
export function createLimit (maxCount: number): Limit {
  let running = 0
  const waiting: (() => void)[] = []
  return async operation => {
    if (running < maxCount) running++
    // An operation that ends lets the next one go on. While all of them hang, nothing does.
    else await new Promise<void>(resolve => waiting.push(resolve))
    try {
      return await operation()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}

/**
 * A disk that carries out at most `maxCount` operations at a time, in the order in which they were asked for: a disk
 * that hangs then takes no more than that of the threads which compression and DNS need too.
 */
export function withLimit (disk: Disk, maxCount: number): Disk {
  return withAround(disk, createLimit(maxCount))
}

/** A disk whose every operation is run by `around`. */
export function withAround (disk: Disk, around: Limit): Disk {
  const fileAround = (file: DiskFile): DiskFile => ({
    read: (into, position) => around(() => file.read(into, position)),
    writev: (parts, position) => around(() => file.writev(parts, position)),
    truncate: bytes => around(() => file.truncate(bytes)),
    sync: () => around(() => file.sync()),
    isRemoved: () => around(() => file.isRemoved()),
    close: () => around(() => file.close()),
  })

  return {
    blockBytes: disk.blockBytes,
    open: (path, mode) => around(async () => fileAround(await disk.open(path, mode))),
    makeDirectory: path => around(() => disk.makeDirectory(path)),
    removeDirectory: path => around(() => disk.removeDirectory(path)),
    list: path => around(() => disk.list(path)),
    stat: path => around(() => disk.stat(path)),
    readText: path => around(() => disk.readText(path)),
    replaceText: (path, text) => around(() => disk.replaceText(path, text)),
    createText: (path, text) => around(() => disk.createText(path, text)),
    rename: (from, to) => around(() => disk.rename(from, to)),
    remove: path => around(() => disk.remove(path)),
    syncDirectory: path => around(() => disk.syncDirectory(path)),
    freeBytes: path => around(() => disk.freeBytes(path)),
  }
}

// Tested in test/spool/disk.test.ts
