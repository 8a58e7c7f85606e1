import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SluiceError } from '../../src/contracts/errors.ts'
import { Mutex } from '../../src/contracts/mutex.ts'
import { LetterCopies } from '../../src/delivery/letter-copies.ts'
import { ManualClock, until } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

/** The file of letters, and what is stored of it; `refuse` says whether the store takes nothing. */
function setUp (t: Test, directory = t.testdir()) {
  const clock = new ManualClock()
  const { log, lines } = recordingLog()
  const world = {
    stored: [] as string[], isRefusing: false, isAnswerLost: false, tries: 0, answered: Promise.resolve(undefined),
  }
  const draining = new AbortController()
  const copies = new LetterCopies({
    directory,
    route: 'error',
    mutex: new Mutex(),
    policy: { baseMs: 1_000, capMs: 60_000 },
    random: () => 0.5,
    clock,
    draining: draining.signal,
    log,
    store: async text => {
      world.tries++
      if (world.isRefusing) throw new SluiceError('ERR_SINK_UNAVAILABLE', 'no')
      await world.answered
      world.stored.push(text.toString())
      if (world.isAnswerLost) throw new SluiceError('ERR_SINK_UNAVAILABLE', 'no')
    },
  })
  t.teardown(() => copies.stop())
  const path = join(directory, 'error.ndjson')
  const add = (...letters: string[]) => {
    appendFileSync(path, letters.map(letter => `${letter}\n`).join(''))
    copies.added(letters.length)
  }
  return { directory, path, clock, log, lines, world, draining, copies, add }
}

t.test('letters are gathered for five seconds, and then stored together', async t => {
  const { clock, world, copies, add } = setUp(t)
  await copies.ready
  add('a', 'b')
  await clock.advance(4_999)
  add('c')
  t.same([world.stored, copies.localRecords], [[], 3])
  await clock.advance(1)
  await until(() => copies.waitingRecords === 0)
  t.same(world.stored, ['a\nb\nc\n'])
  add('d')
  await clock.advance(5_000)
  await until(() => world.stored.length === 2)
  t.equal(world.stored[1], 'd\n')
})

t.test('a store that refuses is tried again with pauses, told once, and ends when it takes them', async t => {
  const { clock, world, copies, add, lines } = setUp(t)
  await copies.ready
  world.isRefusing = true
  add('a')
  while (world.tries < 5) await clock.advance(1_000)
  t.equal(copies.localRecords, 1)
  world.isRefusing = false
  while (copies.waitingRecords > 0) await clock.advance(1_000)
  await until(() => lines.length === 2)
  t.same(world.stored, ['a\n'])
  t.same(lines.map(({ msg }) => msg), [
    'dead letters not stored in S3: the file is the only copy until they are', 'dead letters are stored in S3 again',
  ])
})

t.test('letters of which it is not known whether they are stored are sent again as they were, whatever has come since', async t => {
  const { clock, world, copies, add } = setUp(t)
  await copies.ready
  world.isAnswerLost = true
  add('a', 'b')
  await clock.advance(5_000)
  await until(() => world.tries === 1)
  add('c')
  while (world.tries < 3) await clock.advance(1_000)
  world.isAnswerLost = false
  while (copies.waitingRecords > 0) await clock.advance(1_000)
  t.same(new Set(world.stored), new Set(['a\nb\n', 'c\n']))
})

t.test('a letter that comes in the moment in which all are stored is stored too', async t => {
  const { clock, world, copies, add, log } = setUp(t)
  await copies.ready
  world.isRefusing = true
  add('a')
  await clock.advance(5_000)
  await until(() => world.tries === 1)
  world.isRefusing = false
  // What is said when it takes them again is the last thing that is done of them.
  log.info = () => queueMicrotask(() => add('b'))
  while (world.stored.length < 1) await clock.advance(1_000)
  await until(() => copies.waitingRecords === 1)
  await clock.advance(5_000)
  await until(() => copies.waitingRecords === 0)
  t.same(world.stored, ['a\n', 'b\n'])
})

t.test('the next process stores what the one before has not, and nothing twice', async t => {
  const first = setUp(t)
  await first.copies.ready
  first.add('a')
  await first.clock.advance(5_000)
  await until(() => existsSync(join(first.directory, 'error.stored')))
  first.add('b', 'c')
  await first.copies.stop()
  const second = setUp(t, first.directory)
  await second.copies.ready
  t.equal(second.copies.waitingRecords, 2)
  await second.clock.advance(5_000)
  await until(() => second.copies.waitingRecords === 0)
  t.same(second.world.stored, ['b\nc\n'])
})

