import fc from 'fast-check'
import t from 'tap'
import { factsOf, mergeFacts, noFacts } from '../../src/ecs/task-facts.ts'
import { taskArn } from '../support/firelens-config.ts'
import { fargateTask } from '../support/metadata-endpoint.ts'

const task = '0123456789abcdef0123456789abcdef'
const given = { cluster: '', taskArn: '', taskDefinition: '', instanceId: '' }

t.test('the endpoint\'s answer says which task this is, on Fargate with ARNs and on EC2 with names', async t => {
  const facts = { cluster: 'shop', taskArn, task, family: 'payment', revision: '42', az: 'ap-northeast-1a', instanceId: '' }
  t.same(factsOf(fargateTask), facts)
  t.same(factsOf({ ...fargateTask, Cluster: 'shop' }), facts)
})

t.test('what is not there, or of another type, is empty, whatever the answer is', async t => {
  t.same(factsOf({ TaskARN: taskArn }), { ...noFacts, taskArn, task })
  t.same(factsOf({ ...fargateTask, Family: 3, Revision: null, Cluster: 'x'.repeat(5000) }),
    { ...factsOf(fargateTask), family: '', revision: '', cluster: '' })
  fc.assert(fc.property(fc.anything(), answer => Object.values(factsOf(answer)).every(value => typeof value === 'string')))
})

t.test('what was given wins, one fact at a time', async t => {
  const found = factsOf(fargateTask)
  t.same(mergeFacts(given, found), found)
  t.same(mergeFacts({ ...given, taskDefinition: 'other:7', instanceId: 'i-0a' }, found),
    { ...found, family: 'other', revision: '7', instanceId: 'i-0a' })
  t.match(mergeFacts({ ...given, taskArn: `${taskArn}ff`, cluster: 'arn:aws:ecs:a:1:cluster/c' }, noFacts),
    { task: `${task}ff`, cluster: 'c', family: '' })
})
