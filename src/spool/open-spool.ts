import { HostSpool } from './host-spool.ts'
import type { Spool, SpoolOptions } from './spool.ts'

/**
 * Locks a directory, recovers what an earlier process left there and takes lines from then on.
 *
 * Never rejects because of the disk: what it refuses is logged once, counted and tried again; until then lines wait in
 * the write buffers. Recovery that takes longer than two seconds goes on in the background.
 */
export async function openSpool (options: SpoolOptions): Promise<Spool> {
  const spool = new HostSpool(options)
  await spool.start()
  return spool
}
