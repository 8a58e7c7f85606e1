import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { createHttp } from '../../src/pipeline/http.ts'
import { dependencies } from '../support/http-dependencies.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp (http: string, sourcesOpen: Promise<unknown>) {
  const clock = new ManualClock()
  const { config } = loadConfig({ env: { SLUICE_HTTP: http }, readFile: () => '' })
  return { clock, http: createHttp({ ...dependencies(), config, sourcesOpen, clock, log: recordingLog().log }) }
}

async function statusOf (http: ReturnType<typeof createHttp>): Promise<number> {
  return (await fetch(`http://127.0.0.1:${http?.address?.port}/health/live`)).status
}

t.test('the port opens when the sources are open', async t => {
  const open = Promise.withResolvers<void>()
  const { http } = setUp('127.0.0.1:0', open.promise)
  const started = http?.start()
  await new Promise(setImmediate)
  t.equal(http?.address, undefined)
  open.resolve()
  await started
  t.equal(await statusOf(http), 200)
  await http?.stop()
})

t.test('a source that a disk holds up for ever keeps the port closed for half a second only', async t => {
  const { clock, http } = setUp('127.0.0.1:0', new Promise(() => {}))
  const started = http?.start()
  await clock.advance(499)
  t.equal(http?.address, undefined)
  await clock.advance(1)
  await started
  t.equal(await statusOf(http), 200)
  await http?.stop()
})

t.test('a stop while it waits ends all the same', async t => {
  const { clock, http } = setUp('127.0.0.1:0', new Promise(() => {}))
  const started = http?.start()
  const stopped = http?.stop()
  await clock.advance(500)
  await Promise.all([started, stopped])
  t.equal(http?.address, undefined)
})

t.test('off: there is none', t => {
  t.equal(setUp('off', Promise.resolve()).http, undefined)
  t.end()
})
