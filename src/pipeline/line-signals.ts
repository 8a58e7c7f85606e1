import type { Config } from '../config/settings.ts'
import type { Clock } from '../contracts/clock.ts'
import type { LogRecord } from '../contracts/record.ts'
import { createActivity } from '../signals/activity.ts'
import { createErrorWatch, type WatchError } from '../signals/error-watch.ts'
import { createFrequentErrors, type FrequentErrors } from '../signals/frequent-errors.ts'
import { createHealthChecks } from '../signals/health-checks.ts'
import { createRequestMetrics, type RequestMetrics } from '../signals/request-metrics.ts'
import { createSignals, type Signals } from '../signals/signals.ts'
import type { AskedValues } from './asked-values.ts'
import type { Instruments } from '../telemetry/instruments.ts'

export interface LineSignalsOptions extends Pick<Instruments, 'metrics' | 'log'> {
  readonly config: Config
  /** Of the access line that was classified or noted last. */
  readonly values: AskedValues
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/** What lines tell of the application: its requests, its health checks, its errors and troubles. */
export interface LineSignals {
  /** Whether an access line is a health check that is left out; if it is, it is counted. */
  isHealthCheck (line: LogRecord): boolean
  /** Counts the request of an access line, or says that it is a health check, which is counted as such. */
  isNoRequest (line: LogRecord): boolean
  /** Counts the requests of lines that are known to be no health checks. */
  readonly rowCounts: Pick<RequestMetrics, 'of' | 'countRows'>
  readonly watchError: WatchError
  /** Troubles that lines show, and which errors are most frequent. */
  readonly signals: Signals
  readonly frequent: FrequentErrors
}

export function createLineSignals ({ config, values, clock, metrics, log }: LineSignalsOptions): LineSignals {
  const activityOf = createActivity()
  const countHealthCheck = createHealthChecks({ ...config.healthChecks, metrics, activityOf })
  const requests = createRequestMetrics({ metrics, secondsOfKey: values.secondsOfKey, activityOf })
  const signals = createSignals({ ...config.signals, clock, metrics, log, activityOf })
  const frequent = createFrequentErrors()

  function isHealthCheck ({ container, bytes }: LogRecord): boolean {
    return countHealthCheck?.(container, bytes, values.places) === true
  }

  return {
    isHealthCheck,
    rowCounts: requests,
    isNoRequest (line) {
      if (isHealthCheck(line)) return true
      requests.count(line.container, line.bytes, values.places)
      return false
    },
    watchError: createErrorWatch({ metrics, signals, frequent, activityOf }),
    signals,
    frequent,
  }
}

// Tested in test/pipeline/inbound.test.ts
