export interface ConsolePlace {
  readonly region: string
  /** Log group; empty: none. */
  readonly group: string
  /** Empty: none. */
  readonly bucket: string
  /** Start of the keys. */
  readonly prefix: string
}

export interface ConsoleLink {
  readonly words: string
  readonly url: string
}

/**
 * Where a destination is seen in the AWS console. The console's own addresses are not documented; these are the ones
 * that it makes itself.
 */
export function consoleLinks ({ region, group, bucket, prefix }: ConsolePlace): readonly ConsoleLink[] {
  if (region === '') return []
  const base = `https://${region}.${consoleHostOf(region)}`
  if (group !== '') {
    const logs = `${base}/cloudwatch/home?region=${region}#logsV2:`
    const query = `~(end~0~start~-3600~timeType~'RELATIVE~unit~'seconds~editorString~'${starred(lastErrors)}~source~(~'${starred(group)}))`
    return [
      { words: 'log group', url: `${logs}log-groups/log-group/${encodeURIComponent(encodeURIComponent(group)).replaceAll('%', '$')}` },
      { words: 'query', url: `${logs}logs-insights${encodeURIComponent(`?queryDetail=${query}`).replaceAll('%', '$')}` },
    ]
  }
  // An access point has pages of another kind.
  if (bucket === '' || bucket.startsWith('arn:')) return []
  const at = new URLSearchParams({ region, prefix, showversions: 'false' })
  return [{ words: 'bucket', url: `${base}/s3/buckets/${encodeURIComponent(bucket)}?${at.toString()}` }]
}

const lastErrors = 'fields @timestamp, @logStream, @message | sort @timestamp desc | limit 100'

function consoleHostOf (region: string): string {
  if (region.startsWith('cn-')) return 'console.amazonaws.cn'
  return region.startsWith('us-gov-') ? 'console.amazonaws-us-gov.com' : 'console.aws.amazon.com'
}

/** As a query of Logs Insights writes its texts in an address. */
function starred (text: string): string {
  return encodeURIComponent(text).replace(/[!'()*~]/g, character => `%${character.charCodeAt(0).toString(16)}`).replaceAll('%', '*').toLowerCase()
}
