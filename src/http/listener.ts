import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { ownUrl } from '../config/address.ts'
import type { Address } from '../config/setting.ts'
import { keepTrying } from './keep-trying.ts'
import type { Instruments } from '../telemetry/instruments.ts'

export interface HttpListenerOptions extends Address, Pick<Instruments, 'clock' | 'log'> {
  /** Asked when it starts, and again where that failed. */
  readonly server: () => Promise<FastifyInstance>
  /** Whether there is a page to open at it. */
  readonly hasPage?: boolean
}

export interface HttpListener {
  /** Resolves when listening, or when the first try has failed and more follow: never rejects. Called once. */
  start (): Promise<void>
  /** Stops trying, closes the port and every connection. Resolves when closed. Safe twice. */
  stop (): Promise<void>
  /** Where it listens; undefined while it does not. With port 0 asked for, the port that the system chose. */
  readonly address: Address | undefined
}

const help = 'lines are taken all the same, but nobody can ask how it goes: free the address, or set http to another'

/** Tries to listen until it succeeds: a port in use costs the health pages, never the records. */
export function createHttpListener (options: HttpListenerOptions): HttpListener {
  const { host, port, hasPage = false, clock, log } = options
  let server: FastifyInstance | undefined

  async function tryOnce (failures: number): Promise<boolean> {
    try {
      server ??= await options.server()
      // Always ends: the system listens or refuses.
      await server.listen({ host, port })
      const at = addressOf(server) ?? { host, port }
      log.info({ ...(hasPage && { page: ownUrl(at) }), ...at }, 'http listening')
      return true
    } catch (error) {
      // Any reason may pass: somebody frees the port or corrects the address. The first failure is logged.
      if (failures === 0) log.warn({ host, port, help, error }, 'http cannot listen, trying again')
      return false
    }
  }

  const trying = keepTrying(tryOnce, clock)
  return {
    start: () => trying.start(),
    stop: async () => {
      await trying.stop()
      await server?.close()
    },
    get address () { return addressOf(server) },
  }
}

function addressOf (server: FastifyInstance | undefined): Address | undefined {
  const address: AddressInfo | string | null = server?.server.address() ?? null
  return address === null || typeof address === 'string' ? undefined : { host: address.address, port: address.port }
}
