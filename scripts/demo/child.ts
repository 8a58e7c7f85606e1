import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../../src/cli/ledger-table.ts'

/** Longest time to wait for the socket, and for the child to end, ms. */
const patienceMs = 20_000

export interface Child {
  /** Resolves when the socket is there. Rejects with the child's log when it ends before, or takes too long. */
  ready (): Promise<void>
  /** Sends SIGTERM and resolves with the exit report. Rejects with the child's log when there is none. */
  stop (): Promise<Report>
}

/** Starts Sluice as a process of its own on `directory` and `socketPath`, with `more` variables in its environment. */
export function startSluice (directory: string, socketPath: string, more: Readonly<Record<string, string>>): Child {
  const env = {
    // The caller's own SLUICE_… variables are about another Sluice.
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))),
    SLUICE_DATA_DIR: join(directory, 'data'),
    SLUICE_HOST_ID: 'demo',
    SLUICE_UNIX_SOCKET: socketPath,
    SLUICE_TCP: 'off',
    SLUICE_HTTP: 'off',
    ...more,
  }
  const main = resolve(import.meta.dirname, '../../src/main.ts')
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => { log += chunk })
  return {
    ready: async () => {
      for (const startMs = Date.now(); !existsSync(socketPath);) {
        if (child.exitCode !== null || Date.now() - startMs > patienceMs) {
          child.kill('SIGKILL')
          throw new Error(`sluice did not start. Its log:\n${log}`)
        }
        await sleep(20)
      }
    },
    stop: async () => {
      child.kill('SIGTERM')
      await Promise.race([closed, sleep(patienceMs, undefined, { ref: false })])
      const line = log.split('\n').find(each => each.includes('"msg":"exit report"'))
      if (line === undefined) throw new Error(`expected an exit report, found none. Its log:\n${log}`)
      return JSON.parse(line) as Report
    },
  }
}
