import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

/** Calls that read or write, files and pipes and sockets alike, since the process began; the kernel counts them. */
export function readsAndWritesOf (pid: number): number {
  const io = readFileSync(`/proc/${pid}/io`, 'utf8')
  return Number(/^syscr: (\d+)/m.exec(io)?.[1]) + Number(/^syscw: (\d+)/m.exec(io)?.[1])
}

/**
 * System calls of a process, all threads, by name and while it goes on, for so many seconds. It is slower meanwhile,
 * which adds none.
 *
 * @returns undefined where there is no `strace`, or it may not
 */
export async function countSystemCalls (
  pid: number, seconds: number
): Promise<ReadonlyMap<string, number> | undefined> {
  const args = ['-f', '-c', '-U', 'calls,name', '-p', String(pid)]
  const strace = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const isThere = await Promise.race([once(strace, 'spawn').then(() => true), once(strace, 'error').then(() => false)])
  if (!isThere) return undefined
  const output = text(strace.stderr)
  await Promise.race([delay(seconds * 1000), once(strace, 'exit')])
  strace.kill('SIGINT')
  const calls = [...(await output).matchAll(/^ *(\d+) +(\w+)$/gm)]
    .map(([, count, name = '']) => [name, Number(count)] as const).filter(([name]) => name !== 'total')
  return calls.length === 0 ? undefined : new Map(calls)
}
