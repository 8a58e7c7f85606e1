import { formatDuration, formatSize } from '../units.ts'
import type { Options } from './sections.ts'
import { groupName, keyTemplate, literalTemplate, nameTemplate, tagTemplate, type Naming } from './templates.ts'
import { bytesOf, msOf } from './units.ts'

/** What becomes of an option. */
export type Said =
  /** It is the setting `setting` of the destination, with a value as an operator writes it. */
  | { readonly kind: 'set', readonly setting: SettingName, readonly value: string, readonly changes?: readonly string[] }
  /** It is a setting that all destinations share, kept within its bounds. */
  | { readonly kind: 'within', readonly path: string, readonly value: string }
  /** It works otherwise, which is said. */
  | { readonly kind: 'change', readonly words: string }
  /** Sluice does so by itself. */
  | { readonly kind: 'nothing', readonly words?: string }
  /** The value is known to whoever runs it, not to the file. `until`: the one that holds meanwhile. */
  | {
    readonly kind: 'fill'
    readonly setting: SettingName
    readonly value: string
    readonly words: string
    readonly until?: string | undefined
  }
  | { readonly kind: 'left', readonly words?: string }

/** A setting of a destination, by its name in `containers`. */
export type SettingName = keyof typeof everywhere

/** The paths of the same settings for all containers. */
export const everywhere = {
  logGroup: 'logGroup',
  stream: 'events.stream',
  bucket: 'bucket',
  key: 'objects.key',
  compression: 'objects.compression',
  storageClass: 's3.storageClass',
  createGroup: 'cloudwatch.createGroup',
  retentionDays: 'cloudwatch.retentionDays',
  groupClass: 'cloudwatch.groupClass',
  roleArn: 'aws.roleArn',
  region: 'region',
} as const

export interface OptionContext { readonly options: Options, readonly naming: Naming }

export type Meaning = (value: string, context: OptionContext) => Said

/** Meanings by the name of the option in lower case. */
type Meanings = ReadonlyMap<string, Meaning>

const silent: Meaning = () => ({ kind: 'nothing' })
const plain = (setting: SettingName): Meaning => value => ({ kind: 'set', setting, value })
const byItself = (words: string): Meaning => () => ({ kind: 'nothing', words })
const left = (words: string): Meaning => () => ({ kind: 'left', words })
const isOff = (value: string) => /^(?:off|false|no|0)?$/i.test(value)

const size = (path: string): Meaning => value => {
  const bytes = bytesOf(value)
  if (bytes === undefined) return isOff(value) ? { kind: 'nothing' } : { kind: 'left', words: `${path}: this is no size` }
  return { kind: 'within', path, value: formatSize(bytes) }
}

const time = (path: string): Meaning => value => {
  const ms = msOf(value)
  return ms === undefined ? { kind: 'left', words: `${path}: this is no time` } : { kind: 'within', path, value: formatDuration(ms) }
}

const retries: Meaning = value => /^(?:no_limits|false|no)$/i.test(value)
  ? { kind: 'nothing', words: 'a failed request is retried for as long as the spool has space' }
  : { kind: 'change', words: `a failed request is retried for as long as the spool has space, not ${value} times and then dropped` }

/** Of every output. */
const common: Meanings = new Map(Object.entries<Meaning>({
  retry_limit: retries,
  workers: byItself('each destination has its own loop, and requests run beside each other'),
  auto_retry_requests: byItself('a failed request is retried at once, then with pauses'),
  alias: silent,
  region: plain('region'),
  role_arn: plain('roleArn'),
  endpoint: left('set AWS_ENDPOINT_URL instead'),
  sts_endpoint: left('set AWS_ENDPOINT_URL_STS instead'),
  external_id: left('set aws.externalId instead'),
  profile: left('set AWS_PROFILE instead'),
  log_level: left('set log.level instead'),
  json_date_key: byItself('lines stay as they were written, so no date is added'),
  json_date_format: byItself('lines stay as they were written, so no date is added'),
  format: value => /^json/i.test(value) ? { kind: 'nothing' } : { kind: 'left', words: 'lines stay as they were written' },
  log_key: value => value === 'log' ? { kind: 'nothing' } : { kind: 'change', words: 'a message is the line itself' },
}))

const named = (setting: 'stream' | 'key', value: string | undefined, changes: readonly string[] = []): Said => value === undefined
  ? { kind: 'left', words: `${everywhere[setting]}: Sluice does not know all that it names` }
  : { kind: 'set', setting, value, changes }

