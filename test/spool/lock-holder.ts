/** A process that takes the lock below its first argument, says which directory it got, and stays. */
import { join } from 'node:path'
import { systemDisk } from '../../src/spool/disk.ts'
import { acquireLock, systemProcesses } from '../../src/spool/lock.ts'

const directory = join(process.argv[2] ?? '', 'host')
const lock = await acquireLock({ disk: systemDisk, processes: systemProcesses, directory, boot: 'holder' })
process.send?.(lock.ordinal)
setInterval(() => {}, 60_000)
