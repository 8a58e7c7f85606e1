import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { senderArgs } from './full-speed.ts'
import { startRouter, type Router } from './router.ts'
import { startStandIn } from './stand-in.ts'

export interface Steady {
  readonly cpuPercent: number
  readonly wakeUpsPerSecond: number
  readonly rssMb: number
}

export interface SteadyLoad {
  /** Lines a second; 0: nothing is ever sent. */
  readonly rate: number
  readonly warmSeconds: number
  readonly seconds: number
}

/** The ordinary second: each line its own write, at a steady rate, once the process is warm. */
export async function measureSteady (router: Router, { rate, warmSeconds, seconds }: SteadyLoad): Promise<Steady> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-steady-'))
  const standIn = await startStandIn()
  try {
    const running = await startRouter(router, directory, standIn)
    const count = rate * (warmSeconds + seconds + 5)
    const load = { count, workload: 'mixed', mode: 'message', per: 1, connections: 1, containers: 1 }
    const sender = rate === 0
      ? undefined
      : spawn(process.execPath, senderArgs(running.socketPath, load, rate), { stdio: ['ignore', 'ignore', 'inherit'] })
    const sent = sender === undefined ? undefined : once(sender, 'close')
    await sleep(warmSeconds * 1000)
    const [from, fromMs] = [running.used(), performance.now()]
    await sleep(seconds * 1000)
    const [to, tookSeconds] = [running.used(), (performance.now() - fromMs) / 1000]
    const rssMb = running.rssMb()
    sender?.kill()
    await sent
    await running.stop()
    return {
      cpuPercent: (to.cpuMs - from.cpuMs) / tookSeconds / 10,
      wakeUpsPerSecond: (to.wakeUps - from.wakeUps) / tookSeconds,
      rssMb,
    }
  } finally {
    await standIn.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
