import { basename, join } from 'node:path'
import { whereAbsent } from '../contracts/disk-errors.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { isSameDestination, readAbout, removeAbout, type About } from './about.ts'
import { exists, type Disk } from './disk.ts'
import { beatMs, isGone, overdueMs, readLease, takeLease, type Lease } from './lease.ts'
import { parseFileName } from './segment-name.ts'
import type { TakerOptions } from './takeover.ts'

/** How often the directories of others are looked at while one of them may be without an owner, and otherwise, ms. */
const curiousMs = beatMs
const quietMs = 2 * beatMs

export interface AdoptionOptions extends TakerOptions {
  readonly metrics: Metrics
  /** Our own, which is no other's; undefined: none is ours yet, so none is looked at. */
  readonly own: () => string | undefined
}

const foreignMessage = 'spool of a process that ended is left alone: its lines go elsewhere'

/** What is known of a directory that is not ours. */
interface Seen {
  /** Its lease; undefined when nobody holds it. */
  readonly text: string | undefined
  atMs: number
  /** For how long it has not changed, as far as we were there to see. */
  unchangedMs: number
  /** Nothing is to be done with it until it changes. */
  isSettled: boolean
}

/** A directory of another process that ended, whose lines this one delivers. */
interface Adopted {
  readonly directory: string
  readonly lease: Lease
  readonly names: Readonly<Record<string, string>>
  isRecovered: boolean
}

/**
 * Looks after the directories of processes that ended: takes over what they left, delivers it under their names, and
 * removes what is empty. Whose lines go elsewhere is told and left alone.
 */
export class Adoption {
  readonly #options: AdoptionOptions
  readonly #seen = new Map<string, Seen>()
  readonly #adopted = new Map<string, Adopted>()
  /** Names of those with lines that go elsewhere. */
  readonly #foreign = new Set<string>()
  #dueMs = -Infinity
  #beatenMs = -Infinity
  #isCurious = false
  #working: Promise<void> | undefined

