import type { Disk, DiskFile } from './disk.ts'

/**
 * A disk that keeps at most `maxCount` files open for writing between operations, so that hundreds of segments do not
 * take hundreds of descriptors. A file of more than that is opened for each operation, and closed after it: its content
 * stays where it is. Should somebody have removed it meanwhile, the operation rejects with `ENOENT`.
 *
 * The operations of one file follow one another, as those of a segment do. The methods of `disk` must need no `this`.
 */
export function withFewFiles (disk: Disk, maxCount: number): Disk {
  let openCount = 0

  function kept (path: string, opened: DiskFile): DiskFile {
    let file: DiskFile | undefined = opened

    async function close (): Promise<void> {
      const closing = file
      if (closing === undefined) return
      file = undefined
      openCount--
      await closing.close()
    }

    async function use<Result> (operation: (file: DiskFile) => Promise<Result>): Promise<Result> {
      if (file === undefined) {
        file = await disk.open(path, 'update')
        openCount++
      }
      const result = await operation(file)
      // A failure of this is one of the operation, which can be repeated where it began.
      if (openCount > maxCount) await close()
      return result
    }

    return {
      read: (into, position) => use(one => one.read(into, position)),
      writev: (parts, position) => use(one => one.writev(parts, position)),
      truncate: bytes => use(one => one.truncate(bytes)),
      sync: () => use(one => one.sync()),
      // One that is closed is found gone by the operation that opens it again.
      isRemoved: async () => file !== undefined && await file.isRemoved(),
      close,
    }
  }

  return {
    ...disk,
    open: async (path, mode) => {
      const file = await disk.open(path, mode)
      if (mode === 'read') return file
      openCount++
      return kept(path, file)
    },
  }
}
