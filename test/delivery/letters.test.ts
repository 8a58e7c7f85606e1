import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { aborted } from '../../src/contracts/clock.ts'
import { SluiceError } from '../../src/contracts/errors.ts'
import { Letters } from '../../src/delivery/letters.ts'
import { ManualClock, turns } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp (t: Test, hasStore: boolean, maxBytes = 1_000_000, root = t.testdir()) {
  const world = { directory: join(root, 'host'), isRefusing: false, isHanging: false, stored: [] as string[] }
  const clock = new ManualClock()
  const letters = new Letters({
    directory: () => world.directory,
    route: 'error',
    store: hasStore
      ? async (text, signal) => {
        if (world.isHanging) await aborted(signal)
        if (world.isRefusing) throw new SluiceError('ERR_SINK_UNAVAILABLE', 'no')
        world.stored.push(text.toString())
      }
      : undefined,
    maxBytes,
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

t.test('what an earlier process has left is stored, though no new letter comes', async t => {
  const before = setUp(t, true)
  before.world.isRefusing = true
  await before.keep('left')
  await before.letters.stop()
  const { clock, world } = setUp(t, true, 1_000_000, before.root)
  while (world.stored.length === 0) {
    await turns(10)
    await clock.advance(1_000)
  }
  t.match(world.stored, [/left/])
})

t.test('letters whose file was replaced before they were stored wait for no copy, and have none', async t => {
  const { world, letters, keep } = setUp(t, true, 100)
  world.isRefusing = true
  await keep('first')
  t.same([letters.waitingRecords, letters.localRecords], [1, 1])
  await keep('second')
  t.same([letters.waitingRecords, letters.localRecords], [1, 2])
})

t.test('a stop ends what is being stored, of every directory, and waits for its end', async t => {
  const { root, world, clock, letters, keep } = setUp(t, true)
  world.isHanging = true
  await keep('first')
  world.directory = join(root, 'host-2')
  await keep('second')
  await clock.advance(5_000)
  await letters.stop()
  t.equal(world.stored.length, 2)
})
