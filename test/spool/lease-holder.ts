/** A process that takes the lease of its first argument, says so, beats when it is told to, and stays. */
import { systemClock } from '../../src/contracts/clock.ts'
import { systemDisk } from '../../src/spool/disk.ts'
import { takeLease } from '../../src/spool/lease.ts'
import { systemProcesses } from '../../src/spool/processes.ts'

const lease = await takeLease(
  { disk: systemDisk, clock: systemClock, processes: systemProcesses, onLost: () => {} }, process.argv[2] ?? ''
)
process.send?.(lease === undefined ? 'held' : 'taken')
setInterval(() => {}, 60_000)
