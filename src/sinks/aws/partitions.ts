interface Partition {
  /** As it stands in the names of resources. */
  readonly name: string
  readonly regionStart: string
  /** What the host names of its services end with: those of IPv4, and those of both stacks. */
  readonly hosts: readonly string[]
}

/**
 * The parts of AWS that know nothing of each other. AWS adds to them, so a region that none of them names is one of
 * `aws`.
 *
 * Source: https://docs.aws.amazon.com/general/latest/gr/rande.html and the `partitions.js` of the SDK, with which a test
 * compares this table
 */
const partitions: readonly Partition[] = [
  { name: 'aws-cn', regionStart: 'cn-', hosts: ['amazonaws.com.cn', 'api.amazonwebservices.com.cn'] },
  { name: 'aws-us-gov', regionStart: 'us-gov-', hosts: ['amazonaws.com', 'api.aws'] },
  { name: 'aws-eusc', regionStart: 'eusc-', hosts: ['amazonaws.eu', 'api.amazonwebservices.eu'] },
  { name: 'aws-iso', regionStart: 'us-iso-', hosts: ['c2s.ic.gov', 'api.aws.ic.gov'] },
  { name: 'aws-iso-b', regionStart: 'us-isob-', hosts: ['sc2s.sgov.gov', 'api.aws.scloud'] },
  { name: 'aws-iso-e', regionStart: 'eu-isoe-', hosts: ['cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk'] },
  { name: 'aws-iso-f', regionStart: 'us-isof-', hosts: ['csp.hci.ic.gov', 'api.aws.hci.ic.gov'] },
  { name: 'aws', regionStart: '', hosts: ['amazonaws.com', 'api.aws'] },
]

/** What names of resources in the region begin with, after `arn:`. */
export function partitionOf (region: string): string {
  return partitions.find(({ regionStart }) => region.startsWith(regionStart))?.name ?? 'aws'
}

/** What a permission on a log group names; the region may not be known. */
export function groupArn (region: string, group: string): string {
  return `arn:${partitionOf(region)}:logs:${region === '' ? '*' : region}:*:log-group:${group}`
}

/** Whether AWS itself answers there. */
export function isHostOfAws (hostname: string): boolean {
  return partitions.some(({ hosts }) => hosts.some(host => hostname.endsWith(`.${host}`)))
}
