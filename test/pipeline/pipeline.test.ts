import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { noFacts } from '../../src/ecs/task-facts.ts'
import { createPipeline } from '../../src/pipeline/pipeline.ts'
import type { CreateReplay } from '../../src/pipeline/sources.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

const never = new AbortController().signal

/** A pipeline whose only source starts when the test lets it. */
async function setUp (t: Test) {
  const opening = Promise.withResolvers<void>()
  const clock = new ManualClock()
  let looks = 0
  const source: ReturnType<CreateReplay> = {
    ended: new Promise(() => {}),
    name: 'test',
    isOpen: false,
    closed: undefined,
    lastReceivedMs: undefined,
    start: () => opening.promise,
    look: async () => { looks++ },
    drain: async () => {},
  }
  const { config } = loadConfig({
    env: { SLUICE_DATA_DIR: t.testdir(), SLUICE_HTTP: 'off', SLUICE_STOP_DEADLINE: '1s' },
    readFile: () => '',
  })
  const pipeline = await createPipeline({
    config,
    log: recordingLog().log,
    boot: randomBytes(16).toString('hex'),
    hostId: 'task1',
    facts: noFacts,
    replay: () => source,
    clock,
  })
  return { pipeline, clock, open: opening.resolve, looks: () => looks }
}

t.test('it runs once its sources have started, looks after them every five seconds, and no more after a stop', async t => {
  const { pipeline, clock, open, looks } = await setUp(t)
  const started = pipeline.start()
  t.equal(pipeline.facts().state, 'starting')
  open()
  await started
  t.equal(pipeline.facts().state, 'running')
  await clock.advance(10_000)
  t.equal(looks(), 2)
  t.equal(await pipeline.stop(never), true)
  await clock.advance(60_000)
  t.same([looks(), clock.sleeping], [2, 0])
})

t.test('a start that a stop overtakes sets no timer and does not say that it runs', async t => {
  const { pipeline, clock, open, looks } = await setUp(t)
  const started = pipeline.start()
  const stopped = pipeline.stop(never)
  open()
  await started
  t.equal(pipeline.facts().state, 'draining')
  t.equal(await stopped, true)
  await clock.advance(60_000)
  t.same([looks(), clock.sleeping], [0, 0])
})

t.test('a start that hangs holds up a stop until the deadline, which then says so', async t => {
  const { pipeline } = await setUp(t)
  void pipeline.start()
  t.equal(await pipeline.stop(never), false)
})