const templated = (isAccessor: boolean): Meaning => (value, { options, naming }) => {
  const found = groupName(value, naming, isAccessor)
  if ('text' in found) return { kind: 'set', setting: 'logGroup', value: found.text }
  const fallback = isAccessor ? options['log_group_name'] : options['default_log_group_name']
  const name = /\w+(?:\[\d+\])?/.exec(found.unknown)?.[0] ?? ''
  const words = `a group is one name, and the file does not say what ${name} is${fallback === undefined ? '' : `: the group is ${fallback} until you do`}`
  return { kind: 'fill', setting: 'logGroup', value, words, until: fallback }
}

const cloudwatch: Meanings = new Map([...common, ...Object.entries<Meaning>({
  log_group_template: templated(true),
  log_group_name: (value, context) => 'log_group_template' in context.options ? { kind: 'nothing' } : templated(false)(value, context),
  default_log_group_name: silent,
  log_stream_template: (value, { options, naming }) => {
    const text = nameTemplate(value, naming, true)
    if (text !== undefined) return { kind: 'set', setting: 'stream', value: text }
    return named('stream', streamOf(options, naming), ['streams have the name for lines that the template does not fit'])
  },
  log_stream_name: (value, { options, naming }) => {
    if (hasStreamTemplate(options)) return { kind: 'nothing' }
    return named('stream', nameTemplate(value, naming) ?? nameTemplate(options['default_log_stream_name'] ?? '$()', naming))
  },
  default_log_stream_name: silent,
  log_stream_prefix: (_value, { options, naming }) => {
    if (hasStreamTemplate(options) || 'log_stream_name' in options) return { kind: 'nothing' }
    return named('stream', streamOf(options, naming))
  },
  auto_create_group: plain('createGroup'),
  auto_create_stream: byItself('missing streams are created'),
  log_retention_days: plain('retentionDays'),
  log_group_class: plain('groupClass'),
  log_format: left('a message is the line itself'),
  add_entity: left('set cloudwatch.entity instead'),
  'storage.total_limit_size': size('routes.error.maxBytes'),
})])

function hasStreamTemplate (options: Options): boolean {
  return 'log_stream_template' in options
}

function streamOf ({ log_stream_name: name, log_stream_prefix: prefix }: Options, naming: Naming): string | undefined {
  if (name !== undefined) return nameTemplate(name, naming)
  const before = literalTemplate(prefix ?? '')
  const tag = tagTemplate(naming.tag, naming.container)
  return prefix === undefined || before === undefined || tag === undefined ? undefined : `${before}${tag}`
}

const s3: Meanings = new Map([...common, ...Object.entries<Meaning>({
  bucket: plain('bucket'),
  s3_key_format: (value, { options, naming }) => {
    const key = keyTemplate(value, naming, options['s3_key_format_tag_delimiters'] ?? '.')
    return named('key', key?.text, key?.changes)
  },
  s3_key_format_tag_delimiters: (_value, { options }) => 's3_key_format' in options ? { kind: 'nothing' } : { kind: 'left' },
  compression: plain('compression'),
  storage_class: plain('storageClass'),
  use_put_object: silent,
  upload_chunk_size: byItself('an object is sent in one request'),
  preserve_data_ordering: byItself('objects are sent in order'),
  static_file_path: silent,
  total_file_size: size('objects.maxBytes'),
  upload_timeout: time('objects.maxAge'),
  store_dir: value => ({ kind: 'change', words: `what waits is in dataDir, not in ${value}: name a volume there` }),
  store_dir_limit_size: size('routes.access.maxBytes'),
  'storage.total_limit_size': size('routes.access.maxBytes'),
  canned_acl: left('set s3.acl instead'),
  content_type: left('set s3.contentType instead'),
  send_content_md5: byItself('objects have a checksum (s3.checksum)'),
})])

/** The plugins whose destinations Sluice has too. */
export const outputs: ReadonlyMap<string, Meanings> =
  new Map(Object.entries({ cloudwatch_logs: cloudwatch, cloudwatch, s3 }))

/** The meaning of an option of a destination. undefined: it is none that this program knows. */
export function meaningOf (plugin: string, option: string): Meaning | undefined {
  if (option.startsWith('net.') || option.startsWith('tls')) return byItself('connections are kept, and secured, by the client of AWS')
  return outputs.get(plugin)?.get(option)
}

// Tested in test/config/fluent-bit/translate.test.ts
