import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import type { FaultMode } from '../support/aws/faults.ts'
import { linesInAws, startScenario, type Scenario } from '../support/scenario.ts'
import { markOf, uniqueLines, type LineClass } from '../support/unique-lines.ts'
import type { SluiceProcess } from '../support/sluice-process.ts'

t.setTimeout(1_800_000)

const count = 25
/** What a destination that is away may add to the way of the others' lines, ms: the noise of a busy machine. */
const noiseMs = 1000

/** How long each line of one class takes from its sending to the stand-in, ms, sorted. */
async function delaysMs (scenario: Scenario, sluice: SluiceProcess, name: string, only: LineClass): Promise<number[]> {
  const sentMs = new Map<string, number>()
  const arrivedMs = new Map<string, number>()
  const look = () => {
    for (const { text } of linesInAws(scenario.aws)) {
      const mark = markOf(text)
      if (sentMs.has(mark) && !arrivedMs.has(mark)) arrivedMs.set(mark, performance.now() - (sentMs.get(mark) ?? 0))
    }
    return arrivedMs.size === count
  }
  const all = scenario.aws.state.until(look)
  for (const record of uniqueLines(name, count, { only })) {
    sentMs.set(markOf(record.fields['log'] ?? ''), performance.now())
    // Something for the destination that is away, too.
    await scenario.send(sluice, [record, ...uniqueLines(`${name}-${sentMs.size}-other`, 1)])
    await delay(20)
  }
  await all
  return [...arrivedMs.values()].sort((a, b) => a - b)
}

const at = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)

for (const mode of ['hang', 'reset'] as const satisfies readonly FaultMode[]) {
  for (const [down, words, only] of [['s3', 'errors', 'error'], ['logs', 'access lines', 'access']] as const) {
    t.test(`${down} that is away (${mode}) does not delay ${words}`, async t => {
      const scenario = await startScenario(t)
      const { aws } = scenario
      const sluice = await scenario.start({ SLUICE_DELIVERY_REQUEST_TIMEOUT: '2s' })
      await delaysMs(scenario, sluice, 'warm', only)
      const well = await delaysMs(scenario, sluice, 'well', only)
      aws.faults.set(down, { mode })
      const ill = await delaysMs(scenario, sluice, 'ill', only)
      t.comment(`all well: median ${at(well, 0.5)} ms, longest ${at(well, 1)} ms; ${down} ${mode}: ${at(ill, 0.5)} ms, ${at(ill, 1)} ms`)
      t.ok(at(ill, 0.5) < at(well, 0.5) + noiseMs, `half of them within ${at(ill, 0.5)} ms`)
      t.ok(at(ill, 1) < at(well, 1) + 2 * noiseMs, `all of them within ${at(ill, 1)} ms`)
      aws.faults.clear()
      t.match(await scenario.stop(sluice), { pending: 0, dropped: 0 })
      scenario.balance(t, { mayRepeat: true })
    })
  }
}
