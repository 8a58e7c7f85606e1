import type { Options } from './sections.ts'

/** What an output of CloudWatch Logs or S3 does that Sluice does otherwise, whatever its options are. */
export function changesOf (kind: 'cloudwatch' | 's3', options: Options): readonly string[] {
  const isLine = options['log_key'] === 'log'
  if (kind === 'cloudwatch') {
    return isLine ? [] : ['an event is the line itself, not a JSON object with the line in "log": in Logs Insights `filter log like /x/` becomes `filter @message like /x/`, and `parse log` becomes `parse @message`; a metric filter `{ $.log = "*x*" }` becomes `"x"`']
  }
  return [
    ...(isLine ? [] : ['an object has the bare lines, not JSON objects with the line in "log": in Athena `json_extract_scalar(log, \'$.status\')` becomes `status`, and the table has the keys of the line as its columns; the fields of the container and of ECS are gone, unless `enrich` names them']),
    ...(options['compression'] === undefined ? ['objects are compressed with gzip, and their keys end in .gz; `objects.compression: none` leaves them plain'] : []),
    ...(options['s3_key_format'] === undefined ? ['keys are those of objects.key, not /fluent-bit-logs/$TAG/%Y/%m/%d/%H/%M/%S'] : []),
    ...(options['total_file_size'] === undefined && options['upload_timeout'] === undefined ? ['an object is closed at 32 MiB or after a minute (objects.maxBytes, objects.maxAge), not at 100 MB or after ten minutes'] : []),
  ]
}

/** Filters that Sluice does not have, with what there is in their place. */
export const filterHints: ReadonlyMap<string, string> = new Map(Object.entries({
  aws: 'enrich adds fields of ECS',
  lua: 'no program runs on lines',
  modify: 'lines stay as they were written; enrich adds fields of ECS',
  kubernetes: 'there is no Kubernetes here: lines go on without its metadata; enrich adds fields of ECS',
  record_modifier: 'lines stay as they were written; enrich adds fields of ECS',
  throttle: 'no line is left out for its rate; the quotas of routes bound the disk, and storms.divert what CloudWatch Logs gets of one error',
  type_converter: 'lines stay as they were written',
}))

/** Filters for which there is nothing to set. */
export const nativeFilters: ReadonlyMap<string, string> = new Map(Object.entries({
  multiline: 'PHP traces are joined without it, and lines that the container engine cut',
  stdout: 'nothing to set',
  expect: 'nothing to set',
}))

// Tested in test/config/fluent-bit/translate.test.ts
