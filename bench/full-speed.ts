import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { workloadOf } from './lines.ts'
import { startRouter, type Router } from './router.ts'
import { startStandIn } from './stand-in.ts'
import { verify, type Check } from './verify.ts'

export interface Load {
  readonly count: number
  readonly workload: string
  readonly mode: string
  readonly per: number
  readonly connections: number
  readonly containers: number
}

export interface FullSpeed extends Check {
  readonly acceptedPerSecond: number
  /** Until the process has ended after SIGTERM, everything delivered. */
  readonly drainedPerSecond: number
  readonly cpuSecondsPerMillion: number
  /** The same without what it had taken when its socket was there. */
  readonly laterCpuSecondsPerMillion: number
  readonly idleRssMb: number
  readonly peakRssMb: number
  readonly brokenLimits: number
}

/** The arguments of `load.ts`. */
export function senderArgs (socketPath: string, load: Load, rate = 0): string[] {
  const own = { ...load, rate, socket: socketPath }
  return [join(import.meta.dirname, 'load.ts'), ...Object.entries(own).map(([name, value]) => `--${name}=${value}`)]
}

/** One run: as many lines as it takes as fast as it takes them, SIGTERM right after the last, every line checked. */
export async function measureFullSpeed (router: Router, load: Load): Promise<FullSpeed> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const standIn = await startStandIn()
  try {
    const running = await startRouter(router, directory, standIn)
    const idleRssMb = running.rssMb()
    const startCpuSeconds = running.used().cpuMs / 1000
    const sender = spawn(process.execPath, senderArgs(running.socketPath, load), { stdio: ['ignore', 'pipe', 'inherit'] })
    const [output, [code]] = await Promise.all([text(sender.stdout), once(sender, 'close')]) as [string, [number | null]]
    const { seconds } = code === 0
      ? JSON.parse(output) as { readonly seconds: number }
      // What it could not send is lost, and the check says so.
      : { seconds: NaN }
    const { cpuSeconds, peakRssMb, stopSeconds } = await running.stop()
    return {
      acceptedPerSecond: load.count / seconds,
      drainedPerSecond: load.count / (seconds + stopSeconds),
      cpuSecondsPerMillion: cpuSeconds / load.count * 1e6,
      laterCpuSecondsPerMillion: (cpuSeconds - startCpuSeconds) / load.count * 1e6,
      idleRssMb,
      peakRssMb,
      brokenLimits: standIn.aws.state.violations.length,
      ...verify(standIn.aws, workloadOf(load.workload), load.count),
    }
  } finally {
    await standIn.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
