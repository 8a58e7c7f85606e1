import t from 'tap'
import { enrichmentOf } from '../../src/ecs/enrichment.ts'
import { factsOf, noFacts } from '../../src/ecs/task-facts.ts'
import { taskArn } from '../support/firelens-config.ts'
import { fargateTask } from '../support/metadata-endpoint.ts'

const names = ['ecs_cluster', 'ecs_task_arn', 'ecs_task_definition', 'ecs_task_family', 'ecs_task_revision', 'ecs_availability_zone'] as const

t.test('the fields that are asked for come in that order, by the names that Fluent Bit gives them', async t => {
  t.strictSame(Object.entries(enrichmentOf(names, factsOf(fargateTask))), [
    ['ecs_cluster', 'shop'],
    ['ecs_task_arn', taskArn],
    ['ecs_task_definition', 'payment:42'],
    ['ecs_task_family', 'payment'],
    ['ecs_task_revision', '42'],
    ['ecs_availability_zone', 'ap-northeast-1a'],
  ])
  t.same(enrichmentOf([], factsOf(fargateTask)), {})
})

t.test('what is not known is empty, and no part of a name is made up', async t => {
  t.same(enrichmentOf(names, noFacts), Object.fromEntries(names.map(name => [name, ''])))
})
