import t from 'tap'
import { createHooks } from '../support/hooks.ts'
import { askAt } from '../support/operator.ts'
import { startScenario } from '../support/scenario.ts'
import { shortDirectory } from '../support/sluice-process.ts'
import { uniqueLines } from '../support/unique-lines.ts'
import { until } from '../support/until.ts'

t.setTimeout(1_800_000)

const steps = { '90 seconds back': -90_000, '90 seconds on': 90_000, 'a day back': -86_400_000, 'a day on': 86_400_000 }
/** Far less than any of the steps: nothing waits until the wall clock has caught up. */
const promptMs = 20_000

for (const [words, offsetMs] of Object.entries(steps)) {
  t.test(`a wall clock that steps ${words} holds up no delivery, no join and no retry`, async t => {
    const hooks = createHooks(shortDirectory(t))
    const scenario = await startScenario(t, { env: hooks.env })
    const { aws } = scenario
    const sluice = await scenario.start()
    const operator = await askAt(sluice)
    await scenario.send(sluice, uniqueLines('before', 20))
    await scenario.arrived(sluice, 60)

    // Within a pause between two attempts, and with lines in a join and in open segments.
    aws.faults.set('s3', { mode: '503' })
    aws.faults.set('logs', { mode: 'throttle' })
    await scenario.send(sluice, uniqueLines('waiting', 20))
    await until('both wait to try again', () => operator.health(), ({ routes }) =>
      routes['access']?.state === 'paused' && routes['error']?.state === 'paused')
    hooks.stepClock(offsetMs)
    aws.faults.clear()
    const startMs = performance.now()
    await scenario.send(sluice, uniqueLines('stepped', 20))
    await scenario.arrived(sluice, 180)
    const tookMs = performance.now() - startMs
    t.ok(tookMs < promptMs, `all is delivered after ${Math.round(tookMs)} ms`)
    const { routes } = await operator.health()
    for (const { oldestPendingSeconds } of Object.values(routes)) {
      t.ok((oldestPendingSeconds ?? 0) >= 0 && (oldestPendingSeconds ?? 0) < promptMs / 1000, 'no age is made of the step')
    }

    hooks.stepClock(0)
    await scenario.send(sluice, uniqueLines('back', 20))
    await scenario.arrived(sluice, 240)
    t.match(await scenario.stop(sluice), { delivered: 240, pending: 0, rejected: 0 })
    scenario.balance(t)
  })
}

t.test('an event has the time that its sender gave, whatever the clock of Sluice says', async t => {
  const hooks = createHooks(shortDirectory(t))
  const scenario = await startScenario(t, { env: hooks.env })
  const { state } = scenario.aws
  const sluice = await scenario.start()
  const sent = uniqueLines('timed', 20).map((record, index) => ({ ...record, timeMs: Date.now() - 60_000 - index * 7 }))
  hooks.stepClock(-5_000)
  await scenario.send(sluice, sent)
  await scenario.arrived(sluice, sent.length)
  const times = new Map(state.streams().flatMap(([group, stream]) => state.events(group, stream))
    .map(({ message, timestamp }) => [message, timestamp]))
  const errors = sent.filter(({ fields }) => fields['source'] === 'stderr')
  t.equal(errors.length, 20)
  t.same(errors.map(({ fields }) => times.get(fields['log'] ?? '')), errors.map(({ timeMs }) => timeMs))
  hooks.stepClock(0)
  await scenario.stop(sluice)
  scenario.balance(t)
})
