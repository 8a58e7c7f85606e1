import t from 'tap'
import { createStandstill } from '../../src/telemetry/standstill.ts'
import { recordingLog } from '../support/recording-log.ts'

t.test('that the process stood still is told when it goes on, with what to look at; ordinary looks say nothing', async t => {
  const { log, lines } = recordingLog()
  const look = createStandstill(1000, log)
  for (const atMs of [2000, 3000, 4500, 14_400]) look(atMs)
  t.same(lines, [])
  look(59_400)
  look(60_400)
  t.match(lines, [{ level: 'warn', msg: 'the process stood still', stoodMs: 45_000, times: 1, advice: /CPU.*SIGSTOP/ }])
})

t.test('one that stands still again and again is told once a minute, with all that came meanwhile', async t => {
  const { log, lines } = recordingLog()
  const look = createStandstill(0, log)
  for (let atMs = 15_000; atMs <= 150_000; atMs += 15_000) look(atMs)
  t.match(lines, [{ stoodMs: 15_000, times: 1 }, { stoodMs: 60_000, times: 4 }, { stoodMs: 60_000, times: 4 }])
  for (let atMs = 151_000; atMs <= 300_000; atMs += 1000) look(atMs)
  t.match(lines.slice(3), [{ stoodMs: 15_000, times: 1 }], 'the last one, when a minute is over')
})

t.test('the last look tells what is left', async t => {
  const { log, lines } = recordingLog()
  const look = createStandstill(0, log)
  for (const atMs of [1000, 16_000, 17_000, 47_000]) look(atMs)
  look(48_000, true)
  t.match(lines, [{ stoodMs: 15_000, times: 1 }, { stoodMs: 30_000, times: 1 }])
})
