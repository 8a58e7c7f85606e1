import { pino } from 'pino'
import type { Config } from '../../../config/settings.ts'
import { systemClock } from '../../../contracts/clock.ts'
import type { Route, RouteDestination } from '../../../pipeline/routes.ts'
import { awsSettings } from '../../../pipeline/sinks.ts'
import { createLogsClient } from '../../../sinks/aws/client.ts'
import { logsError, permissionFor } from '../../../sinks/cloudwatch/errors.ts'
import { LogGroup } from '../../../sinks/cloudwatch/log-group.ts'
import { Metrics } from '../../../telemetry/metrics.ts'
import { RequestMetrics } from '../../../telemetry/requests.ts'
import { probeMs, resultOf, wordsOf, type ProbeResult } from './ask.ts'
import { send, stream } from './send.ts'

type LogsRoute = Route & { readonly destination: Extract<RouteDestination, { readonly sink: 'cloudwatch' }> }

/** Asks for each permission by itself: to make the group, where it may be made, to make the stream, to put an event. */
export async function askLogs (config: Config, route: LogsRoute): Promise<ProbeResult[]> {
  const { destination } = route
  const { cloudwatch } = config
  const { group, region } = destination
  const signal = AbortSignal.timeout(probeMs)
  const held = createLogsClient(awsSettings(config, 'probe', destination))
  const logGroup = new LogGroup({
    ...cloudwatch,
    ...destination,
    requests: new RequestMetrics({ metrics: new Metrics(), clock: systemClock, route: route.name, sink: 'cloudwatch' }),
    clock: systemClock,
    log: pino({ level: 'silent' }),
  })
  const service = 'CloudWatch Logs'
  const hasTags = cloudwatch.groupTags.length > 0
  const results: ProbeResult[] = []
  try {
    await held.use(async aws => {
      for (const { operation, ask } of logGroup.asked(aws, stream, { signal, onRequest: () => undefined })) {
        const permission = permissionFor({ operation, group, region: aws.region, hasTags })
        results.push(await resultOf(ask, permission, signal, service))
      }
      // The event would be refused for the same.
      if (results.at(-1)?.reason === 'no_group') return
      const put = permissionFor({ operation: 'PutLogEvents', group, region: aws.region })
      results.push(await resultOf(() => send(config, route, signal), put, signal, service))
    })
  } catch (error) {
    const cause = logsError(error, { operation: 'PutLogEvents', group, region })
    results.push({ outcome: 'refused', words: wordsOf(cause, signal, service) })
  } finally {
    held.close()
  }
  return results
}

// Tested in test/e2e/probe.test.ts
