import { keyTemplate, literalTemplate, nameTemplate, tagTemplate } from './templates.ts'

/** Which containers a section is for: one, or all. */
export interface Target {
  /** undefined: all. */
  readonly container: string | undefined
}

/** The options of a section, by name in lower case. If one is given twice, the last one counts. */
export type Options = Readonly<Record<string, string>>

/** The setting that an option becomes, with `value` as an operator writes it. Undefined: there is none. */
export type Said = { readonly setting: SettingName, readonly value: string } | undefined

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

/** What becomes of an option. `silent`: it is ignored without a word. */
type Meaning = 'silent' | ((value: string, options: Options, target: Target) => Said)

const plain = (setting: SettingName): Meaning => value => ({ setting, value })
const template = (setting: SettingName, of: (text: string) => string | undefined): Meaning => value => {
  const text = of(value)
  return text === undefined ? undefined : { setting, value: text }
}
const isWord = (word: string): Meaning => value => {
  // Sluice does this anyway. An empty value sets nothing.
  return value.toLowerCase() === word ? { setting: 'region', value: '' } : undefined
}

/** Meanings by the name of the option in lower case. */
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

/** The plugins whose destinations Sluice has too. */
export const outputs: ReadonlyMap<string, Meanings> =
  new Map(Object.entries({ cloudwatch_logs: cloudwatch, cloudwatch, s3 }))

/** The options of a container whose plugin is `null`: they are meant for Sluice. */
export const anyOutput: Meanings = new Map([...cloudwatch, ...s3])

/** What to set instead, or why there is nothing to set, for options and sections that are not carried over. */
export const hints: ReadonlyMap<string, string> = new Map(Object.entries({
  retry_limit: 'a failed request is retried for as long as the spool has space',
  total_file_size: 'objects.maxBytes',
  upload_timeout: 'objects.maxAge',
  upload_chunk_size: 'an object is sent in one request',
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
  multiline: 'PHP traces are joined without it',
  rewrite_tag: 'errors and access lines are told apart without it',
  parser: 'lines are parsed without it',
  modify: 'enrich adds fields of ECS',
  record_modifier: 'enrich adds fields of ECS',
}))

// Tested in test/config/fluent-bit/translate.test.ts
