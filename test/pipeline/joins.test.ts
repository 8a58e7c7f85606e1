import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { createRecord, stream } from '../../src/contracts/record.ts'
import { createJoins } from '../../src/pipeline/joins.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'

/** Joins behind which each record takes `recordMs`. */
function setUp (recordMs: number, hasRoom = () => true, env = {}) {
  const { config } = loadConfig({ env, readFile: () => '' })
  let nowMs = 0
  const lines: string[] = []
  const joins = createJoins({
    config,
    clock: { monotonicMs: () => nowMs },
    ledger: new Ledger(),
    metrics: new Metrics(),
    hasRoom,
    emit ({ bytes, start, end }) {
      nowMs += recordMs
      lines.push(bytes.toString('latin1', start, end))
    },
  })
  return { joins, lines, pass: (ms: number) => { nowMs += ms } }
}

const pieceOf = (id: number) => ({
  ...createRecord(), bytes: Buffer.from('piece'), end: 5, stream: stream.stdout, partial: { id: `${id}`, ordinal: 1, isLast: false },
})

t.test('much that is of age goes a few records at a time, and others have their turns in between', async t => {
  const { joins, lines, pass } = setUp(2)
  for (let id = 0; id < 20; id++) joins.pieces.add(pieceOf(id))
  pass(10_000)
  joins.tick()
  const counts = [lines.length]
  while (lines.length < 20) {
    await new Promise(resolve => setImmediate(resolve))
    counts.push(lines.length)
  }
  t.equal(counts[0], 3)
  t.ok(counts.every((count, index) => index === 0 || count - (counts[index - 1] as number) <= 3), counts.join())
  t.equal(joins.pieces.pendingCount, 0)
})

t.test('what a record sets off is told, so that it counts as work of its sender', async t => {
  const { joins, lines } = setUp(0)
  for (let id = 0; id < 256; id++) joins.pieces.add(pieceOf(id))
  t.equal(joins.released.bytes, 0)
  joins.pieces.add(pieceOf(256))
  t.equal(lines.length, 1)
  t.equal(joins.released.bytes, 5)
})

t.test('at the stop all that is held is let go of, a while at a time, whether or not there is room', async t => {
  const { joins, lines } = setUp(2, () => false)
  for (let id = 0; id < 8; id++) joins.pieces.add(pieceOf(id))
  for (let id = 0; id < 8; id++) {
    joins.lines.add({ ...createRecord(), bytes: stack, end: stack.length, stream: stream.stderr, container: `web-${id}` })
  }
  const counts: number[] = []
  while (!joins.flush(5)) counts.push(lines.length)
  t.same(counts, [3, 6, 9, 12, 15])
  t.equal(lines.length, 16)
  t.same(lines.slice(0, 8), Array(8).fill('piece'), 'pieces first, since they may be lines of a trace')
  t.equal(joins.heldBytes, 0)
})

t.test('while nothing is held it is looked at half as often, unless what comes could be of age before the second look', async t => {
  const { joins, pass } = setUp(0)
  t.equal(joins.tickMs, 1_000)
  joins.pieces.add(pieceOf(1))
  t.equal(joins.tickMs, 500)
  pass(10_000)
  joins.tick()
  t.equal(joins.tickMs, 1_000)
  for (const name of ['TRACES_MAX_QUIET', 'TRACES_MAX_AGE', 'PARTIALS_MAX_AGE']) {
    t.equal(setUp(0, undefined, { [`SLUICE_JOIN_${name}`]: '400ms' }).joins.tickMs, 500)
  }
})

const stack = Buffer.from('Stack trace:')
