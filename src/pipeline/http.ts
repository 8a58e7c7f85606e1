import type { Config } from '../config/settings.ts'
import { createHttpListener, type HttpListener } from '../http/listener.ts'
import type { HttpDependencies } from '../http/server.ts'

export interface HttpOptions extends Omit<HttpDependencies, 'hosts'> {
  readonly config: Config
  /** Resolves when the sources are open, or their first tries have failed. */
  readonly sourcesOpen: Promise<unknown>
}

/** How long the HTTP port waits for the sources, ms: a disk that hangs may hold one up for ever. */
const patienceMs = 500

/** The HTTP side, loaded when the sources are open: it takes as long as all the rest, and lines do not wait. */
export function createHttp ({ config, sourcesOpen, ...dependencies }: HttpOptions): HttpListener | undefined {
  if (config.http === 'off') return undefined
  const { clock, log } = dependencies
  return createHttpListener({
    server: async () => {
      await Promise.race([sourcesOpen, clock.sleep(patienceMs)])
      const { buildServer } = await import('../http/server.ts')
      return buildServer({ ...dependencies, hosts: config.httpHosts })
    },
    ...config.http,
    hasPage: config.httpPage !== 'off',
    clock,
    log,
  })
}

// Tested in test/pipeline/http.test.ts
