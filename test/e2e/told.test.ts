import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { askAt, observed } from '../support/operator.ts'
import { sendRecords } from '../support/sender.ts'
import { shortDirectory, startSluice, type SluiceOptions, type SluiceProcess } from '../support/sluice-process.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

/** A process with the least quotas, and a destination that refuses until it is mended. */
function startAway (t: Test, env: SluiceOptions['env'] = {}) {
  const directory = shortDirectory(t)
  const destination = join(directory, 'delivered')
  writeFileSync(destination, 'in the way')
  const quotas = { SLUICE_ROUTES_ACCESS_MAX_BYTES: '1MiB', SLUICE_ROUTES_ERROR_MAX_BYTES: '1MiB' }
  const sluice = startSluice(t, {
    directory, env: { ...observed, ...quotas, SLUICE_FILE_DIRECTORY: destination, SLUICE_STOP_DEADLINE: '2s', ...env },
  })
  return { sluice, mend: () => rmSync(destination) }
}

/** Access lines of 100 KiB each. */
async function send (sluice: SluiceProcess, count: number): Promise<void> {
  const log = JSON.stringify({ status: 200, path: '/', agent: 'x'.repeat(100_000) })
  for (let sent = 0; sent < count; sent++) {
    await sendRecords(sluice.socketPath, [{ timeMs: Date.now(), fields: { source: 'stdout', log, container_name: '/web' } }])
  }
}

function told (sluice: SluiceProcess, msg: string): Record<string, unknown>[] {
  return sluice.output().split('\n').filter(line => line.includes(`"msg":"${msg}"`))
    .map(line => JSON.parse(line) as Record<string, unknown>)
}

t.test('the first drop is told at once with what to do, and not once a record', async t => {
  const { sluice } = startAway(t)
  const operator = await askAt(sluice)
  t.match(await operator.health(), { condition: 'ok', degradedSince: null, reasons: [] })
  await send(sluice, 7)
  const half = await until('half of the quota is told', () => told(sluice, 'half of a quota is used'), lines => lines.length > 0)
  t.match(half, [{ level: 'warn', route: 'access', quotaBytes: 1_048_576 }])
  t.same(told(sluice, 'records dropped'), [], 'before anything is dropped')
  await send(sluice, 13)
  const [first] = await until('the drop is told', () => told(sluice, 'records dropped'), lines => lines.length > 0)
  t.match(first, { level: 'warn', route: 'access', reason: 'quota' })
  t.match(first?.['advice'], /bring the destination back, or raise routes\.access\.maxBytes/)
  const { condition, reasons, state } = await operator.health()
  t.match({ condition, state }, { condition: 'degraded', state: 'running' })
  t.match(reasons, [/^route access has dropped \d+ records \(quota\) in the last .*: bring the destination back/])
  t.equal(await operator.live(), 200, 'nobody is to start it anew')
  await send(sluice, 20)
  sluice.kill('SIGTERM')
  await sluice.exited
  t.equal(told(sluice, 'half of a quota is used').length, 1, 'once')
  const report = sluice.report()
  const lines = [...told(sluice, 'records dropped'), ...told(sluice, 'records still dropped')]
  t.equal(lines.length, 2, 'the first, and what was dropped since, at the end')
  t.equal(lines.reduce((sum, { records }) => sum + Number(records), 0), report.dropped)
  t.match(report, { level: 'error', received: 40, balanced: true })
})

t.test('a heartbeat says that nothing happens, and what happened', async t => {
  const sluice = startSluice(t, { env: { ...observed, SLUICE_TELEMETRY_HEARTBEAT: '1s' } })
  await sluice.printed(/"received":0,.*"msg":"heartbeat"/)
  await send(sluice, 3)
  await sluice.printed(/"received":[123],.*"msg":"heartbeat"/)
  sluice.kill('SIGTERM')
  t.equal(await sluice.exited, 0, sluice.output())
})
