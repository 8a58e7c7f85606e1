import { destinationsIn } from './destinations-in.ts'
import { idleEntries, type Idle } from './idle-entries.ts'
import { settingAt } from './rows.ts'
import { settings, type Config } from './settings.ts'
import { defaultOf } from './values.ts'

/**
 * Settings that were given and do nothing beside the others: one line each. A value that is the default asks for
 * nothing.
 *
 * @param places where each setting was given, by its path
 */
export function idleSettings (config: Config, places: ReadonlyMap<string, string>): string[] {
  const all = [...idleIn(config).filter(({ isIdle }) => isIdle), ...idleEntries(config)]
  return [...places].flatMap(([path, place]) => {
    const idle = all.find(({ paths }) => paths.some(each => path === each || path.startsWith(`${each}.`)))
    return idle === undefined || isDefault(config, path) ? [] : [`${place}: ${path}: has no effect ${idle.because}`]
  })
}

function isDefault (config: Config, path: string): boolean {
  const setting = settingAt(settings, path)
  // An entry of a mapping has no default: what it does not set is as for all.
  if (setting === undefined || /^(?:containers|routes\.(?!access\.|app\.|invalid\.|error\.))/.test(path)) return false
  const value = path.split('.').reduce<unknown>((tree, key) => (tree as Readonly<Record<string, unknown>>)[key], config)
  return JSON.stringify(value) === JSON.stringify(defaultOf(setting))
}

/** In the order in which they are asked: the first that holds is told. */
function idleIn (config: Config): Idle[] {
  const { tcpTls, tcpAuth, access, objects, cloudwatch, s3, aws } = config
  const { hasEvents, hasObjects, hasFiles, hasBucket, hasGroup, takesGroup, entries } = destinationsIn(config)
  const hasKey = tcpAuth.sharedKey !== 'off' || tcpAuth.sharedKeyFile !== 'off'
  const hasHandshake = hasKey || tcpTls.cert !== 'off'
  const hasSecretFiles = tcpTls.cert !== 'off' || tcpAuth.sharedKeyFile !== 'off' || tcpAuth.usersFile !== 'off'
  const keys = [objects.key, ...entries.flatMap(({ key = '' }) => key)]
  const makesGroups = cloudwatch.createGroup || entries.some(({ createGroup }) => createGroup === true)
  const hasErrorsAsEvents = config.routes.error.to !== 's3' || Object.values(config.containers).some(({ bucket = '', logGroup = '' }) => `${bucket}${logGroup}` !== '')
  const hasRole = aws.roleArn !== '' || entries.some(({ roleArn = '' }) => roleArn !== '')
  const isPlain = !['auto', 'json'].includes(access.format)
  const idle = (isIdle: boolean, because: string, ...paths: readonly string[]): Idle => ({ paths, isIdle, because })
  return [
    idle(config.unixSocket === 'off', 'with unixSocket: off', 'unixSocketMode'),
    idle(config.tcp === 'off', 'with tcp: off', 'tcpAllow', 'tcpHandshakeTimeout', 'tcpReload', 'tcpTls', 'tcpAuth'),
    idle(!hasHandshake, 'without tcpTls.cert or tcpAuth.sharedKey', 'tcpHandshakeTimeout'),
    idle(!hasSecretFiles, 'without a file of tcpTls or tcpAuth', 'tcpReload'),
    idle(!hasKey, 'without tcpAuth.sharedKey', 'tcpAuth.serverName'),
    idle(config.http === 'off', 'with http: off', 'httpHosts', 'httpDetail', 'httpPage', 'httpToken'),
    idle(config.httpPage === 'off' || config.httpPage === 'status', `with httpPage: ${config.httpPage}, since no lines are shown`, 'httpToken'),
    idle(hasObjects && !keys.some(key => key.includes('{prefix}')), 'on the keys of records: there is no {prefix} in objects.key', 'prefix'),
    idle(isPlain, `with access.format: ${access.format}, since lines of JSON are no access lines then`, 'access.statusKeys', 'access.requestKeys'),
    idle(!config.healthChecks.filter, 'with healthChecks.filter: off', 'healthChecks.paths'),
    idle(config.error.minLevel === 'debug', 'with error.minLevel: debug, which leaves nothing out', 'error.alwaysKeep'),
    idle(!hasErrorsAsEvents, 'with routes.error.to: s3, since errors become objects anyway', 'storms.divert', 'error.copyToS3'),
    idle(!config.storms.divert, 'without storms.divert', 'storms'),
    idle(config.redact.preset === 'none', 'with redact.preset: none, since no card numbers are looked for', 'redact.idKeys'),
    idle(config.spool.sync !== 'interval', `with spool.sync: ${config.spool.sync}`, 'spool.syncInterval'),
    idle(!hasObjects, 'since no records become objects', 'objects'),
    idle(!hasEvents, 'since no records become log events', 'events'),
    // A directory may be there for the day without a bucket, as in an image, or a compose file for both.
    idle(!hasFiles, 'since nothing is delivered to files', 'file.minFreeBytes'),
    idle(!takesGroup, 'since the records of no route go to CloudWatch Logs', 'logGroup'),
    idle(!hasGroup, 'without a logGroup', 'cloudwatch', 'deadLetter'),
    idle(!makesGroups, 'without createGroup: only a group that Sluice makes gets it', 'cloudwatch.retentionDays', 'cloudwatch.groupClass', 'cloudwatch.groupTags', 'cloudwatch.kmsKeyId'),
    idle(!hasBucket, 'without a bucket', 's3'),
    idle(!s3.encryption.startsWith('aws:kms'), `with s3.encryption: ${s3.encryption}`, 's3.bucketKey'),
    idle(!hasBucket && !hasGroup, 'without a bucket or a logGroup', 'aws', 'delivery.requestTimeout', 'delivery.reconnectAfter'),
    idle(!hasRole, 'without aws.roleArn', 'aws.externalId', 'aws.sessionName'),
    idle(['warn', 'error', 'fatal'].includes(config.log.level), `with log.level: ${config.log.level}, since that line is of level info`, 'telemetry.heartbeat'),
  ]
}
