import { dirname } from 'node:path'
import type { Lease } from './lease.ts'

/** The leases of this process: what it may touch. */
export class Leases {
  readonly #held = new Map<string, Lease>()

  add (lease: Lease): void { this.#held.set(lease.directory, lease) }

  /** Called for a lease that was given back, when nothing below its directory is touched any more. */
  delete (lease: Lease): void {
    if (this.#held.get(lease.directory) === lease) this.#held.delete(lease.directory)
  }

  /** The lease of the directory below which `path` is; undefined when it is below none. */
  of (path: string): Lease | undefined {
    for (let at = dirname(path); at !== dirname(at); at = dirname(at)) {
      const lease = this.#held.get(at)
      if (lease !== undefined) return lease
    }
    return undefined
  }
}

// Tested in test/spool/guarded-disk.test.ts
