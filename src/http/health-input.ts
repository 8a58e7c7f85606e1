import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Address } from '../config/setting.ts'
import { keepTrying } from './keep-trying.ts'
import type { Instruments } from '../telemetry/instruments.ts'

export interface HealthInput {
  /** Resolves when listening, or when the first try has failed and more follow: never rejects. Called once. */
  start (): Promise<void>
  /** Closes the port and every connection. Safe twice. */
  stop (): Promise<void>
  /** The port that the system chose, with port 0 asked for; 0 while it does not listen. */
  readonly port: number
}

const help = 'a health check that asks there fails: free the port, or set firelens.healthInput to another, or to off'

/** Limits for a caller: a check sends one short line and closes. */
const limits = { connections: 16, bytes: 4096, openMs: 5_000 } as const
const newline = 0x0a

/**
 * Takes the line `{"health":"check"}` of the health check that ECS's documentation has for Fluent Bit, and closes. That
 * the check can connect is the answer; the line is no record and is discarded. Some kinds of `nc` wait for the close.
 *
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html and
 * https://github.com/aws-samples/amazon-ecs-firelens-examples, examples/fluent-bit/health-check
 */
export function createHealthInput (
  { host, port, clock, log }: Address & Pick<Instruments, 'clock' | 'log'>
): HealthInput {
  const server = createServer(take)
  const open = new Set<Socket>()
  server.maxConnections = limits.connections
  // Of an accept that failed: the next may not. A failed `listen` is told by `tryOnce`.
  server.on('error', () => undefined)

  function take (socket: Socket): void {
    let bytes = 0
    open.add(socket)
    const alarm = clock.alarm(() => socket.destroy())
    alarm.at(clock.monotonicMs() + limits.openMs)
    socket.once('close', () => {
      alarm.clear()
      open.delete(socket)
    })
    // A caller that resets has its answer already.
    socket.on('error', () => socket.destroy())
    socket.on('data', chunk => {
      bytes += chunk.length
      if (chunk.includes(newline) || bytes > limits.bytes) socket.end()
    })
  }

  async function tryOnce (failures: number): Promise<boolean> {
    try {
      server.listen({ host, port })
      // Ended by `listening` or by an error, which `once` rejects with.
      await once(server, 'listening')
      log.info({ host, port: portOf() }, 'health input listening')
      return true
    } catch (error) {
      if (failures === 0) log.warn({ host, port, help, error }, 'health input cannot listen, trying again')
      return false
    }
  }

  function portOf (): number {
    const address: AddressInfo | string | null = server.address()
    return address === null || typeof address === 'string' ? 0 : address.port
  }

  const trying = keepTrying(tryOnce, clock)
  return {
    start: () => trying.start(),
    stop: async () => {
      await trying.stop()
      const closed = server.listening ? once(server, 'close') : undefined
      server.close()
      for (const socket of open) socket.destroy()
      // Ended by the last of them.
      await closed
    },
    get port () { return portOf() },
  }
}
