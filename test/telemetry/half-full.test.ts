import t from 'tap'
import { createHalfFull } from '../../src/telemetry/half-full.ts'
import { recordingLog } from '../support/recording-log.ts'

function setUp (quotaBytes = 1_000_000) {
  const route = { name: 'error', bytes: 0, quotaBytes }
  const { log, lines } = recordingLog()
  const look = createHalfFull([route], log)
  return { route, look, lines }
}

const nothingDropped = () => false

t.test('half of a quota is told with the time until it is full at the pace of the last minute', async t => {
  const { route, look, lines } = setUp()
  // Slow for an hour, then 100 bytes a second faster: only the last minute counts.
  let nowMs = 0
  for (; nowMs < 3_600_000; nowMs += 1_000) look(nowMs, nothingDropped)
  route.bytes = 400_000
  for (; nowMs <= 3_700_000; nowMs += 1_000) look(nowMs, nothingDropped)
  for (; lines.length === 0 && route.bytes < 1_000_000; nowMs += 1_000) {
    route.bytes += 1_000
    look(nowMs, nothingDropped)
  }
  t.equal(route.bytes, 500_000)
  t.match(lines, [{ level: 'warn', route: 'error', bytes: 500_000, quotaBytes: 1_000_000, msg: 'half of a quota is used' }])
  t.equal(lines[0]?.['fullInMs'], 500_000)
  t.match(lines[0]?.['outlook'], /^full in 8 min 20 s at the pace of the last 1 min/)
})

t.test('it is told once, and again only after less than 40 % was used', async t => {
  const { route, look, lines } = setUp()
  let nowMs = 0
  const use = (bytes: number) => {
    route.bytes = bytes
    look(nowMs += 1_000, nothingDropped)
    return lines.length
  }
  t.equal(use(0), 0)
  t.equal(use(499_999), 0)
  t.equal(use(500_000), 1)
  t.equal(use(900_000), 1)
  t.equal(use(400_000), 1)
  t.equal(use(600_000), 1, 'it hovers')
  t.equal(use(399_999), 1)
  t.equal(use(500_000), 2)
})

t.test('what is there at the start, or does not grow, has no time', async t => {
  const started = setUp()
  started.route.bytes = 700_000
  started.look(0, nothingDropped)
  t.match(started.lines, [{ msg: 'half of a quota is used', outlook: /not known yet/ }])
  t.notOk('fullInMs' in (started.lines[0] ?? {}))
  const shrunk = setUp()
  shrunk.route.bytes = 450_000
  shrunk.look(0, nothingDropped)
  // The disk has less room now, and so has the route.
  shrunk.route.quotaBytes = 900_000
  shrunk.look(1_000, nothingDropped)
  t.match(shrunk.lines, [{ outlook: /does not grow now/ }])
})

t.test('a disk that others fill is not told as a quota', async t => {
  const { look, route, lines } = setUp()
  look(0, nothingDropped)
  Object.assign(route, { bytes: 450_000, quotaBytes: 500_000, settingBytes: 1_000_000 })
  look(1_000, nothingDropped)
  t.match(lines, [{ msg: 'the disk of dataDir is low: half of what it leaves a route is used', settingBytes: 1_000_000 }])
})

t.test('an empty route without any room is not half full', async t => {
  const { look, lines } = setUp(0)
  look(0, nothingDropped)
  t.same(lines, [])
})

t.test('a route that drops records is past the warning: it comes before the first, or not at all', async t => {
  const { route, look, lines } = setUp()
  route.bytes = 1_000_000
  look(0, name => name === 'error')
  look(1_000, nothingDropped)
  t.same(lines, [])
  route.bytes = 300_000
  look(2_000, nothingDropped)
  route.bytes = 600_000
  look(3_000, name => name === 'access')
  t.match(lines, [{ msg: 'half of a quota is used' }])
})
