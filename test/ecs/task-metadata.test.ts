import t from 'tap'
import { systemClock } from '../../src/contracts/clock.ts'
import { factsOf, noFacts } from '../../src/ecs/task-facts.ts'
import { readTaskMetadata } from '../../src/ecs/task-metadata.ts'
import { fargateTask, startMetadataEndpoint, type Answer } from '../support/metadata-endpoint.ts'

const good = { body: JSON.stringify(fargateTask) }

t.test('outside of ECS nobody is asked', async t => {
  for (const uri of [undefined, '']) {
    t.same(await readTaskMetadata({ uri, clock: systemClock }), { facts: noFacts, problem: undefined })
  }
})

t.test('the task is asked for, and again after failures that pass', async t => {
  const endpoint = await startMetadataEndpoint(t, ['reset', { status: 500, body: 'error' }, { body: '{}' }, good])
  t.same(await readTaskMetadata({ uri: endpoint.uri, clock: systemClock, patienceMs: 20_000 }),
    { facts: factsOf(fargateTask), problem: undefined })
  t.same(endpoint.asked, Array.from({ length: 4 }, () => '/v4/0123/task'))
})

t.test('an endpoint that fails, hangs or lies costs the patience and no more, and says what was found', async t => {
  const cases: readonly (readonly [Answer, RegExp])[] = [
    ['hang', /expected an answer in time/],
    [{ status: 404, body: '' }, /found 404/],
    [{ body: '<html>' }, /expected JSON/],
    [{ body: '"task"' }, /expected a task with its ARN/],
    [{ body: 'x'.repeat(2 * 1024 * 1024) }, /at most 1048576 bytes|in time/],
  ]
  for (const [answer, words] of cases) {
    const { uri } = await startMetadataEndpoint(t, [answer])
    const { facts, problem } = await readTaskMetadata({ uri, clock: systemClock, patienceMs: 300 })
    t.same(facts, noFacts)
    t.match(problem, words)
  }
})
