import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { makeMemoryCgroup } from '../support/memory-cgroup.ts'
import { startScenario } from '../support/scenario.ts'
import { uniqueLines } from '../support/unique-lines.ts'

t.setTimeout(1_800_000)

const MiB = 1024 * 1024
/** Of the container that the documentation names. */
const containerBytes = 256 * MiB
/** Promised: `spool.maxStall`; the rest is for a busy machine. */
const longestWaitMs = 3000
const container = makeMemoryCgroup(t, containerBytes)

t.test('more than all quotas hold while AWS hangs: the oldest go, counted, nobody waits, memory is bounded', async t => {
  const quotas = Object.fromEntries(['ACCESS', 'ERROR', 'APP'].map(name => [`SLUICE_ROUTES_${name}_MAX_BYTES`, '1MiB']))
  const scenario = await startScenario(t, {
    env: { ...quotas, SLUICE_SPOOL_MAX_STALL: '1s', SLUICE_DELIVERY_REQUEST_TIMEOUT: '2s' },
  })
  const { aws } = scenario
  const sluice = await scenario.start()
  // What it takes from here on counts.
  if (container !== undefined) writeFileSync(container.procsPath, String(sluice.pid))
  aws.faults.set('s3', { mode: 'hang' })
  aws.faults.set('logs', { mode: 'hang' })
  let worstMs = 0
  // Eight times what the quotas hold.
  const floods = ['a', 'b', 'c', 'd'].map(async name => {
    for (let round = 0; round < 20; round++) {
      await scenario.send(sluice, uniqueLines(`${name}-${round}`, 100, { padding: 'x'.repeat(900), container: name }))
    }
  })
  const over = new AbortController()
  const quiet = (async () => {
    for (let round = 0; !over.signal.aborted; round++) {
      const startMs = performance.now()
      const acked = await scenario.sendForAcks(sluice, uniqueLines(`quiet-${round}`, 1))
      if (acked.length === 3) worstMs = Math.max(worstMs, performance.now() - startMs)
      await delay(20)
    }
  })()
  await Promise.all(floods)
  over.abort()
  await quiet
  aws.faults.clear()
  const report = await scenario.stop(sluice, 74)
  t.ok(report.dropped > report.received / 2, `${report.dropped} of ${report.received} records dropped`)
  t.ok(worstMs < longestWaitMs, `the longest wait for an ack is ${Math.round(worstMs)} ms`)
  if (container !== undefined) t.equal(container.killedCount(), 0, 'the kernel ends nobody')
  scenario.balance(t, { mayDrop: ['quota', 'memory'], mayRepeat: true })
})
