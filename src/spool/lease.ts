import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { jsonOf, membersOf } from '../bytes/json-value.ts'
import type { Clock } from '../contracts/clock.ts'
import { atCodes, whereAbsent } from '../contracts/disk-errors.ts'
import { SluiceError } from '../contracts/errors.ts'
import { textIfThere, type Disk, type DiskFile } from './disk.ts'
import type { Processes } from './processes.ts'

/** How often a holder shows that it lives, ms. */
export const beatMs = 5_000
/** For so long nothing may change in the file before another may take it: four beats. */
export const overdueMs = 4 * beatMs
/** After so long without a beat a holder looks before it touches anything: long before another may have taken it. */
const freshMs = 2 * beatMs

export interface LeaseOptions {
  /** Without limits or leases: it must not wait for those who wait for it. */
  readonly disk: Disk
  readonly clock: Clock
  readonly processes: Processes
  /** Called once, when the holder finds that another process has taken it. */
  readonly onLost: (lease: Lease) => void
}

interface Holder {
  readonly owner: string
  /** Counts up; of a fixed length, so that it is written over in place. */
  readonly beat: string
  readonly pid: number
  readonly started?: string
  readonly place: string
  readonly container?: string
}

/** The right to write below a directory, and to remove what is there. */
export interface Lease {
  readonly directory: string
  /** Another process has taken it. It never comes back. */
  readonly isLost: boolean
  /** True while nobody can have taken it. */
  readonly isFresh: boolean
  /** How often its file was made: more than once where somebody deleted it, perhaps with the directory. */
  readonly madeCount: number
  /** Resolves when it is sure that nobody has taken it. Rejects when somebody has, or when that cannot be found out. */
  confirm (): Promise<void>
  /** Writes that the holder lives, every `beatMs`. Never rejects: see `confirm`. */
  beat (): Promise<void>
  /** Gives it back, unless somebody has taken it. */
  release (): Promise<void>
}

/** Path of the file that says who holds `directory`. */
export function leasePath (directory: string): string {
  return join(directory, 'lock')
}

/** The lease's text as it is now; undefined when nobody holds the directory. It changes with every beat. */
export async function readLease (disk: Disk, directory: string): Promise<string | undefined> {
  return await textIfThere(disk, leasePath(directory))
}

/** True when the process that wrote `text` is known to be gone. */
export async function isGone (text: string, processes: Processes): Promise<boolean> {
  const holder = parseHolder(text)
  if (holder === undefined) return false
  if (holder.place === await processes.place()) {
    const started = await processes.startOf(holder.pid)
    if (started === 'ended') return true
    return started !== undefined && holder.started !== undefined && started !== holder.started
  }
  // The container was started again, so its first process is another, and all of the one before are gone.
  return holder.container !== undefined && holder.container === await processes.container()
}

/**
 * Takes `directory`, and makes it when it is not there.
 *
 * @param overdue the text that has not changed for `overdueMs`
 * @returns undefined when another process holds it
 * @throws the system's error when the disk refuses
 */
export async function takeLease (
  options: LeaseOptions, directory: string, overdue?: string
): Promise<Lease | undefined> {
  const { disk, processes } = options
  const path = leasePath(directory)
  const lease = new FileLease(options, directory, await selfOf(processes))
  await disk.makeDirectory(directory)
  // Once more where another process was faster, which then has it.
  for (let attempt = 1; attempt <= 2; attempt++) {
    const found = await readLease(disk, directory)
    if (found !== undefined) {
      if (found !== overdue && !await isGone(found, processes)) return undefined
      // First of all: on a full disk its block is what there is for ours.
      if (!await putAside(disk, path, found)) return undefined
    }
    if (await lease.create()) return lease
  }
  return undefined
}

/** Removes an overdue lease, unless its holder, or another process, has written it since it was read. */
async function putAside (disk: Disk, path: string, found: string): Promise<boolean> {
  const aside = `${path}.${randomBytes(8).toString('hex')}.stale`
  if (!await disk.rename(path, aside).then(() => true).catch(whereAbsent(false))) return true
  const moved = await disk.readText(aside)
  if (moved !== found) await disk.createText(path, moved).catch(atCodes(['EEXIST'], undefined))
  await disk.remove(aside)
  return moved === found
}

async function selfOf (processes: Processes): Promise<Omit<Holder, 'beat'>> {
  const { pid } = processes
  const [started, container] = [await processes.startOf(pid), await processes.container()]
  return {
    owner: randomBytes(16).toString('hex'),
    pid,
    ...started === undefined ? {} : { started },
    place: await processes.place(),
    ...container === undefined ? {} : { container },
  }
}

