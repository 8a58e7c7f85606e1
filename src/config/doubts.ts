import { isRouteClass, routeClasses } from '../contracts/verdict.ts'
import { formatAddress, isLoopback, isSameListener } from './address.ts'
import { regions } from './aws-names.ts'
import type { Environment } from './environment.ts'
import { excerpt } from './mistake.ts'
import type { Config } from './settings.ts'
import { meantWords, suggest } from './suggest.ts'

/** What is valid, and in all probability not what somebody wanted: one line each. */
export function doubtsOf (config: Config, origins: ReadonlyMap<string, string>, env: Environment): string[] {
  const at = (path: string) => `${origins.get(path) ?? 'default'}: ${path}`
  const { prefix, bucket, objects, cloudwatch, containers } = config
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
    doubts.push(`${origins.get('rules') ?? ''}: rules[${index}] (${name}): asks for nothing, so ` +
      (filter === true ? 'every line is left out' : 'no rule behind it is asked'))
  })
  const groups = [{ path: 'cloudwatch', ...cloudwatch }, ...Object.entries(containers)
    .map(([name, own]) => ({ ...cloudwatch, ...own, path: `containers.${name}` }))]
  for (const { path, retentionDays, createGroup } of groups) {
    if (retentionDays === 0 || createGroup || !origins.has(`${path}.retentionDays`)) continue
    doubts.push(`${at(`${path}.retentionDays`)}: has no effect without createGroup: only a group that Sluice makes gets it`)
  }
  if (config.telemetry.emf && cloudwatch.groupClass !== 'STANDARD') {
    doubts.push(`${at('telemetry.emf')}: CloudWatch makes no metrics out of a group of class ${cloudwatch.groupClass}: the ` +
      'group that takes standard output (awslogs-group) needs the class STANDARD')
  }
  const { storms, routes } = config
  if (storms.divert && routes.error.to === 's3' && !Object.values(containers).some(({ logGroup = '' }) => logGroup !== '')) {
    doubts.push(`${at('storms.divert')}: has no effect with routes.error.to: s3, since errors become objects anyway`)
  }
  if (config.httpPage === 'samples' && config.http !== 'off' && config.httpToken === 'off' && !isLoopback(config.http)) {
    doubts.push(`${at('httpPage')}: samples has no effect: other machines can ask at ${config.http.host}, and no token is ` +
      'set, so the page shows nothing of a line; set httpToken (SLUICE_HTTP_TOKEN), or http to an address of loopback')
  }
  doubts.push(...unusedRoutes(config, origins))
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = env[name] ?? ''
    if (region === '' || regions.includes(region)) continue
    doubts.push(`${name}: ${excerpt(region)} is no region that this version knows${meantWords(suggest(region, regions))}`)
  }
  return doubts
}

/** The name of a class with a slip in it makes a route of one's own: the class keeps its defaults. */
function unusedRoutes ({ routes, rules, containers }: Config, origins: ReadonlyMap<string, string>): string[] {
  interface Copying { readonly copyTo?: readonly string[] }
  const all: readonly Copying[] = [...rules, ...Object.values(routes), ...Object.values(containers)]
  const used = new Set([...rules.map(({ route }) => route), ...all.flatMap(({ copyTo = [] }) => copyTo)])
  return Object.keys(routes).filter(name => !isRouteClass(name) && !used.has(name)).map(name => {
    const path = `routes.${name}`
    const [, origin = path] = [...origins].find(([setting]) => setting.startsWith(`${path}.`)) ?? []
    const meant = suggest(name, routeClasses)
    return `${origin}: ${path}: nothing goes there: no rule (\`route\`, \`copyTo\`) and no \`copyTo\` of a class or ` +
      `a container names it${meantWords(meant && `routes.${meant}`)}`
  })
}

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function bucketProblem (name: string): string | undefined {
  if (name === '' || name.startsWith('arn:')) return undefined
  if (name.length > 63) return 'it has more than 63 characters'
  if (/[A-Z_]/.test(name)) return 'it has capitals or underscores, as none has that was made since 2018'
  if (name.includes('..') || /\.-|-\./.test(name)) return 'it has two dots, or a dot and a hyphen, in a row'
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) ? 'it is an IP address' : undefined
}
