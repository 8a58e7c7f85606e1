import { quotasOf } from '../contracts/quota.ts'
import type { Config } from './settings.ts'
import { formatDuration, formatSize } from './units.ts'

/** A configuration that may still be changed. */
export type Draft<Value> = Value extends readonly string[] ? Value
  : Value extends object ? { -readonly [Key in keyof Value]: Draft<Value[Key]> } : Value

/** A setting whose value was changed, because another setting contradicts it. */
export interface Adjustment {
  readonly path: string
  readonly reason: string
  /** What happens to the setting. */
  readonly verb: 'reduced' | 'changed' | 'left out'
}

/** Source: https://zlib.net/manual.html (compression levels) */
const gzipMaxLevel = 9

/** Quota of a route of one's own that sets none. */
export const namedQuotaBytes = 256 * 1024 * 1024

/** An object is held in memory while it is sent. */
const uncompressedMaxBytes = 16 * 1024 * 1024

type Objects = Config['objects']

/** `objects.level` for what is compressed so: containers and routes may differ, and dead letters have gzip. */
export function levelOf (compression: Objects['compression'], { level }: Pick<Objects, 'level'>): number {
  return compression === 'gzip' ? Math.min(level, gzipMaxLevel) : level
}

/** `objects.maxBytes` for what is compressed so: without compression the whole segment is the body of a request. */
export function objectMaxBytesOf (compression: Objects['compression'], { maxBytes }: Pick<Objects, 'maxBytes'>): number {
  return compression === 'none' ? Math.min(maxBytes, uncompressedMaxBytes) : maxBytes
}

/**
 * Makes settings agree that contradict each other, in place. Each of them is valid, so the process has to start; the
 * setting that promises less wins.
 *
 * @param given the paths of settings that are not defaults
 */
export function reconcile (config: Draft<Config>, given: Pick<ReadonlySet<string>, 'has'>): Adjustment[] {
  const adjustments: Adjustment[] = []
  const adjust = (path: string, reason: string, verb: Adjustment['verb'] = 'reduced') => {
    adjustments.push({ path, reason, verb })
  }

  const { routes, objects, join, delivery } = config
  const quotas = Object.entries(routes as Record<string, { maxBytes?: number }>)
  const totalBytes = config.spool.maxBytes === 'off' ? Infinity : config.spool.maxBytes
  const shares = quotasOf(quotas.map(([, { maxBytes = namedQuotaBytes }]) => maxBytes), { maxBytes: totalBytes })
  for (const [index, [name, route]] of quotas.entries()) {
    const wantedBytes = route.maxBytes ?? namedQuotaBytes
    const shareBytes = shares[index] ?? wantedBytes
    if (shareBytes === wantedBytes) continue
    route.maxBytes = wholeKiB(shareBytes)
    adjust(`routes.${name}.maxBytes`, `its share of spool.maxBytes is ${formatSize(route.maxBytes)}`)
  }

  const objectMaxBytes = objectMaxBytesOf(objects.compression, objects)
  if (objectMaxBytes < objects.maxBytes) {
    objects.maxBytes = objectMaxBytes
    adjust('objects.maxBytes', `with objects.compression none it is at most ${formatSize(uncompressedMaxBytes)}`)
  }

  for (const kind of ['partials', 'traces'] as const) {
    const { maxBytes, maxTotalBytes } = join[kind]
    if (maxBytes <= maxTotalBytes) continue
    join[kind].maxBytes = maxTotalBytes
    adjust(`join.${kind}.maxBytes`, `join.${kind}.maxTotalBytes is ${formatSize(maxTotalBytes)}`)
  }
  if (delivery.backoffMin > delivery.backoffMax) {
    delivery.backoffMin = delivery.backoffMax
    adjust('delivery.backoffMin', `delivery.backoffMax is ${formatDuration(delivery.backoffMax)}`)
  }
  const level = levelOf(objects.compression, objects)
  if (level < objects.level) {
    objects.level = level
    adjust('objects.level', `the highest level of gzip is ${gzipMaxLevel}`)
  }
  // Who lists keys asks for these, whatever the preset.
  if (config.redact.preset === 'none' && !given.has('redact.keys')) {
    config.redact.keys = []
    adjust('redact.keys', 'redact.preset is none', 'left out')
  }
  reconcileEncryption(config.s3, adjust)
  reconcileEntity(config.cloudwatch.entity, adjust)
  return adjustments
}

type Adjust = (path: string, reason: string, verb: Adjustment['verb']) => void

/** An operator who names a key wants it to be used, so the key wins over a weaker `encryption`. */
function reconcileEncryption (s3: Draft<Config['s3']>, adjust: Adjust): void {
  if (s3.kmsKeyId !== '' && (s3.encryption === 'bucket' || s3.encryption === 'AES256')) {
    s3.encryption = 'aws:kms'
    adjust('s3.encryption', 'with s3.kmsKeyId it is aws:kms', 'changed')
  }
  if (s3.bucketKey && s3.encryption === 'aws:kms:dsse') {
    s3.bucketKey = false
    adjust('s3.bucketKey', 's3.encryption aws:kms:dsse has no bucket keys', 'changed')
  }
}

/** CloudWatch Logs refuses a whole batch if its entity has too few attributes. */
function reconcileEntity (entity: Draft<Config['cloudwatch']['entity']>, adjust: Adjust): void {
  if (entity.keyAttributes.length === 1) {
    entity.keyAttributes = []
    adjust('cloudwatch.entity.keyAttributes', 'an entity needs at least two', 'left out')
  }
  if (entity.keyAttributes.length === 0 && entity.attributes.length > 0) {
    entity.attributes = []
    adjust('cloudwatch.entity.attributes', 'cloudwatch.entity.keyAttributes is empty', 'left out')
  }
}

function wholeKiB (bytes: number): number {
  return Math.floor(bytes / 1024) * 1024
}
