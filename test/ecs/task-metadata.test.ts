import t from 'tap'
import { systemClock } from '../../src/contracts/clock.ts'
import { factsOf, noFacts } from '../../src/ecs/task-facts.ts'
import { readTaskMetadata } from '../../src/ecs/task-metadata.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { fargateTask, startMetadataEndpoint, type Answer } from '../support/metadata-endpoint.ts'
import { until } from '../support/until.ts'

const good = { body: JSON.stringify(fargateTask) }

t.test('outside of ECS nobody is asked', async t => {
  for (const uri of [undefined, '']) {
    t.same(await readTaskMetadata({ uri, clock: systemClock }), { facts: noFacts, problem: undefined })
  }
})

t.test('the task is asked for, and again after failures that pass, with pauses that double', async t => {
  const clock = new ManualClock()
  const endpoint = await startMetadataEndpoint(t, ['reset', { status: 500, body: 'error' }, { body: '{}' }, good])
  const reading = readTaskMetadata({ uri: endpoint.uri, clock })
  for (const pauseMs of [100, 200, 400]) {
    await until('the next pause has begun', () => clock.sleeps.at(-1), ms => ms === pauseMs)
    await clock.advance(pauseMs)
  }
  t.same(await reading, { facts: factsOf(fargateTask), problem: undefined })
  t.same(endpoint.asked, Array.from({ length: 4 }, () => '/v4/0123/task'))
})

t.test('an endpoint that fails, hangs or lies costs the patience and no more, and says what was found', async t => {
  const cases: readonly (readonly [Answer, RegExp])[] = [
    ['hang', /expected an answer in time/],
    [{ status: 404, body: '' }, /found 404/],
    [{ body: '<html>' }, /expected JSON/],
    [{ body: '"task"' }, /expected a task with its ARN/],
    [{ body: 'x'.repeat(2 * 1024 * 1024) }, /at most 1048576 bytes/],
  ]
  for (const [answer, words] of cases) {
    const clock = new ManualClock()
    const endpoint = await startMetadataEndpoint(t, [answer])
    const reading = readTaskMetadata({ uri: endpoint.uri, clock, patienceMs: 50 })
    if (answer === 'hang') await until('it was asked', () => endpoint.asked.length, count => count === 1)
    else await until('it was answered', () => clock.sleeps, sleeps => sleeps.length === 2)
    await clock.advance(50)
    const { facts, problem } = await reading
    t.same(facts, noFacts)
    t.match(problem, words)
    t.same(clock.sleeping, 0)
  }
})