function parseHolder (text: string): Holder | undefined {
  const { owner, beat, pid, started, place, container } = membersOf(jsonOf(text))
  // Not written by us, or by a version that writes it otherwise: only time tells whether somebody holds it.
  if (typeof owner !== 'string' || typeof beat !== 'string' || typeof place !== 'string') return undefined
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined
  return {
    owner,
    beat,
    pid,
    place,
    ...typeof started === 'string' ? { started } : {},
    ...typeof container === 'string' ? { container } : {},
  }
}

class FileLease implements Lease {
  readonly directory: string
  readonly #options: LeaseOptions
  readonly #self: Omit<Holder, 'beat'>
  madeCount = 0
  #beatCount = 0
  /** When the last beat that is in the file was begun, monotonic ms. */
  #beatenMs = -Infinity
  #isLost = false
  #isReleased = false
  /** Stays open: written over in place, a beat never goes to the file of another holder. */
  #file: DiskFile | undefined
  #beating: Promise<void> | undefined

  constructor (options: LeaseOptions, directory: string, self: Omit<Holder, 'beat'>) {
    this.#options = options
    this.directory = directory
    this.#self = self
  }

  get isLost (): boolean { return this.#isLost }
  get isFresh (): boolean {
    return !this.#isLost && this.#options.clock.monotonicMs() - this.#beatenMs < freshMs
  }

  /** @returns false when there is one already */
  async create (): Promise<boolean> {
    const { disk, clock } = this.#options
    const begunMs = clock.monotonicMs()
    const created = disk.createText(leasePath(this.directory), this.#text()).then(() => true)
    if (!await created.catch(atCodes(['EEXIST'], false))) return false
    this.#beatenMs = begunMs
    this.madeCount++
    return true
  }

  async confirm (): Promise<void> {
    if (!this.#isLost) await this.#beatOnce()
    if (this.#isLost) throw new SluiceError('ERR_SPOOL_WRITE', 'another process has taken the directory')
  }

  async beat (): Promise<void> {
    // What it says is said again to whoever touches the directory.
    if (!this.#isLost && !this.#isReleased) await this.#beatOnce().catch(() => undefined)
  }

  async release (): Promise<void> {
    this.#isReleased = true
    await this.#beating?.catch(() => undefined)
    await this.#file?.close().catch(() => undefined)
    const { disk } = this.#options
    const found = await readLease(disk, this.directory)
    if (found !== undefined && this.#isOurs(found)) await disk.remove(leasePath(this.directory))
  }

  /** Those who ask meanwhile share one. The disk ends it. */
  #beatOnce (): Promise<void> {
    this.#beating ??= this.#write().finally(() => { this.#beating = undefined })
    return this.#beating
  }

  /** A beat that the disk refuses is none, so it looks each time whether the file is still ours: it may go on then. */
  async #write (): Promise<void> {
    const { disk, clock } = this.#options
    const path = leasePath(this.directory)
    const begunMs = clock.monotonicMs()
    this.#beatCount++
    const text = this.#text()
    const isWritten = await this.#overwrite(path, text)
    const found = await readLease(disk, this.directory)
    if (found === undefined) return await this.#makeAnew()
    if (!this.#isOurs(found)) return await this.#lose()
    if (found === text) this.#beatenMs = begunMs
    // Our words under another file: somebody had put it aside, and put it back. The next beat opens that.
    else if (isWritten) await this.#forget()
  }

  async #overwrite (path: string, text: string): Promise<boolean> {
    try {
      this.#file ??= await this.#openOurs(path)
      return await this.#file?.writev([Buffer.from(text)], 0) === Buffer.byteLength(text)
    } catch {
      await this.#forget()
      return false
    }
  }

  /** Opened first and looked at then: what the name leads to may change between two steps, what is open does not. */
  async #openOurs (path: string): Promise<DiskFile | undefined> {
    const file = await this.#options.disk.open(path, 'update')
    try {
      const content = Buffer.alloc(4096)
      const bytes = await file.read(content, 0)
      if (this.#isOurs(content.toString('utf8', 0, bytes))) return file
    } catch (error) {
      await file.close()
      throw error
    }
    await file.close()
    return undefined
  }

  /** Somebody deleted the file, perhaps with the directory. Who comes first has it. */
  async #makeAnew (): Promise<void> {
    if (this.#isReleased) return
    await this.#forget()
    await this.#options.disk.makeDirectory(this.directory)
    if (await this.create()) return
    // Unless somebody has just put back what he had put aside.
    const found = await readLease(this.#options.disk, this.directory)
    if (found === undefined || !this.#isOurs(found)) await this.#lose()
  }

  async #lose (): Promise<void> {
    this.#isLost = true
    this.#options.onLost(this)
    await this.#forget()
  }

  async #forget (): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close().catch(() => undefined)
  }

  #isOurs (text: string): boolean { return parseHolder(text)?.owner === this.#self.owner }

  #text (): string {
    return `${JSON.stringify({ ...this.#self, beat: String(this.#beatCount).padStart(12, '0') })}\n`
  }
}
