import { formatAddress, isLoopback, isSameListener } from './address.ts'
import { regions } from './aws-names.ts'
import type { Environment } from './environment.ts'
import { idleSettings } from './idle-settings.ts'
import { excerpt } from './mistake.ts'
import { hasLoopback } from './network.ts'
import { routeDoubts } from './route-doubts.ts'
import type { Config } from './settings.ts'
import { meantWords, suggest } from './suggest.ts'
import { formatDuration } from './units.ts'

/**
 * What is valid, and in all probability not what somebody wanted: one line each.
 *
 * @param places where each setting was given, by its path
 */
export function doubtsOf (config: Config, places: ReadonlyMap<string, string>, env: Environment): string[] {
  const at = (path: string) => `${places.get(path) ?? 'default'}: ${path}`
  const { prefix, bucket, objects, cloudwatch, containers, join: { traces } } = config
  const doubts: string[] = []
  const joined = /\{prefix\}([^/].*)/.exec(objects.key)?.[1]
  if (prefix !== '' && !prefix.endsWith('/') && joined !== undefined) {
    doubts.push(`${at('prefix')}: ${JSON.stringify(prefix)} has no slash at its end, so keys begin with ` +
      `${prefix}${joined.replace(/\/.*/, '/')}; did you mean ${prefix}/?`)
  }
  const buckets = [['bucket', bucket], ...Object.entries(containers).map(([name, own]) =>
    [`containers.${name}.bucket`, own.bucket ?? ''])] as const
  for (const [path, name] of buckets) {
    const problem = bucketProblem(name)
    if (problem !== undefined) doubts.push(`${at(path)}: ${JSON.stringify(name)} cannot be the name of a bucket: ${problem}`)
  }
  const firstKey = objects.key.replace('{prefix}', prefix)
  if (firstKey.startsWith('/') && buckets.some(([, name]) => name !== '')) {
    const path = objects.key.startsWith('/') ? 'objects.key' : 'prefix'
    doubts.push(`${at(path)}: keys begin with a slash, so all objects are in a folder of S3 without a name; ` +
      `did you mean ${(path === 'prefix' ? prefix : objects.key).replace(/^\/+/, '')}?`)
  }
  const listeners = [['tcp', config.tcp], ['http', config.http], ['firelens.healthInput', config.firelens.healthInput]] as const
  listeners.forEach(([path, address], index) => {
    const [other] = listeners.slice(0, index).find(([, earlier]) => address !== 'off' && earlier !== 'off' && isSameListener(earlier, address)) ?? []
    if (address === 'off' || other === undefined) return
    doubts.push(`${at(path)}: ${formatAddress(address)} cannot listen where ${other} does`)
  })
  config.rules.forEach(({ name, when = {}, unless = {}, filter }, index) => {
    const isAll = Object.keys({ ...when, ...unless }).length === 0
    if (!isAll || (filter !== true && index === config.rules.length - 1)) return
    doubts.push(`${places.get('rules') ?? ''}: rules[${index}] (${name}): asks for nothing, so ` +
      (filter === true ? 'every line is left out' : 'no rule behind it is asked'))
  })
  if (config.telemetry.emf && cloudwatch.groupClass !== 'STANDARD') {
    doubts.push(`${at('telemetry.emf')}: CloudWatch makes no metrics out of a group of class ${cloudwatch.groupClass}: the ` +
      'group that takes standard output (awslogs-group) needs the class STANDARD')
  }
  if (config.httpPage === 'samples' && config.http !== 'off' && config.httpToken === 'off' && !isLoopback(config.http)) {
    doubts.push(`${at('httpPage')}: samples has no effect: other machines can ask at ${config.http.host}, and no token is ` +
      'set, so the page shows nothing of a line; set httpToken (SLUICE_HTTP_TOKEN), or http to an address of loopback')
  }
  if (config.tcp !== 'off' && isLoopback(config.tcp) && config.tcpAllow.length > 0 && !hasLoopback(config.tcpAllow)) {
    doubts.push(`${at('tcpAllow')}: lets nobody in: tcp listens on ${config.tcp.host}, where only this machine can connect; ` +
      'set tcp to an address that others reach, or add 127.0.0.0/8')
  }
  if (places.has('join.traces.maxQuiet') && traces.maxQuiet > traces.maxAge) {
    doubts.push(`${at('join.traces.maxQuiet')}: a record ends after join.traces.maxAge, ${formatDuration(traces.maxAge)}, whether or not more lines come`)
  }
  doubts.push(...idleSettings(config, places), ...routeDoubts(config, places))
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = env[name] ?? ''
    if (region === '' || regions.includes(region)) continue
    doubts.push(`${name}: ${excerpt(region)} is no region that this version knows${meantWords(suggest(region, regions))}`)
  }
  return doubts
}

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function bucketProblem (name: string): string | undefined {
  if (name === '' || name.startsWith('arn:')) return undefined
  if (name.length > 63) return 'it has more than 63 characters'
  if (/[A-Z_]/.test(name)) return 'it has capitals or underscores, as none has that was made since 2018'
  if (name.includes('..') || /\.-|-\./.test(name)) return 'it has two dots, or a dot and a hyphen, in a row'
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) ? 'it is an IP address' : undefined
}
