import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Mutex } from '../../src/contracts/mutex.ts'
import { createDeadLetters } from '../../src/delivery/dead-letters.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'

function create (directory: string, maxBytes = 1_000_000) {
  const lost = { value: 0 }
  const { log, lines } = recordingLog()
  return { keep: createDeadLetters({ directory, route: 'error', maxBytes, clock: new ManualClock(), mutex: new Mutex(), log, lost }), lost, lines }
}

t.test('a letter says when, from which route, why, and holds the record', async t => {
  const directory = join(t.testdir(), 'dead-letter')
  const { keep } = create(directory)
  await keep([{ line: '{"t":1,"c":"web","m":"x"}', reason: 'too_old' }, { line: 'no json', reason: 'invalid' }])
  const lines = readFileSync(join(directory, 'error.ndjson'), 'utf8').split('\n').slice(0, -1).map(line => JSON.parse(line) as unknown)
  t.match(lines, [
    { time: /^2026-11-23T/, route: 'error', reason: 'too_old', record: { t: 1, c: 'web', m: 'x' } },
    { route: 'error', reason: 'invalid', record: 'no json' },
  ])
})

t.test('both files together stay within the bound', async t => {
  const directory = t.testdir()
  const { keep } = create(directory, 10_000)
  const bytes = (name: string) => statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0
  for (let round = 0; round < 200; round++) {
    await keep([{ line: JSON.stringify({ m: `letter ${round} ${'日'.repeat(70)}` }), reason: 'invalid' }])
    t.ok(bytes('error.ndjson') + bytes('error.old.ndjson') <= 10_000)
  }
  t.match(readFileSync(join(directory, 'error.ndjson'), 'utf8'), /letter 199 /, 'the newest is there')
})

t.test('letters that are removed to make room are told, with how many and what to do, and count as lost', async t => {
  const { keep: keepAll, lines, lost } = create(t.testdir(), 2_000)
  const keep = async () => await keepAll([{ line: JSON.stringify({ m: 'x'.repeat(700) }), reason: 'invalid' }])
  await keep()
  await keep()
  t.same([lines.length, lost.value], [1, 0], 'there is room for two')
  await keep()
  t.equal(lost.value, 1)
  t.match(lines[1], { level: 'warn', route: 'error', records: 1, advice: /deadLetter\.maxBytes/, msg: /oldest dead letters are removed/ })
})

t.test('letters of several requests at once are all kept, as long as there is room', async t => {
  const directory = t.testdir()
  const { keep } = create(directory, 12_000)
  const line = (round: number) => JSON.stringify({ m: `letter ${round} ${'x'.repeat(200)}` })
  await Promise.all(Array.from({ length: 30 }, (_, round) => keep([{ line: line(round), reason: 'invalid' }])))
  const texts = ['error.old.ndjson', 'error.ndjson'].map(name => readFileSync(join(directory, name), 'utf8'))
  t.same(texts.join('').match(/letter \d+/g), Array.from({ length: 30 }, (_, round) => `letter ${round}`))
})

t.test('what cannot be kept is counted', async t => {
  const directory = join(t.testdir(), 'file')
  writeFileSync(directory, '')
  const { keep, lost } = create(directory)
  await keep([{ line: '{}', reason: 'invalid' }, { line: '{}', reason: 'invalid' }])
  t.equal(lost.value, 2)
})

t.test('whether letters are kept is told once, and again when it changes', async t => {
  const directory = join(t.testdir(), 'dead-letter')
  const { keep: keepAll, lines } = create(directory)
  const keep = async () => await keepAll([{ line: '{}', reason: 'invalid' }])
  for (const isRefusing of [false, true, false]) {
    rmSync(directory, { recursive: true, force: true })
    if (isRefusing) writeFileSync(directory, '')
    await keep()
    await keep()
  }
  const kept = 'records refused for good are kept'
  t.same(lines.map(({ msg }) => msg), [kept, 'records refused for good cannot be kept', kept])
})

t.test('letters are for nobody else to read, whatever the umask', async t => {
  const directory = join(t.testdir(), 'dead-letter')
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  await create(directory).keep([{ line: '{}', reason: 'invalid' }])
  const modes = [directory, join(directory, 'error.ndjson')].map(path => (statSync(path).mode & 0o777).toString(8))
  t.same(modes, ['700', '600'])
})

t.test('nobody waits for the other end of a pipe that somebody put in the place of the file, and no link is followed', async t => {
  const directory = t.testdir({ victim: 'theirs' })
  const path = join(directory, 'error.ndjson')
  for (const [command, ...args] of [['mkfifo', path], ['ln', '-s', 'victim', path]] as const) {
    execFileSync(command, args)
    const { keep, lost } = create(directory)
    await keep([{ line: '{}', reason: 'invalid' }])
    t.equal(lost.value, 1, command)
    rmSync(path)
  }
  t.equal(readFileSync(join(directory, 'victim'), 'utf8'), 'theirs')
})
