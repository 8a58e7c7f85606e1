/** Options of Fluent Bit that somebody may write into YAML of Sluice, in lower case, and the setting that is meant. */
export const ofFluentBit: ReadonlyMap<string, string> = new Map(Object.entries({
  auto_create_group: 'cloudwatch.createGroup',
  canned_acl: 's3.acl',
  content_type: 's3.contentType',
  grace: 'stop.deadline',
  http_listen: 'http',
  http_port: 'http',
  http_server: 'http',
  log_retention_days: 'cloudwatch.retentionDays',
  log_stream_name: 'events.stream',
  log_stream_prefix: 'events.stream',
  log_stream_template: 'events.stream',
  mem_buf_limit: 'memory.maxBytes',
  s3_key_format: 'objects.key',
  'storage.path': 'dataDir',
  'storage.total_limit_size': 'spool.maxBytes',
  store_dir: 'dataDir',
  store_dir_limit_size: 'spool.maxBytes',
  total_file_size: 'objects.maxBytes',
  unix_path: 'unixSocket',
  unix_perm: 'unixSocketMode',
  upload_timeout: 'objects.maxAge',
}))

// Tested in test/config/yaml-file.test.ts
