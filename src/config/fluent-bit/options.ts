import { keyTemplate, literalTemplate, nameTemplate, tagTemplate } from './templates.ts'

/** Where what a section says is to hold: for one container, or for all. */
export interface Target {
  /** undefined: for all. */
  readonly container: string | undefined
}

/** Every option of the section by its name in lower case, the last one where it is given twice. */
export type Options = Readonly<Record<string, string>>

/** A setting that an option says; `value` as an operator writes it. Undefined: it has no counterpart. */
export type Said = { readonly setting: SettingName, readonly value: string } | undefined

/** Settings that destinations have, by their name in `containers`. */
export type SettingName = keyof typeof everywhere

/** The same settings where they hold for all containers. */
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

/** What an option says. `silent`: it changes nothing here, and nobody misses it. */
type Meaning = 'silent' | ((value: string, options: Options, target: Target) => Said)

const plain = (setting: SettingName): Meaning => value => ({ setting, value })
const template = (setting: SettingName, of: (text: string) => string | undefined): Meaning => value => {
  const text = of(value)
  return text === undefined ? undefined : { setting, value: text }
}
const isWord = (word: string): Meaning => value => {
  // Carried by being what Sluice does anyway.
  return value.toLowerCase() === word ? { setting: 'region', value: '' } : undefined
}

/** By the name of the option in lower case. */
type Meanings = ReadonlyMap<string, Meaning>

const cloudwatch: Meanings = new Map(Object.entries<Meaning>({
  region: plain('region'),
  log_group_name: value => value.includes('$(') ? undefined : { setting: 'logGroup', value },
  log_stream_name: template('stream', nameTemplate),
  log_stream_prefix: template('stream', text => {
    const prefix = literalTemplate(text)
    return prefix === undefined ? undefined : `${prefix}${tagTemplate}`
  }),
  auto_create_group: plain('createGroup'),
  log_retention_days: plain('retentionDays'),
  log_group_class: plain('groupClass'),
  role_arn: plain('roleArn'),
  log_key: isWord('log'),
}))

const s3: Meanings = new Map(Object.entries<Meaning>({
  region: plain('region'),
  bucket: plain('bucket'),
  s3_key_format: (value, options, { container }) => {
    const key = keyTemplate(value, container, options['s3_key_format_tag_delimiters'] ?? '.')
    return key === undefined ? undefined : { setting: 'key', value: key }
  },
  s3_key_format_tag_delimiters: (_value, options) =>
    options['s3_key_format'] === undefined ? undefined : { setting: 'region', value: '' },
  compression: plain('compression'),
  storage_class: plain('storageClass'),
  role_arn: plain('roleArn'),
  log_key: isWord('log'),
  use_put_object: 'silent',
}))

/** The plugins that lead where Sluice's sinks lead. */
export const outputs: ReadonlyMap<string, Meanings> =
  new Map(Object.entries({ cloudwatch_logs: cloudwatch, cloudwatch, s3 }))

/** Options of a container whose own plugin goes nowhere: they are for Sluice. */
export const anyOutput: Meanings = new Map([...cloudwatch, ...s3])

/** What to set, or why there is nothing to set, for options and sections that have no counterpart. */
export const hints: ReadonlyMap<string, string> = new Map(Object.entries({
  retry_limit: 'a batch is sent again for as long as the spool has room',
  total_file_size: 'objects.maxBytes',
  upload_timeout: 'objects.maxAge',
  upload_chunk_size: 'objects are sent whole',
  store_dir: 'dataDir',
  store_dir_limit_size: 'routes.access.maxBytes',
  endpoint: 'AWS_ENDPOINT_URL',
  sts_endpoint: 'AWS_ENDPOINT_URL_STS',
  canned_acl: 's3.acl',
  content_type: 's3.contentType',
  send_content_md5: 's3.checksum',
  external_id: 'aws.externalId',
  add_entity: 'cloudwatch.entity',
  log_key: 'a message is the line itself',
  log_format: 'a message is the line itself',
  json_date_key: 'lines stay as they were written',
  json_date_format: 'lines stay as they were written',
  grace: 'stop.deadline',
  log_level: 'log.level',
  flush: 'events.maxAge, objects.maxAge',
  multiline: 'PHP\'s traces are joined without it',
  rewrite_tag: 'errors and access lines are told apart without it',
  parser: 'lines are understood without it',
  modify: 'enrich adds fields of ECS',
  record_modifier: 'enrich adds fields of ECS',
}))