t.test('a file that was full before it was stored is counted until it is removed, and the next one is stored from its start', async t => {
  const { directory, path, clock, world, copies, add, lines } = setUp(t)
  await copies.ready
  add('a')
  await clock.advance(5_000)
  await until(() => copies.waitingRecords === 0)
  world.isRefusing = true
  add('b', 'c')
  renameSync(path, join(directory, 'error.old.ndjson'))
  t.equal(await copies.replaced(), 0)
  world.isRefusing = false
  add('d')
  while (copies.waitingRecords > 0) await clock.advance(1_000)
  t.same([world.stored, copies.localRecords], [['a\n', 'd\n'], 2])
  t.match(lines.map(({ msg }) => msg), [/in a file only/])
  t.equal(await copies.replaced(), 2, 'no copy of those is left')
  t.equal(copies.localRecords, 0)
})

t.test('the next process knows of the older file too what is stored nowhere else', async t => {
  const { directory, path, clock, world, copies, add } = setUp(t)
  await copies.ready
  add('a')
  await clock.advance(5_000)
  await until(() => copies.waitingRecords === 0 && existsSync(join(directory, 'error.stored')))
  world.isRefusing = true
  add('b', 'c')
  renameSync(path, join(directory, 'error.old.ndjson'))
  await copies.replaced()
  add('d')
  await copies.stop()
  const next = setUp(t, directory)
  await next.copies.ready
  t.same([next.copies.waitingRecords, next.copies.localRecords], [1, 3])
  renameSync(path, join(directory, 'error.old.ndjson'))
  t.equal(await next.copies.replaced(), 2)
  t.equal(next.copies.localRecords, 1)
})

t.test('letters that are stored while their file is replaced, once or twice, change nothing of the next one', async t => {
  for (const [times, localRecords] of [[1, 1], [2, 3]] as const) {
    const { directory, path, clock, world, copies, add } = setUp(t)
    await copies.ready
    add('a')
    const answer = Promise.withResolvers<undefined>()
    world.answered = answer.promise
    await clock.advance(5_000)
    await until(() => world.tries === 1)
    for (let round = 0; round < times; round++) {
      renameSync(path, join(directory, 'error.old.ndjson'))
      t.equal(await copies.replaced(), round, 'what is being stored is lost, as far as anybody knows')
      add('b'.repeat(1 + round))
      if (round > 0) add('c')
    }
    world.isRefusing = true
    answer.resolve(undefined)
    await until(() => world.stored.length === 1)
    while (world.tries < 3) await clock.advance(1_000)
    t.equal(copies.localRecords, localRecords)
    await copies.stop()
    const next = setUp(t, directory)
    await next.copies.ready
    t.equal(next.copies.localRecords, localRecords, 'the next process finds as many')
    for (const name of ['error.ndjson', 'error.old.ndjson', 'error.stored', 'error.old.stored']) rmSync(join(directory, name), { force: true })
  }
})

t.test('a stop gathers nothing and hurries, and what the store does not take by its end stays counted', async t => {
  const { world, copies, add, draining, clock } = setUp(t)
  await copies.ready
  add('a')
  draining.abort()
  await until(() => copies.waitingRecords === 0)
  world.isRefusing = true
  add('b')
  for (const triesBefore = world.tries; world.tries < triesBefore + 3;) await clock.advance(200)
  await Promise.all([copies.stop(), copies.stop()])
  t.same([world.stored, copies.localRecords], [['a\n'], 1])
})

t.test('a file that somebody removed leaves nothing to wait for', async t => {
  const { path, clock, copies, add, world } = setUp(t)
  await copies.ready
  add('a')
  rmSync(path)
  while (copies.waitingRecords > 0) await clock.advance(5_000)
  t.same(world.stored, [])
  add('b')
  t.equal(readFileSync(path, 'utf8'), 'b\n')
  while (copies.waitingRecords > 0) await clock.advance(5_000)
  await copies.stop()
  t.same(world.stored, ['b\n'])
})

t.test('where a file is in the way of the directory there are no letters, and nothing to tell', async t => {
  const { copies, lines } = setUp(t, join(t.testdir({ plain: '' }), 'plain/dead-letter'))
  await copies.ready
  t.same(lines, [])
})

t.test('nobody waits for the other end of a pipe in the place of the cursor', async t => {
  const directory = t.testdir({ 'error.ndjson': 'a\n' })
  for (const name of ['error.stored', 'error.stored.new']) execFileSync('mkfifo', [join(directory, name)])
  const { copies, clock, world, lines } = setUp(t, directory)
  await copies.ready
  await clock.advance(5_000)
  await until(() => lines.length > 0)
  t.same(world.stored, ['a\n'])
  t.equal(lines[0]?.['msg'], 'cursor of dead letters not written')
})