  constructor (options: AdoptionOptions) {
    this.#options = options
    options.metrics.gauge('sluice_spool_directories', ['adopted'], () => this.#adopted.size)
    options.metrics.gauge('sluice_spool_directories', ['left'], () => this.#foreign.size)
  }

  /** Called every second. */
  tick (): void {
    const nowMs = this.#options.clock.monotonicMs()
    this.#beat(nowMs)
    if (nowMs < this.#dueMs || this.#working !== undefined || this.#options.signal.aborted) return
    this.#dueMs = nowMs + curiousMs
    this.#working = this.#work(nowMs).finally(() => { this.#working = undefined })
  }

  /** Another process has taken the directory of `lease`. @returns false when it is none of these */
  lost (lease: Lease): boolean {
    const name = basename(lease.directory)
    if (this.#adopted.get(name)?.lease !== lease) return false
    this.#adopted.delete(name)
    this.#options.recoverer.forget(lease.directory)
    return true
  }

  /** Gives all back. The spool's signal has aborted before, and nothing is done to their files any more. */
  async close (): Promise<void> {
    await this.#working
    for (const { lease } of this.#adopted.values()) await this.#release(lease)
  }

  /** However long the work on one of them takes: nobody else is to take the others, or that one. */
  #beat (nowMs: number): void {
    if (nowMs - this.#beatenMs < beatMs) return
    this.#beatenMs = nowMs
    for (const { lease } of this.#adopted.values()) void lease.beat()
  }

  async #work (nowMs: number): Promise<void> {
    for (const adopted of this.#adopted.values()) await this.#attempt(() => this.#lookAfter(adopted))
    await this.#attempt(() => this.#lookAround(nowMs))
    if (!this.#isCurious && this.#adopted.size === 0) this.#dueMs = nowMs + quietMs
  }

  /** What fails of one directory holds up no other. */
  async #attempt (work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#options.trouble.count(error)
      this.#isCurious = true
    }
  }

  async #lookAround (nowMs: number): Promise<void> {
    const { disk, directory, own, signal } = this.#options
    const ownDirectory = own()
    if (ownDirectory === undefined) return
    this.#isCurious = false
    const names = (await disk.list(directory)).filter(({ isDirectory }) => isDirectory).map(({ name }) => name)
    for (const name of this.#seen.keys()) if (!names.includes(name)) this.#forget(name)
    for (const name of names) {
      if (name === basename(ownDirectory) || this.#adopted.has(name) || signal.aborted) continue
      await this.#attempt(() => this.#look(name, nowMs))
    }
  }

  async #look (name: string, nowMs: number): Promise<void> {
    const { disk, directory, leaseOptions } = this.#options
    const path = join(directory, name)
    const text = await readLease(disk, path)
    let seen = this.#seen.get(name)
    if (seen === undefined || seen.text !== text) {
      // One whose text changes belongs to a process that lives.
      this.#isCurious ||= seen === undefined || text === undefined
      this.#forget(name)
      seen = { text, atMs: nowMs, unchangedMs: 0, isSettled: false }
      this.#seen.set(name, seen)
    } else {
      // No more than one look's worth: had this process been paused, the other might have been as well.
      seen.unchangedMs += Math.min(nowMs - seen.atMs, curiousMs)
      seen.atMs = nowMs
    }
    if (seen.isSettled) return
    const isOver = text !== undefined && await isGone(text, leaseOptions.processes)
    if (isOver || seen.unchangedMs >= overdueMs) seen.isSettled = await this.#takeOver(name, path, text)
    else if (seen.unchangedMs > 0) this.#isCurious = true
  }

  /** @returns false when it is to be looked at again soon */
  async #takeOver (name: string, directory: string, text: string | undefined): Promise<boolean> {
    const { disk, about, leases, leaseOptions, log } = this.#options
    if (!await exists(disk, join(directory, 'spool'))) return true
    const theirs = await readAbout(disk, directory)
    if (theirs === undefined || !isSameDestination(theirs, about)) {
      await this.#tellForeign(name, directory, theirs)
      return true
    }
    const lease = await takeLease(leaseOptions, directory, text)
    if (lease === undefined) return false
    leases.add(lease)
    const adopted = { directory, lease, names: theirs.names, isRecovered: false }
    this.#adopted.set(name, adopted)
    const { records, segmentCount } = await this.#recover(adopted)
    if (segmentCount > 0) log.info({ directory, records, segmentCount }, 'spool of a process that ended is taken over')
    return false
  }

  async #recover (adopted: Adopted) {
    const { lease, names } = adopted
    const recovered = await this.#options.recoverer.recover({ lease, names, boot: undefined })
    adopted.isRecovered = recovered.failedCount === 0
    return recovered
  }

  async #lookAfter (adopted: Adopted): Promise<void> {
    const { routes } = this.#options
    const { directory, lease } = adopted
    if (lease.isLost || routes.some(route => route.hasBelow(directory))) return
    if (adopted.isRecovered) await this.#finish(adopted)
    else await this.#recover(adopted)
  }

  /** Everything in it is delivered: removes what is empty, and gives it back. */
  async #finish ({ directory, lease }: Adopted): Promise<void> {
    const { disk, leases } = this.#options
    const spool = join(directory, 'spool')
    await removeEmpty(disk, spool)
    const isEmpty = !await exists(disk, spool)
    if (isEmpty) await removeAbout(disk, directory)
    const name = basename(directory)
    this.#adopted.delete(name)
    this.#options.recoverer.forget(directory)
    await this.#release(lease)
    leases.delete(lease)
    // Dead letters, and what was delivered to files, may be in it.
    if (isEmpty) await disk.removeDirectory(directory)
    this.#seen.set(name, { text: undefined, atMs: -Infinity, unchangedMs: 0, isSettled: true })
  }

  async #release (lease: Lease): Promise<void> {
    try {
      await lease.release()
    } catch (error) {
      // The next process sees that this one is gone.
      this.#options.trouble.count(error)
    }
  }

  async #tellForeign (name: string, directory: string, theirs: About | undefined): Promise<void> {
    const { disk, about, log } = this.#options
    if (!await hasSegments(disk, join(directory, 'spool'))) return
    this.#foreign.add(name)
    const words = { directory, theirs: theirs?.destinations ?? 'not known', ours: about.destinations }
    log.warn({ ...words, advice: `sluice replay ${directory} delivers it here` }, foreignMessage)
  }

  #forget (name: string): void {
    this.#seen.delete(name)
    this.#foreign.delete(name)
  }
}

/**
 * Removes the empty directories of routes and containers below `path`, and then `path`, unless something is in it.
 * What is not there, since somebody or an earlier try removed it, is as good as removed.
 */
async function removeEmpty (disk: Disk, path: string, depth = 0): Promise<void> {
  if (depth < 2) {
    for (const { name, isDirectory } of await disk.list(path).catch(whereAbsent([]))) {
      if (isDirectory) await removeEmpty(disk, join(path, name), depth + 1)
    }
  }
  await disk.removeDirectory(path)
}

/** True when a segment lies below `path`, in the directory of a route and a container. */
async function hasSegments (disk: Disk, path: string, depth = 0): Promise<boolean> {
  for (const { name, isDirectory } of await disk.list(path)) {
    if (depth < 2 ? isDirectory && await hasSegments(disk, join(path, name), depth + 1) : isSegment(name)) return true
  }
  return false
}

function isSegment (name: string): boolean {
  const { kind } = parseFileName(name)
  return kind === 'open' || kind === 'sealed'
}
