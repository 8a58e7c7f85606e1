import { createRequire } from 'node:module'
import t from 'tap'
import { isHostOfAws, partitionOf } from '../../../src/sinks/aws/partitions.ts'

type PartitionOfSdk = (region: string) => Record<'name' | 'dnsSuffix' | 'dualStackDnsSuffix', string>

/** The SDK's own answer, from the package that its clients use. */
const fromClients = createRequire(createRequire(import.meta.url).resolve('@aws-sdk/client-s3'))
const { partition } = fromClients('@aws-sdk/core/client') as { readonly partition: PartitionOfSdk }

const regions = [
  'ap-northeast-1', 'eu-west-1', 'us-east-1', 'mx-central-1', 'cn-north-1', 'cn-northwest-1', 'us-gov-west-1',
  'eusc-de-east-1', 'us-iso-east-1', 'us-isob-west-1', 'eu-isoe-west-1', 'us-isof-south-1', 'xx-new-1', '',
]

t.test('names of resources begin, and host names end, as the SDK has it for the region', async t => {
  for (const region of regions) {
    const { name, dnsSuffix, dualStackDnsSuffix } = partition(region)
    t.equal(partitionOf(region), name, region)
    for (const suffix of [dnsSuffix, dualStackDnsSuffix]) t.ok(isHostOfAws(`s3.${region}.${suffix}`), suffix)
  }
})

t.test('a host that only looks like one of AWS is none', async t => {
  t.same(['amazonaws.com.example.org', 'notamazonaws.com', 'localhost', ''].filter(isHostOfAws), [])
})
