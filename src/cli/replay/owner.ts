import { readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { systemClock } from '../../contracts/clock.ts'
import { exists, systemDisk } from '../../spool/disk.ts'
import { beatMs, isGone, leasePath, overdueMs, readLease, takeLease, type Lease } from '../../spool/lease.ts'
import { systemProcesses } from '../../spool/processes.ts'

/** The right to read the spools of others, and to say in them what was sent. */
export interface Ownership {
  /** Rejects when another process has taken one of them, as it may if this one was paused. */
  confirm (): Promise<void>
  /** Gives them back. */
  release (): Promise<void>
}

const pollMs = 1_000
/** `spool`, the route and the container: how far above the files of a spool its directory may be. */
const mostAbove = 3

/**
 * Takes the lease of each spool that lies in `place`, or that `place` is a part of: as long as it is held, nobody else
 * delivers what lies there.
 *
 * @param onWait called with the path of a lease before a wait of up to 20 s
 * @param except a directory with a spool that is not among those
 * @returns the directory whose owner lives, if there is one
 * @throws what the system says when the disk refuses
 */
export async function takeOwnership (
  place: string, onWait: (path: string) => void, except?: string
): Promise<Ownership | string> {
  const leases: Lease[] = []
  const release = async () => {
    for (const lease of leases) await lease.release()
  }
  for (const directory of await spoolsOf(resolve(place))) {
    if (directory === except) continue
    const lease = await take(directory, onWait)
    if (lease === undefined) {
      await release()
      return directory
    }
    leases.push(lease)
  }
  const beat = setInterval(() => { for (const lease of leases) void lease.beat() }, beatMs)
  beat.unref()
  return {
    confirm: async () => { for (const lease of leases) if (!lease.isFresh) await lease.confirm() },
    release: async () => {
      clearInterval(beat)
      await release()
    },
  }
}

async function spoolsOf (place: string): Promise<string[]> {
  let above = place
  for (let steps = 0; steps <= mostAbove; steps++, above = dirname(above)) {
    const isPart = steps === 0 || place === join(above, 'spool') || place.startsWith(join(above, 'spool/'))
    if (isPart && await exists(systemDisk, join(above, 'spool'))) return [above]
  }
  const directories: string[] = []
  for (const entry of await readdir(place, { withFileTypes: true })) {
    const directory = join(place, entry.name)
    if (entry.isDirectory() && await exists(systemDisk, join(directory, 'spool'))) directories.push(directory)
  }
  return directories
}

/** undefined when its owner lives: its process is there, or the file changes, which is watched for 20 s. */
async function take (directory: string, onWait: (path: string) => void): Promise<Lease | undefined> {
  const found = await readLease(systemDisk, directory)
  if (found !== undefined && !await isGone(found, systemProcesses)) {
    onWait(leasePath(directory))
    for (let waitedMs = 0; waitedMs < overdueMs; waitedMs += pollMs) {
      await systemClock.sleep(pollMs)
      if (await readLease(systemDisk, directory) !== found) return undefined
    }
  }
  const system = { disk: systemDisk, clock: systemClock, processes: systemProcesses }
  return await takeLease({ ...system, onLost: () => undefined }, directory, found)
}

// Tested in test/e2e/replay-owner.test.ts
