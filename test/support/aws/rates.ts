/**
 * Requests a second that CloudWatch Logs grants an account in a region, where nothing else was agreed: the smallest
 * figures documented.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
export const documentedRates: Readonly<Record<string, number>> = {
  CreateLogGroup: 5,
  CreateLogStream: 50,
  DescribeLogStreams: 5,
  PutLogEvents: 800,
}

/** Says whether an operation is still within its rate, and counts it if it is; operations without a rate always are. */
export function createRates (
  rates: Readonly<Record<string, number>>, now: () => number
): (operation: string) => boolean {
  const windows = new Map<string, { startMs: number, count: number }>()
  return operation => {
    const rate = rates[operation]
    if (rate === undefined) return true
    const nowMs = now()
    const window = windows.get(operation)
    if (window === undefined || nowMs - window.startMs >= 1000) {
      windows.set(operation, { startMs: nowMs, count: 1 })
      return rate >= 1
    }
    if (window.count >= rate) return false
    window.count++
    return true
  }
}
