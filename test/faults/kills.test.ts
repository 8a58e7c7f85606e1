import t from 'tap'
import { setTimeout as delay } from 'node:timers/promises'
import { createRandom } from '../support/access-lines.ts'
import { startScenario } from '../support/scenario.ts'
import { uniqueLines } from '../support/unique-lines.ts'

t.setTimeout(3_600_000)

/** KILLS=100 takes some minutes. */
const killCount = Number(process.env['KILLS'] ?? 5)
const seed = Number(process.env['SEED'] ?? 20261129)

const env = {
  SLUICE_HTTP: 'off',
  SLUICE_OBJECTS_MAX_BYTES: '64KiB',
  SLUICE_DELIVERY_REQUEST_TIMEOUT: '10s',
}

t.test(`what was acked is delivered, whole and in no object twice, over ${killCount} SIGKILLs (seed ${seed})`, async t => {
  const scenario = await startScenario(t, { env })
  const { aws } = scenario
  const random = createRandom(seed)
  // Some answers are lost, so that a kill also falls between the storing and what is known of it.
  aws.faults.set('s3', { mode: 'lost', rate: 0.1 }, { mode: '503', rate: 0.1 })
  aws.faults.set('logs', { mode: 'lost', rate: 0.1 }, { mode: 'throttle', rate: 0.1 })
  let emptyLives = 0
  for (let life = 0; life < killCount; life++) {
    const sluice = await scenario.start()
    const before = scenario.acked.length
    // Some are killed while they recover what the one before left, some in a stop, most under load.
    const senders = ['a', 'b', 'c'].map(name =>
      scenario.sendForAcks(sluice, uniqueLines(`${life}${name}`, 4000, { padding: 'x'.repeat(random(300)) })))
    await delay(random(life % 10 === 0 ? 2000 : 500))
    if (life % 5 === 4) {
      sluice.kill('SIGTERM')
      await delay(random(200))
    }
    await scenario.kill(sluice)
    await Promise.all(senders)
    if (scenario.acked.length === before) emptyLives++
  }
  aws.faults.clear()
  const last = await scenario.start()
  const report = await scenario.stop(last)
  t.match(report, { received: 0, dropped: 0, pending: 0 })
  t.comment(`${scenario.sent.length} sent, ${scenario.acked.length} acked, ${emptyLives} lives without an ack`)
  t.ok(scenario.acked.length > killCount * 30, 'most lives take something')
  scenario.balance(t, { mayRepeat: true })
})
