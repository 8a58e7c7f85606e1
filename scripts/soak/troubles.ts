import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { FaultMode } from '../../test/support/aws/faults.ts'
import type { ServiceName } from '../../test/support/aws/wire.ts'
import type { DiskTrouble } from '../../test/support/broken-disk.ts'
import type { Hooks } from '../../test/support/hooks.ts'
import { frameMutator } from '../../test/support/mutated-frames.ts'
import type { Scenario } from '../../test/support/scenario.ts'
import { sendBytes } from '../../test/support/sender.ts'

export type Random = (limit: number) => number

/** What a trouble can do. */
export interface Sufferer {
  readonly scenario: Scenario
  readonly hooks: Hooks
  readonly socketPath: string
  readonly httpPort: () => number
  signal (name: NodeJS.Signals): void
  /** Ends the process, by a signal in order or by SIGKILL, and starts the next one. */
  restart (signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

interface Trouble {
  readonly name: string
  /** Resolves when it is over and undone. */
  happen (sufferer: Sufferer, ms: number): Promise<void>
}

const modes = ['throttle', '500', '503', 'reset', 'hang', 'slow', 'lost', 'denied', 'expired', 'kms', 'conflict'] as const satisfies readonly FaultMode[]
const destinations: ReadonlyArray<readonly ServiceName[]> = [['s3'], ['logs'], ['s3', 'logs']]
const disk: ReadonlyArray<Omit<DiskTrouble, 'path'>> = [
  { operations: ['write'], code: 'EIO' },
  { operations: ['write'], code: 'ENOSPC' },
  { operations: ['write', 'sync', 'rename', 'remove'], code: 'hang' },
  { operations: ['rename'], code: 'EIO' },
  { operations: ['sync'], code: 'EIO' },
  { operations: ['open'], code: 'EMFILE' },
  { operations: ['remove'], code: 'EROFS' },
]

/** The next trouble by chance, of every kind as often. */
export function drawTrouble (random: Random): Trouble {
  const pick = <Value>(values: readonly Value[]): Value => values[random(values.length)] as Value
  switch (random(8)) {
    case 0:
    case 1: {
      const [mode, services, rate] = [pick(modes), pick(destinations), pick([0.3, 1])]
      return {
        name: `${services.join(' and ')}: ${mode}${rate < 1 ? ' now and then' : ''}`,
        happen: async ({ scenario: { aws } }, ms) => {
          for (const service of services) aws.faults.set(service, { mode, rate })
          await delay(ms)
          aws.faults.clear()
        },
      }
    }
    case 2: return { name: 'SIGKILL', happen: async sufferer => await sufferer.restart('SIGKILL') }
    case 3: return { name: 'SIGTERM', happen: async sufferer => await sufferer.restart('SIGTERM') }
    case 4: {
      const trouble = pick(disk)
      return {
        name: `disk: ${trouble.code} on ${trouble.operations.join(', ')}`,
        happen: async ({ hooks }, ms) => {
          hooks.breakDisk({ ...trouble, path: '/spool/' })
          await delay(ms)
          hooks.mendDisk()
        },
      }
    }
    case 5: {
      const offsetMs = pick([-86_400_000, -90_000, 90_000, 86_400_000])
      return {
        name: `wall clock: ${offsetMs / 1000} s`,
        happen: async ({ hooks }, ms) => {
          hooks.stepClock(offsetMs)
          await delay(ms)
          hooks.stepClock(0)
        },
      }
    }
    case 6: return {
      name: 'the process sleeps',
      happen: async ({ signal }, ms) => {
        signal('SIGSTOP')
        await delay(Math.min(ms, 3000))
        signal('SIGCONT')
      },
    }
    default: return { name: 'strangers: mutated frames, idle connections, scrapes', happen: (sufferer, ms) => beStrange(sufferer, ms, random) }
  }
}

async function beStrange ({ socketPath, httpPort }: Sufferer, ms: number, random: Random): Promise<void> {
  const next = frameMutator(random)
  const endMs = performance.now() + ms
  const idle = Array.from({ length: 50 }, () => connect(socketPath).on('error', () => undefined))
  while (performance.now() < endMs) {
    await sendBytes(socketPath, next())
    if (random(10) === 0) await fetch(`http://127.0.0.1:${httpPort()}/metrics`).then(answer => answer.text(), () => '')
  }
  for (const socket of idle) socket.destroy()
}
