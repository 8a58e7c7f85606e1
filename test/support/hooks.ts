import { execFileSync } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DiskTrouble } from './broken-disk.ts'

/** What a test does to a process from outside, where the machine itself cannot do it to one process alone. */
export interface Hooks {
  /** For the environment of the process. */
  readonly env: Readonly<Record<string, string>>
  breakDisk (trouble: DiskTrouble): void
  mendDisk (): void
  /** Moves the wall clock, from where the system's is. */
  stepClock (offsetMs: number): void
}

/** Control files are kept in `directory`. */
export function createHooks (directory: string): Hooks {
  const [disk, pipe, clock] = ['broken-disk.json', 'broken-disk.pipe', 'stepped-clock'].map(name => join(directory, name)) as
    [string, string, string]
  const put = (path: string, text: string) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  const load = ['broken-disk.ts', 'stepped-clock.ts'].map(name => `--import ${join(import.meta.dirname, name)}`)
  execFileSync('mkfifo', [pipe])
  return {
    env: { BROKEN_DISK: disk, BROKEN_DISK_PIPE: pipe, STEPPED_CLOCK: clock, NODE_OPTIONS: load.join(' ') },
    breakDisk: trouble => put(disk, JSON.stringify(trouble)),
    mendDisk: () => rmSync(disk, { force: true }),
    stepClock: offsetMs => put(clock, String(offsetMs)),
  }
}
