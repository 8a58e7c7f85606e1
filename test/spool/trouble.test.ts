import t from 'tap'
import { Trouble } from '../../src/spool/trouble.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

const refusal = (code: string) => Object.assign(new Error(`${code}: no`), { code })

t.test('a disk that refuses now and then is told once a minute, and what lasts within seconds', async t => {
  const { log, lines } = recordingLog()
  const clock = new ManualClock()
  const trouble = new Trouble({ route: 'error', metrics: new Metrics(), log, clock, onNoSpace: () => undefined })
  const words = () => lines.splice(0).map(({ msg, code, pausesBefore }) => [msg, code, pausesBefore])
  const blip = async () => {
    trouble.failed(blip, refusal('EIO'))
    t.equal(trouble.problem, 'EIO', 'the health page knows at once')
    await clock.advance(500)
    trouble.ended(blip)
    await clock.advance(500)
  }
  for (let second = 0; second < 60; second++) await blip()
  t.same(words(), [['spool paused', 'EIO', undefined], ['spool resumed', undefined, undefined]])
  await blip()
  t.same(words(), [['spool paused', 'EIO', 59], ['spool resumed', undefined, undefined]])

  trouble.failed(blip, refusal('EIO'))
  await clock.advance(5_000)
  t.same(words(), [])
  trouble.failed(blip, refusal('EIO'))
  trouble.failed(blip, refusal('EIO'))
  trouble.ended(blip)
  t.same(words(), [['spool paused', 'EIO', undefined], ['spool resumed', undefined, undefined]], 'this one lasted')
  trouble.failed(blip, refusal('ENOSPC'))
  t.same(words(), [['spool paused', 'ENOSPC', undefined]], 'another code is told at once')
})
