import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execute, installEngine } from './programs.ts'
import type { Undo } from './undo.ts'

export interface Docker {
  /** Whose daemon it is and which one, for the reader of the output. */
  readonly name: string
  /** Runs the client; resolves with what it printed. */
  run (...args: readonly string[]): Promise<string>
}

const startMs = 20_000
const stopMs = 20_000
/** Nothing of the machine's network is touched: containers use the host's. */
const quietFlags = ['--bridge=none', '--iptables=false', '--ip-forward=false', '--ip-masq=false']
/** The second is for machines on whose file system overlays do not work. */
const attempts = [quietFlags, [...quietFlags, '--storage-driver=vfs']]

/** The daemon that the client finds by itself; undefined when none answers. */
export async function runningDocker (): Promise<Docker | undefined> {
  const docker = client('the running daemon', [])
  try {
    const version = await docker.run('version', '--format', '{{.Server.Version}}')
    return { ...docker, name: `${docker.name}, ${version}` }
  } catch {
    // No client or no daemon: both mean that one must be started.
    return undefined
  }
}

/** Starts a daemon of its own, all of whose files are below `directory`. */
export async function startDocker (directory: string, undo: Undo, say: (text: string) => void): Promise<Docker> {
  const dockerd = await installEngine(say)
  let output = ''
  for (const flags of attempts) {
    const root = join(directory, `docker-${attempts.indexOf(flags)}`)
    mkdirSync(root, { recursive: true })
    const logPath = join(root, 'dockerd.log')
    const log = openSync(logPath, 'w')
    const address = `unix://${join(root, 'docker.sock')}`
    const child = spawn(dockerd, [
      '--host', address, '--data-root', join(root, 'data'), '--exec-root', join(root, 'exec'),
      '--pidfile', join(root, 'docker.pid'), ...flags,
    ], { stdio: ['ignore', log, log], detached: true })
    const state = { hasExited: false }
    const exited = once(child, 'exit').finally(() => { state.hasExited = true })
    const stop = async () => {
      if (!state.hasExited) child.kill('SIGTERM')
      await Promise.race([exited, delay(stopMs, undefined, { ref: false })])
      if (!state.hasExited) child.kill('SIGKILL')
      await exited
      await freeNetwork(root)
      rmSync(root, { recursive: true, force: true })
    }
    undo.add('the daemon', stop)
    const docker = client('a daemon of its own', ['--host', address])
    const deadline = Date.now() + startMs
    while (!state.hasExited && Date.now() < deadline) {
      try {
        const version = await docker.run('version', '--format', '{{.Server.Version}}')
        const driver = await docker.run('info', '--format', '{{.Driver}}')
        return { ...docker, name: `${docker.name}, ${version}, ${driver}` }
      } catch {
        // Not yet.
        await delay(200)
      }
    }
    output = readFileSync(logPath, 'utf8').split('\n').slice(-15).join('\n')
  }
  throw new Error(`expected dockerd to start, found:\n${output}`)
}

/** A daemon that ended leaves its reference to the host's network mounted. */
async function freeNetwork (root: string): Promise<void> {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n').map(line => line.split(' ')[1] ?? '')
  for (const path of mounts.filter(path => path.startsWith(`${root}/`))) await execute('umount', [path])
}

function client (name: string, flags: readonly string[]): Docker {
  return {
    name,
    run: async (...args) => {
      const { stdout } = await execute('docker', [...flags, ...args], { timeout: 600_000, maxBuffer: 64 * 1024 * 1024 })
      return stdout.trim()
    },
  }
}
