export interface LogPlace {
  readonly region: string
  readonly group: string
  /** What its streams' names begin with, and what is in them, of those of this task; empty: nothing is known. */
  readonly streamStart: string
  readonly inStream: string
}

export interface ObjectPlace {
  readonly region: string
  readonly bucket: string
  /** A folder: empty, or with a slash at its end. */
  readonly prefix: string
  /** What lies there. */
  readonly words: string
}

export interface ConsoleLink {
  readonly words: string
  readonly url: string
}

/**
 * Where a log group is seen in the AWS console. The console's own addresses are not documented; these are the ones that
 * it makes itself.
 */
export function logLinks ({ region, group, streamStart, inStream }: LogPlace): readonly ConsoleLink[] {
  if (region === '') return []
  const logs = `https://${region}.${consoleHostOf(region)}/cloudwatch/home?region=${region}#logsV2:`
  const text = inStream === '' ? lastErrors : lastErrors.replace('|', `| filter strcontains(@logStream, "${inStream}") |`)
  const query = `~(end~0~start~-3600~timeType~'RELATIVE~unit~'seconds~editorString~'${starred(text)}~source~(~'${starred(group)}))`
  const start = streamStart === '' ? '' : `?logStreamNameFilter=${encodeURIComponent(streamStart)}`
  return [
    {
      words: start === '' ? 'log group' : 'log streams',
      url: `${logs}log-groups/log-group/${dollared(encodeURIComponent(group))}${dollared(start)}`,
    },
    { words: 'query', url: `${logs}logs-insights${dollared(`?queryDetail=${query}`)}` },
  ]
}

/** Where the objects of a folder are. */
export function objectLinks ({ region, bucket, prefix, words }: ObjectPlace): readonly ConsoleLink[] {
  // An access point has pages of another kind.
  if (region === '' || bucket.startsWith('arn:')) return []
  // Not as a form would write it: whether a plus is a space there, nobody says.
  const at = `region=${region}&prefix=${encodeURIComponent(prefix)}&showversions=false`
  return [{ words, url: `https://${region}.${consoleHostOf(region)}/s3/buckets/${encodeURIComponent(bucket)}?${at}` }]
}

export interface TaskPlace {
  readonly region: string
  readonly cluster: string
  readonly task: string
}

/** The task itself; none where it is not known. */
export function taskLinks ({ region, cluster, task }: TaskPlace): readonly ConsoleLink[] {
  if (region === '' || cluster === '' || task === '') return []
  const url = `https://${region}.${consoleHostOf(region)}/ecs/v2/clusters/${encodeURIComponent(cluster)}/tasks/${encodeURIComponent(task)}`
  return [{ words: 'task', url: `${url}?region=${region}` }]
}

const lastErrors = 'fields @timestamp, @logStream, @message | sort @timestamp desc | limit 100'

function consoleHostOf (region: string): string {
  if (region.startsWith('cn-')) return 'console.amazonaws.cn'
  return region.startsWith('us-gov-') ? 'console.amazonaws-us-gov.com' : 'console.aws.amazon.com'
}

/** As the part of an address of CloudWatch behind its hash. */
function dollared (text: string): string {
  return encodeURIComponent(text).replaceAll('%', '$')
}

/** As a query of Logs Insights writes its texts in an address. */
function starred (text: string): string {
  return encodeURIComponent(text).replace(/[!'()*~]/g, character => `%${character.charCodeAt(0).toString(16)}`)
    .replace(/%[0-9A-F]{2}/gi, escape => `*${escape.slice(1).toLowerCase()}`)
}
