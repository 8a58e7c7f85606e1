import { membersOf } from '../bytes/json-value.ts'
import { answerOf } from './task-metadata.ts'
import type { Instruments } from '../telemetry/instruments.ts'

export interface ClockDriftOptions extends Pick<Instruments, 'clock' | 'metrics' | 'log'> {
  /** `ECS_CONTAINER_METADATA_URI_V4`; undefined outside of ECS, where nothing is asked. */
  readonly uri: string | undefined
}

/** How far the clock of the task may be off, asked of the metadata endpoint once a minute. */
export interface ClockDrift {
  /** What is wrong, with what to do; undefined while the clock is synchronized, or nothing is known. */
  readonly words: string | undefined
  /** Called once. */
  start (): void
  /** Resolves when nothing is asked any more. Called once. */
  stop (): Promise<void>
}

const intervalMs = 60_000
const patienceMs = 5_000

const notSynchronized = 'the clock of the task is not synchronized: times of lines, and the hours of objects, may be wrong, ' +
  'and AWS refuses requests that are off by minutes; replace the task, or let the instance reach its time server'

/** Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html */
export function createClockDrift ({ uri, clock, metrics, log }: ClockDriftOptions): ClockDrift {
  const stopped = new AbortController()
  let asking: Promise<void> = Promise.resolve()
  let boundSeconds: number | undefined
  let isOff = false

  function take (answer: unknown): void {
    const { ClockDrift: drift } = membersOf(answer)
    if (typeof drift !== 'object' || drift === null) return
    const { ClockErrorBound: boundMs, ClockSynchronizationStatus: status } = membersOf(drift)
    if (typeof boundMs === 'number' && boundMs >= 0) {
      if (boundSeconds === undefined) metrics.gauge('sluice_clock_error_bound_seconds', [], () => boundSeconds ?? 0)
      boundSeconds = boundMs / 1_000
    }
    const wasOff = isOff
    isOff = status === 'NOT_SYNCHRONIZED'
    if (isOff && !wasOff) log.warn({ boundMs }, notSynchronized)
    if (!isOff && wasOff) log.info({ boundMs }, 'the clock of the task is synchronized')
  }

  /** Ended by the stop; each request by its answer, its patience or the stop. */
  async function keepAsking (url: string): Promise<void> {
    while (!stopped.signal.aborted) {
      const patience = new AbortController()
      void clock.sleep(patienceMs, patience.signal).then(() => patience.abort())
      try {
        take(JSON.parse(await answerOf(url, AbortSignal.any([stopped.signal, patience.signal]))))
      } catch {
        // Of no use to an operator: the endpoint is asked again, and the metric keeps what it said last.
      }
      patience.abort()
      await clock.sleep(intervalMs, stopped.signal)
    }
  }

  return {
    get words () { return isOff ? notSynchronized : undefined },
    start () {
      if (uri !== undefined && uri !== '') asking = keepAsking(`${uri}/task`)
    },
    async stop () {
      stopped.abort()
      await asking
    },
  }
}
