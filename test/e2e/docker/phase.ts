import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { Undo } from './undo.ts'

const startedMs = Date.now()

export function say (text: string): void {
  process.stdout.write(`${((Date.now() - startedMs) / 1000).toFixed(1).padStart(5)} s  ${text}\n`)
}

/** A port of loopback that nobody listens on, for a program that cannot say which one the system gave it. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Runs one phase of the end-to-end run as a process of its own: prints what is wrong, and puts everything back however
 * it ends, by a signal too. The exit code is 1 when anything is wrong.
 *
 * @param run resolves with a sentence for each thing that is wrong
 */
export async function runPhase (whenRight: string, run: (undo: Undo) => Promise<readonly string[]>): Promise<void> {
  const undo = new Undo()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => { void undo.all().then(() => process.exit(1)) })
  }
  try {
    const wrong = await run(undo)
    for (const text of wrong) process.stdout.write(`WRONG  ${text}\n`)
    say(wrong.length === 0 ? whenRight : `${wrong.length} things are wrong`)
    process.exitCode = wrong.length === 0 ? 0 : 1
  } finally {
    await undo.all()
    say('everything is put back')
  }
}
