import t from 'tap'
import { regionFor } from '../../src/ecs/region.ts'
import { noFacts } from '../../src/ecs/task-facts.ts'

const task = { ...noFacts, taskArn: 'arn:aws-cn:ecs:cn-north-1:123456789012:task/shop/0123456789abcdef0123456789abcdef' }

t.test('the environment names the region, as the SDKs of AWS read it', async t => {
  t.equal(regionFor({ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' }, task), 'eu-west-1')
  t.equal(regionFor({ AWS_DEFAULT_REGION: 'eu-west-2' }, task), 'eu-west-2')
})

t.test('where it does not, as an older agent on EC2 leaves it, the task\'s ARN does', async t => {
  t.equal(regionFor({}, task), 'cn-north-1')
  t.equal(regionFor({ AWS_REGION: '' }, task), 'cn-north-1')
})

t.test('without a task, or with an ARN that is none, there is no region', async t => {
  t.equal(regionFor({}, noFacts), undefined)
  t.equal(regionFor({}, { taskArn: 'arn:aws:s3:::x' }), undefined)
})
