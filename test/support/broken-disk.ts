/**
 * Loaded before the program (`--import`), breaks its file operations while the file BROKEN_DISK says so: a
 * `DiskTrouble` as JSON. The kernel fails no single operation on demand; all else is the program's own,
 * and a real disk's.
 */
import calls, { readFileSync } from 'node:fs'
import fs, { type FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'

export interface DiskTrouble {
  readonly operations: ReadonlyArray<'open' | 'read' | 'write' | 'sync' | 'rename' | 'remove'>
  /**
   * Of the system, `EIO`; or `hang`: the operation ends when there is no more trouble; or `hold`: it never ends, and
   * holds one of Node's threads, as where the server of a network file system is gone.
   */
  readonly code: string
  /** Only paths that hold this. */
  readonly path: string
}

const control = process.env['BROKEN_DISK'] ?? ''
/** A pipe: to open it takes as long as it has no writer. */
const pipe = process.env['BROKEN_DISK_PIPE'] ?? ''
const openPipe = calls.open
const lookMs = 20

function trouble (): DiskTrouble | undefined {
  try {
    return JSON.parse(readFileSync(control, 'utf8')) as DiskTrouble
  } catch {
    // No such file, or one that is being written: no trouble.
    return undefined
  }
}

async function meet (operation: DiskTrouble['operations'][number], path: unknown): Promise<void> {
  for (;;) {
    const found = trouble()
    if (found === undefined || !found.operations.includes(operation) || !String(path).includes(found.path)) return
    if (found.code === 'hold') await new Promise(resolve => openPipe(pipe, 'r', resolve))
    if (found.code !== 'hang') throw Object.assign(new Error(`${found.code}: made by a test`), { code: found.code })
    await delay(lookMs, undefined, { ref: false })
  }
}

function broken<Given extends unknown[], Result> (
  operation: DiskTrouble['operations'][number], path: unknown, work: (...given: Given) => Promise<Result>
): (...given: Given) => Promise<Result> {
  return async (...given) => {
    await meet(operation, path)
    return await work(...given)
  }
}

function breakable (handle: FileHandle, path: unknown): FileHandle {
  return Object.assign(handle, {
    read: broken('read', path, handle.read.bind(handle) as (...given: unknown[]) => Promise<unknown>),
    writev: broken('write', path, handle.writev.bind(handle)),
    datasync: broken('sync', path, handle.datasync.bind(handle)),
    sync: broken('sync', path, handle.sync.bind(handle)),
  })
}

type Call = (...given: unknown[]) => void
type Done = (error: unknown, ...results: unknown[]) => void

/** Paths of what the operations by number have opened. */
const pathOf = new Map<unknown, unknown>()

/** The same for what calls back: by path, or by number of a file whose path holds what the trouble says. */
function brokenCall (operation: DiskTrouble['operations'][number], work: Call): Call {
  return (...given) => {
    const done = given.at(-1) as Done
    const path = typeof given[0] === 'number' ? pathOf.get(given[0]) : given[0]
    if (path === undefined) return work(...given)
    void meet(operation, path).then(() => work(...given), (error: unknown) => done(error))
  }
}

const numbered = calls as unknown as Record<'open' | 'read' | 'write' | 'writev' | 'fdatasync' | 'rename' | 'unlink', Call>
const openNumbered = brokenCall('open', numbered.open)

Object.assign(calls, {
  open: (...given: unknown[]) => {
    const done = given.pop() as Done
    openNumbered(...given, (error: unknown, fd: unknown) => {
      if (error === null) pathOf.set(fd, given[0])
      done(error, fd)
    })
  },
  read: brokenCall('read', numbered.read),
  write: brokenCall('write', numbered.write),
  writev: brokenCall('write', numbered.writev),
  fdatasync: brokenCall('sync', numbered.fdatasync),
  rename: brokenCall('rename', numbered.rename),
  unlink: brokenCall('remove', numbered.unlink),
})

const { open, rename, unlink, readFile, writeFile } = fs

Object.assign(fs, {
  open: async (...given: Parameters<typeof open>) => {
    await meet('open', given[0])
    return breakable(await open(...given), given[0])
  },
  rename: async (...given: Parameters<typeof rename>) => await broken('rename', given[0], rename)(...given),
  unlink: async (...given: Parameters<typeof unlink>) => await broken('remove', given[0], unlink)(...given),
  readFile: async (...given: Parameters<typeof readFile>) => await broken('read', given[0], readFile)(...given),
  writeFile: async (...given: Parameters<typeof writeFile>) => await broken('write', given[0], writeFile)(...given),
})
syncBuiltinESMExports()
