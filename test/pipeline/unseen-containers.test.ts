import t from 'tap'
import { createUnseenContainers } from '../../src/pipeline/unseen-containers.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

function watched (...names: string[]) {
  const clock = new ManualClock()
  const { log, lines } = recordingLog()
  const containers = Object.fromEntries(names.map(name => [name, {}]))
  const unseen = createUnseenContainers({ config: { containers, rules: [] }, clock, log })
  const pass = async (ms: number) => {
    await clock.advance(ms)
    unseen?.tick()
  }
  return { unseen, lines, pass }
}

t.test('a container of the settings of which no line comes is told once, with what was probably meant', async t => {
  const { unseen, lines, pass } = watched('wbe', 'api')
  unseen?.note('web')
  unseen?.note('api')
  await pass(299_999)
  t.same(lines, [])
  await pass(1)
  t.match(lines, [{ level: 'warn', containers: ['wbe'], heard: ['web', 'api'], meant: { wbe: 'web' }, msg: /^no line came of containers/ }])
  await pass(3_600_000)
  t.equal(lines.length, 1)
})

t.test('nothing is told while no line comes at all, nor of containers whose lines came', async t => {
  const quiet = watched('web')
  await quiet.pass(3_600_000)
  t.same(quiet.lines, [])
  const heard = watched('web')
  heard.unseen?.note('db')
  await heard.pass(299_000)
  heard.unseen?.note('web')
  await heard.pass(3_600_000)
  t.same(heard.lines, [])
})

t.test('settings without containers watch for none, and names that came are bounded', async t => {
  t.equal(watched().unseen, undefined)
  const { unseen, lines, pass } = watched('web')
  for (let number = 0; number < 100; number++) unseen?.note(`c${number}`)
  await pass(300_000)
  t.equal((lines[0] as unknown as { heard: string[] }).heard.length, 20)
})
