import type { Config } from '../../config/settings.ts'
import { deadLetterBucketOf, type Route, type RouteDestination } from '../../pipeline/routes.ts'
import { awsSettings } from '../../pipeline/sinks.ts'
import type { AwsSettings } from '../../sinks/aws/client.ts'
import { callerIdentity } from '../../sinks/aws/identity.ts'
import { probeMs, resultOf, wordsOf, type ProbeResult } from './probe/ask.ts'
import { askLogs } from './probe/logs.ts'
import { send } from './probe/send.ts'
import { permissionsOf } from './where.ts'

/**
 * Does once at each destination in AWS what the service does: an object under a fixed key (that it is there already is
 * as good as stored), a stream of its own (as good as made where it is there) and an event in it. It goes the way of
 * the service, so it needs no other permission, and fails with the same words. Before, for each role, whom AWS takes
 * it for. All of them are asked at once.
 */
export async function * probe (config: Config, routes: readonly Route[], region: string): AsyncGenerator<ProbeResult> {
  const destinations = destinationsOf(config, routes, region)
  const roles = new Map(destinations.map(({ destination }) => [destination.roleArn, awsSettings(config, 'probe', destination)]))
  const asked = [
    ...[...roles.values()].map(askIdentity),
    ...destinations.map(route => isLogs(route) ? askLogs(config, route) : askBucket(config, route)),
  ]
  for (const results of asked) yield * await results
}

type AwsRoute<Destination = Exclude<RouteDestination, { readonly sink: 'file' }>> = Route & { readonly destination: Destination }

function isLogs (route: AwsRoute): route is AwsRoute<Extract<RouteDestination, { readonly sink: 'cloudwatch' }>> {
  return route.destination.sink === 'cloudwatch'
}

/** Each destination in AWS once, in its region, with the bucket of dead letters where nothing else goes there. */
function destinationsOf (config: Config, routes: readonly Route[], region: string): AwsRoute[] {
  const letters = routes.flatMap(route => {
    const bucket = deadLetterBucketOf(config, route)
    return route.destination.sink !== 'cloudwatch' || bucket === undefined
      ? []
      : [{ ...route, kind: 'objects' as const, prefix: config.prefix, destination: bucket }]
  })
  const found = new Map<string, AwsRoute>()
  for (const route of [...routes, ...letters]) {
    if (route.destination.sink === 'file') continue
    const destination = { ...route.destination, region: route.destination.region === '' ? region : route.destination.region }
    const id = JSON.stringify([destination, destination.sink === 's3' ? route.prefix : ''])
    if (!found.has(id)) found.set(id, { ...route, destination })
  }
  return [...found.values()]
}

async function askIdentity (settings: AwsSettings): Promise<ProbeResult[]> {
  const { roleArn } = settings
  const role = roleArn === '' ? '' : `sts:AssumeRole on ${roleArn}; `
  const signal = AbortSignal.timeout(probeMs)
  try {
    const { arn, account } = await callerIdentity(settings, signal)
    return [{ outcome: 'ok', words: `${role}AWS takes this for ${arn} of account ${account}` }]
  } catch (error) {
    const why = wordsOf(error, signal, 'STS')
    // Only here is STS asked by that name: a network without a way to it does the service no harm.
    return [{ outcome: 'unknown', words: `whom AWS takes this for, which the service never asks: ${why}` }]
  }
}

async function askBucket (config: Config, route: AwsRoute): Promise<ProbeResult[]> {
  const signal = AbortSignal.timeout(probeMs)
  // A role has a line of its own.
  const [words = ''] = permissionsOf(config, route, route.destination.region).slice(-1)
  return [await resultOf(() => send(config, route, signal), words, signal, 'S3')]
}

// Tested in test/e2e/probe.test.ts
