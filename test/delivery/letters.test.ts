import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SluiceError } from '../../src/contracts/errors.ts'
import { Letters } from '../../src/delivery/letters.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp (t: Test, hasStore: boolean) {
  const root = t.testdir()
  const world = { directory: join(root, 'host'), isRefusing: false, stored: [] as string[] }
  const clock = new ManualClock()
  const letters = new Letters({
    directory: () => world.directory,
    route: 'error',
    store: hasStore
      ? async text => {
        if (world.isRefusing) throw new SluiceError('ERR_SINK_UNAVAILABLE', 'no')
        world.stored.push(text.toString())
      }
      : undefined,
    maxBytes: 1_000_000,
    lost: { value: 0 },
    policy: { baseMs: 1_000, capMs: 60_000 },
    random: () => 0.5,
    clock,
    draining: new AbortController().signal,
    log: recordingLog().log,
  })
  t.teardown(() => letters.stop())
  const keep = (line: string) => letters.keep([{ line, reason: 'invalid' }])
  return { root, world, clock, letters, keep }
}

t.test('letters go to the directory that is this process\'s own now', async t => {
  const { root, world, letters, keep } = setUp(t, false)
  await keep('first')
  const path = join(root, 'host/error.ndjson')
  const before = readFileSync(path, 'utf8')
  world.directory = join(root, 'host-2')
  await keep('second')
  t.equal(readFileSync(path, 'utf8'), before, 'the files of another process are left alone')
  t.match(readFileSync(join(root, 'host-2/error.ndjson'), 'utf8'), /second/)
  t.same([letters.waitingRecords, letters.localRecords], [0, 0], 'without a bucket there are no copies')
})

t.test('copies of the letters in a directory that was lost are stored all the same', async t => {
  const { root, world, clock, letters, keep } = setUp(t, true)
  world.isRefusing = true
  await keep('first')
  world.directory = join(root, 'host-2')
  await keep('second')
  t.same([letters.waitingRecords, letters.localRecords], [2, 2])
  world.isRefusing = false
  while (letters.waitingRecords > 0) {
    await clock.advance(1_000)
    await turns(10)
  }
  await letters.stop()
  t.match(world.stored.sort(), [/first/, /second/])
  t.ok(existsSync(join(root, 'host-2/error.stored')))
})
