import { rowsOf } from '../../src/config/rows.ts'
import type { Setting } from '../../src/config/setting.ts'
import { settings } from '../../src/config/settings.ts'
import { parseDuration, parseSize } from '../../src/config/units.ts'
import type { createRandom } from './access-lines.ts'

type Random = ReturnType<typeof createRandom>

/** What a test says itself, or has no more of; and what leaves lines out, or gives them up on a busy machine. */
const left = new RegExp('^(?:' + [
  'unixSocket', 'tcp', 'http', 'dataDir', 'hostId', 'logGroup', 'bucket', 'prefix', 'firelens', 'ecs\\.', 'aws\\.', 'log\\.',
  'cloudwatch\\.(?:region|kmsKeyId|entity)', 'file\\.', 's3\\.(?:region|ifNoneMatch|acl|expectedBucketOwner|kmsKeyId)',
  'filter', 'error\\.minLevel', 'storms\\.divert', 'stop\\.', 'spool\\.(?:maxBytes|maxStall)', 'delivery\\.requestTimeout', 'forward\\.maxConnections',
].join('|') + ')')

const drawn = rowsOf(settings).filter(({ path }) => !left.test(path))

/** Routes and containers that have what others have for all. */
const shapes = [
  '{}',
  'containers: {web: {compression: gzip}, api: {compression: zstd, key: "{class}/{container}/{segment}.{ext}"}}',
  'containers: {web: {compression: none}}\nroutes: {archive: {maxBytes: 1MiB, compression: gzip}, error: {copyTo: [archive]}}',
  'routes: {archive: {maxBytes: 64MiB}, access: {to: cloudwatch, copyTo: [archive]}}\nrules: [{name: all, when: {class: app}, route: archive}]',
  'routes: {error: {to: s3}, app: {to: cloudwatch}}',
]

/** Valid settings by chance, as variables: ends of their ranges, what is near, and any of their choices. */
export function anySettings (random: Random): Record<string, string> {
  const pick = <Value>(values: readonly Value[]): Value => values[random(values.length)] as Value
  const percent = pick([10, 30, 70])
  const env: Record<string, string> = { SLUICE_CONFIG_YAML: pick(shapes) }
  for (const { variable, setting } of drawn) {
    const values = random(100) < percent ? valuesOf(setting) : []
    if (values.length > 0) env[variable] = pick(values)
  }
  return env
}

function valuesOf (setting: Setting): readonly string[] {
  switch (setting.type) {
    case 'boolean': return ['true', 'false']
    case 'choice': return setting.choices
    case 'integer': return (setting.values ?? [setting.min, setting.min + 1, setting.max]).map(String)
    case 'size': return ends(parseSize(setting.min), parseSize(setting.max), 'B')
    case 'duration': return ends(parseDuration(setting.min), parseDuration(setting.max), 'ms')
    case 'list': return setting.choices === undefined ? [] : [setting.choices.join(','), setting.choices[0] ?? '']
    case 'string':
    case 'template':
    case 'address':
    case 'path':
    case 'mode': return []
  }
}

function ends (least = 0, most = 0, unit: string): readonly string[] {
  return [least, least + 1, Math.min(most, least * 3 + 7), most].map(value => `${value}${unit}`)
}
