import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { createHooks } from '../support/hooks.ts'
import { startScenario, type Scenario } from '../support/scenario.ts'
import { shortDirectory, type SluiceProcess } from '../support/sluice-process.ts'
import { uniqueLines } from '../support/unique-lines.ts'

t.setTimeout(1_800_000)

const lines = () => uniqueLines('steady', 3000, { padding: 'x'.repeat(200) })

interface Way {
  readonly words: string
  readonly env?: Readonly<Record<string, string>>
  /** Before it is told to end. */
  prepare? (scenario: Scenario): void
  end (sluice: SluiceProcess, scenario: Scenario): Promise<void> | void
  readonly exitCode: number | null
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const
const hang: Pick<Way, 'prepare'> = {
  prepare: ({ aws }) => {
    aws.faults.set('s3', { mode: 'hang' })
    aws.faults.set('logs', { mode: 'hang' })
  },
}

/** Eight ways to stop, each in the middle of a load with acks. */
const ways: readonly Way[] = [
  ...signals.map((signal): Way => ({ words: signal, end: sluice => sluice.kill(signal), exitCode: 0 })),
  {
    ...hang,
    words: 'SIGTERM while AWS hangs, until the deadline is over',
    env: { SLUICE_STOP_DEADLINE: '3s' },
    end: sluice => sluice.kill('SIGTERM'),
    exitCode: 75,
  },
  {
    ...hang,
    words: 'a second signal while AWS hangs',
    end: async sluice => {
      sluice.kill('SIGTERM')
      await sluice.printed(/"msg":"stopping"/)
      sluice.kill('SIGINT')
    },
    exitCode: 75,
  },
  {
    words: 'SIGTERM while AWS answers slowly',
    prepare: ({ aws }) => {
      aws.faults.set('s3', { mode: 'slow', ms: 500, operation: 'PutObject' })
      aws.faults.set('logs', { mode: 'slow', ms: 500, operation: 'PutLogEvents' })
    },
    end: sluice => sluice.kill('SIGTERM'),
    exitCode: 0,
  },
  { words: 'SIGKILL', end: sluice => sluice.kill('SIGKILL'), exitCode: null },
]

for (const { words, env = {}, prepare, end, exitCode } of ways) {
  t.test(`${words} in the middle of a load: what was acked arrives, now or with the next start`, async t => {
    const scenario = await startScenario(t)
    prepare?.(scenario)
    const sluice = await scenario.start(env)
    const sending = ['a', 'b'].map(name => scenario.sendForAcks(sluice, lines().map(record =>
      ({ ...record, fields: { ...record.fields, log: record.fields['log']?.replace('steady', `steady-${name}`) ?? '' } }))))
    await delay(700)
    await end(sluice, scenario)
    t.equal(await sluice.exited, exitCode, sluice.output().slice(-2000))
    await Promise.all(sending)
    scenario.lives.push(exitCode === null ? undefined : sluice.report())
    t.ok(scenario.acked.length > 0, `${scenario.acked.length} lines were acked`)

    scenario.aws.faults.clear()
    const next = await scenario.start()
    t.match(await scenario.stop(next), { received: 0, pending: 0, dropped: 0 })
    scenario.balance(t, { refusedCount: 'unacked', mayRepeat: exitCode !== 0 })
  })
}

t.test('a disk that hangs holds up no stop, and what it never took is counted as dropped', async t => {
  const hooks = createHooks(shortDirectory(t))
  const scenario = await startScenario(t, { env: { ...hooks.env, SLUICE_STOP_DEADLINE: '2s', SLUICE_SPOOL_MAX_STALL: '500ms' } })
  const sluice = await scenario.start()
  await scenario.send(sluice, uniqueLines('before', 10))
  await scenario.arrived(sluice, 30)
  hooks.breakDisk({ operations: ['write'], code: 'hang', path: '/spool/' })
  await scenario.send(sluice, uniqueLines('during', 100))
  sluice.kill('SIGTERM')
  const startMs = performance.now()
  await sluice.exited
  t.ok(performance.now() - startMs < 20_000, `it takes ${Math.round(performance.now() - startMs)} ms`)
  const report = sluice.report()
  scenario.lives.push(report)
  t.equal(report.delivered, 30)
  t.equal(report.dropped + report.pending, 300)
  scenario.balance(t, { mayDrop: ['memory', 'stop'] })
})
