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
  const limited = createLimit(maxCount)

  const limitedFile = (file: DiskFile): DiskFile => ({
    read: (into, position) => limited(() => file.read(into, position)),
    writev: (parts, position) => limited(() => file.writev(parts, position)),
    truncate: bytes => limited(() => file.truncate(bytes)),
    sync: () => limited(() => file.sync()),
    close: () => limited(() => file.close()),
  })

  return {
    blockBytes: disk.blockBytes,
    open: (path, mode) => limited(async () => limitedFile(await disk.open(path, mode))),
    makeDirectory: path => limited(() => disk.makeDirectory(path)),
    list: path => limited(() => disk.list(path)),
    stat: path => limited(() => disk.stat(path)),
    readText: path => limited(() => disk.readText(path)),
    replaceText: (path, text) => limited(() => disk.replaceText(path, text)),
    createText: (path, text) => limited(() => disk.createText(path, text)),
    rename: (from, to) => limited(() => disk.rename(from, to)),
    remove: path => limited(() => disk.remove(path)),
    syncDirectory: path => limited(() => disk.syncDirectory(path)),
    freeBytes: path => limited(() => disk.freeBytes(path)),
  }
}

// Tested in test/spool/disk.test.ts
