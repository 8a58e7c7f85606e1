import { suggest } from '../config/suggest.ts'
import type { Config } from '../config/settings.ts'
import type { Clock } from '../contracts/clock.ts'
import type { Instruments } from '../telemetry/instruments.ts'

/** How long lines of others come before it is told: a container may start late, or have nothing to say at first, ms. */
const patienceMs = 5 * 60_000

/** Names are chosen by senders, who may send any number of them. */
const maxShown = 20

export interface UnseenContainers {
  /** A line of this container came. */
  note (container: string): void
  /** Called a few times a second. */
  tick (): void
}

export interface UnseenContainersOptions extends Pick<Instruments, 'log'> {
  readonly config: Pick<Config, 'containers' | 'rules'>
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/**
 * Tells once of containers that the settings name and of which no line came, while those of others did: nobody can know
 * at the start how containers are called, and a name with a slip in it has no effect.
 *
 * @returns undefined where the settings name none
 */
export function createUnseenContainers ({ config, clock, log }: UnseenContainersOptions): UnseenContainers | undefined {
  const unseen = new Set(namesIn(config))
  if (unseen.size === 0) return undefined
  const heard = new Set<string>()
  let sinceMs: number | undefined
  let last: string | undefined
  return {
    note (container) {
      // Most lines come from the same container as the line before.
      if (container === last || container === '') return
      last = container
      unseen.delete(container)
      sinceMs ??= clock.monotonicMs()
      if (heard.size < maxShown) heard.add(container)
    },
    tick () {
      if (sinceMs === undefined || unseen.size === 0 || clock.monotonicMs() - sinceMs < patienceMs) return
      const containers = [...unseen]
      unseen.clear()
      const meant = Object.fromEntries(containers.flatMap(name => {
        const near = suggest(name, heard)
        return near === undefined ? [] : [[name, near]]
      }))
      log.warn({ containers, heard: [...heard], ...(Object.keys(meant).length > 0 && { meant }) },
        'no line came of containers that the settings name, so what is set for them has no effect')
    },
  }
}

/** Names below `containers` and in conditions of rules: one with a `*`, or a pattern, may be meant for nobody yet. */
function namesIn ({ containers, rules }: UnseenContainersOptions['config']): string[] {
  const asked = rules.flatMap(({ when, unless }) => [when, unless].flatMap(match => match?.container ?? []))
  return [...Object.keys(containers), ...asked.filter(name => !name.includes('*') && !name.startsWith('~'))]
}
