/**
 * The regions of today. AWS adds to them, so one that is not here is used too: the list only helps to find typing
 * errors. `test/config/aws-names.test.ts` compares it with that of the AWS SDK.
 */
export const regions: readonly string[] = [
  'af-south-1',
  'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3', 'ap-south-1', 'ap-south-2',
  'ap-southeast-1', 'ap-southeast-2', 'ap-southeast-3', 'ap-southeast-4', 'ap-southeast-5', 'ap-southeast-6', 'ap-southeast-7',
  'ca-central-1', 'ca-west-1',
  'cn-north-1', 'cn-northwest-1',
  'eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-1', 'eu-south-2', 'eu-west-1', 'eu-west-2', 'eu-west-3',
  'eu-isoe-west-1', 'eusc-de-east-1',
  'il-central-1', 'me-central-1', 'me-south-1', 'me-west-1', 'mx-central-1', 'sa-east-1', 'sa-west-1',
  'us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'us-gov-east-1', 'us-gov-west-1',
  'us-iso-east-1', 'us-iso-west-1', 'us-isob-east-1', 'us-isob-west-1', 'us-isof-east-1', 'us-isof-south-1',
]

interface Partition {
  /** As it stands in the names of resources: what an ARN names first. */
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
export const partitions: readonly Partition[] = [
  { name: 'aws-cn', regionStart: 'cn-', hosts: ['amazonaws.com.cn', 'api.amazonwebservices.com.cn'] },
  { name: 'aws-us-gov', regionStart: 'us-gov-', hosts: ['amazonaws.com', 'api.aws'] },
  { name: 'aws-eusc', regionStart: 'eusc-', hosts: ['amazonaws.eu', 'api.amazonwebservices.eu'] },
  { name: 'aws-iso', regionStart: 'us-iso-', hosts: ['c2s.ic.gov', 'api.aws.ic.gov'] },
  { name: 'aws-iso-b', regionStart: 'us-isob-', hosts: ['sc2s.sgov.gov', 'api.aws.scloud'] },
  { name: 'aws-iso-e', regionStart: 'eu-isoe-', hosts: ['cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk'] },
  { name: 'aws-iso-f', regionStart: 'us-isof-', hosts: ['csp.hci.ic.gov', 'api.aws.hci.ic.gov'] },
  { name: 'aws', regionStart: '', hosts: ['amazonaws.com', 'api.aws'] },
]

/** An ARN of a partition that is known. */
export const knownArn = new RegExp(`^arn:(?:${partitions.map(({ name }) => name).join('|')}):`)
