import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { deliveredLines } from '../support/delivered.ts'
import { originalOf, readable } from '../support/lines.ts'
import { shortDirectory } from '../support/sluice-process.ts'
import type { Fault } from './breaking-disk.ts'
import { carriers, type Carrier } from '../support/forward-frames.ts'
import { pieceShapes, shapes, type Pieces, type RecordClass, type Shape, type Unit } from './sent-lines.ts'
import { World } from './world.ts'

const hourMs = 3_600_000

type LineSpec =
  | { readonly kind: 'whole', readonly shape: Shape, readonly paddingBytes: number }
  | Pieces & {
    readonly kind: 'pieces'
    readonly order: 'kept' | 'reversed' | 'rotated'
    /** This piece comes with the next step that sends, `twice` besides now. */
    readonly late: number | undefined
    readonly twice: boolean
  }

type Step =
  | {
    readonly kind: 'send'
    readonly lines: readonly LineSpec[]
    readonly copies: number
    readonly container: number
    readonly hours: number
    readonly carrier: Carrier
    readonly wantsAck: boolean
    readonly tail: string
  }
  | { readonly kind: 'destination', readonly isBroken: boolean }
  | { readonly kind: 'disk', readonly fault: Fault }
  | { readonly kind: 'clock', readonly hours: number }
  | { readonly kind: 'restart', readonly isAtOnce: boolean, readonly freeBytes: number | undefined }

const tails: Readonly<Record<string, Buffer>> = {
  clean: Buffer.alloc(0),
  truncated: Buffer.from([0x93, 0xa1, 0x61]),
  http: Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  huge: Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff]),
}

const line: fc.Arbitrary<LineSpec> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('whole' as const),
      shape: fc.constantFrom(...shapes),
      paddingBytes: fc.oneof(fc.nat(300), fc.nat(5000)),
    })
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('pieces' as const),
      shape: fc.constantFrom(...pieceShapes),
      count: fc.integer({ min: 1, max: 5 }),
      pieceBytes: fc.constantFrom(1, 500, 6000),
      endsEmpty: fc.boolean(),
      order: fc.constantFrom('kept' as const, 'kept' as const, 'reversed' as const, 'rotated' as const),
      late: fc.option(fc.nat(4), { nil: undefined }),
      twice: fc.boolean(),
    })
  })

const send = fc.record({
  kind: fc.constant('send' as const),
  lines: fc.array(line, { minLength: 1, maxLength: 8 }),
  copies: fc.constantFrom(1, 1, 4, 20),
  container: fc.nat(3),
  hours: fc.constantFrom(0, 0, 0, 0, -1, -2, -30, 1, 2, 500),
  carrier: fc.constantFrom(...carriers),
  wantsAck: fc.boolean(),
  tail: fc.constantFrom('clean', 'clean', ...Object.keys(tails)),
})

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: send },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('destination' as const), isBroken: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('disk' as const),
      fault: fc.constantFrom('none' as const, 'none' as const, 'full' as const, 'failing' as const, 'flaky' as const),
    })
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clock' as const), hours: fc.constantFrom(1, 3, -1) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      isAtOnce: fc.boolean(),
      freeBytes: fc.constantFrom(undefined, undefined, 400_000),
    })
  })

/** Pieces that come later than their line. */
type Late = Unit[]

function unitsOf (world: World, step: Extract<Step, { kind: 'send' }>, late: Late): Unit[] {
  const from = { container: `web${step.container}`, timeMs: world.clock.wallMs() + step.hours * hourMs }
  const units = late.splice(0)
  for (let copy = 0; copy < step.copies; copy++) {
    for (const spec of step.lines) {
      if (spec.kind === 'whole') {
        units.push(world.sent.whole(spec.shape, spec.paddingBytes, from))
        continue
      }
      const pieces = world.sent.pieces(spec, from)
      if (spec.order === 'reversed') pieces.reverse()
      if (spec.order === 'rotated') pieces.push(...pieces.splice(0, 1))
      const held = spec.late === undefined ? undefined : pieces[spec.late]
      if (held !== undefined) late.push(held)
      units.push(...pieces.filter(piece => piece !== held || spec.twice))
    }
  }
  return units
}

async function take (world: World, step: Step, late: Late): Promise<void> {
  switch (step.kind) {
    case 'send': {
      const { carrier, wantsAck, tail } = step
      return await world.send(unitsOf(world, step, late), { carrier, wantsAck, tail: tails[tail] ?? Buffer.alloc(0) })
    }
    case 'destination':
      return step.isBroken ? world.breakDestination() : world.mendDestination()
    case 'disk':
      if (step.fault !== 'none') world.mayDrop = true
      world.disk.fault = step.fault
      return
    case 'clock':
      return world.clock.step(step.hours * hourMs)
    case 'restart':
      await world.stop(step.isAtOnce)
      world.disk.saysFreeBytes = step.freeBytes
      if (step.freeBytes !== undefined) world.mayEvict = true
      return await world.start()
  }
}

/** All that is delivered is what was sent, and all that was sent ended in one of the ways that the ledger names. */
function accountFor (world: World): void {
  const { sent } = world
  const counts = new Map<Unit, number>()
  let deliveredCount = 0
  for (const [class_, lines] of Object.entries(deliveredLines(world.directory)) as [RecordClass, readonly string[]][]) {
    for (const line of lines) {
      deliveredCount++
      const container = class_ === 'error' ? (JSON.parse(readable(line)) as { readonly c: string }).c : undefined
      const wrong = sent.wrongWith(originalOf(line, class_), class_, container, unit => {
        counts.set(unit, (counts.get(unit) ?? 0) + 1)
      })
      if (wrong !== undefined) throw new Error(`${wrong}: ${line.slice(0, 200)}`)
    }
  }
  for (const path of globSync('real/delivered/logs/*/*/error.ndjson', { cwd: world.directory })) {
    const [, container] = /\/logs\/([^/]+)\//.exec(path) ?? []
    const others = readFileSync(join(world.directory, path), 'utf8').split('\n')
      .filter(line => line !== '' && !line.includes(`"c":"${container}"`))
    if (others.length > 0) throw new Error(`${others.length} lines of other containers in ${path}`)
  }
  const totals = world.totals()
  const dropped = world.droppedBy()
  const isEqual = (what: string, found: number, expected: number) => {
    if (found === expected) return
    throw new Error(`${what}: found ${found}, expected ${expected}; ${JSON.stringify({ totals, dropped })}`)
  }
  const sum = (some: readonly Unit[]) => some.reduce((all, { sentCount }) => all + sentCount, 0)
  isEqual('received', totals.received, sent.sentCount)
  const units = [...sent.units]
  isEqual('filtered', totals.filtered, sum(units.filter(unit => unit.classes.length === 0)))
  const allowed = [...(world.mayEvict ? ['quota', 'disk_full'] : []), ...(world.mayDrop ? ['memory'] : [])]
  isEqual('dropped for no good reason', Object.keys(dropped).filter(reason => !allowed.includes(reason)).length, 0)
  if (!world.mayRepeat) isEqual('delivered', totals.delivered, deliveredCount)
  for (const unit of units) {
    const count = counts.get(unit) ?? 0
    if (count > unit.sentCount && !world.mayRepeat) throw new Error(`delivered ${count} times: ${unit.text.slice(0, 100)}`)
    if (count > 0 || unit.isEmpty || unit.sentCount === 0) continue
    if (totals.dropped === 0) throw new Error(`lost without a reason: ${unit.text.slice(0, 100)}`)
    // What a join holds is acked and in memory only.
    if (unit.isAcked && !unit.isPiece && dropped['quota'] === undefined && dropped['disk_full'] === undefined) {
      throw new Error(`lost after its ack: ${unit.text.slice(0, 100)}`)
    }
  }
}

/** Takes the steps, checking after each, ends in order and accounts for everything. @returns drops by their reason */
async function live (directory: string, steps: readonly Step[], seed = 1): Promise<Readonly<Record<string, number>>> {
  const world = new World(directory, seed)
  const late: Late = []
  try {
    await world.start()
    for (const each of steps) {
      await take(world, each, late)
      await world.agree()
    }
    world.mendDestination()
    world.disk.fault = 'none'
    await world.agree()
    await world.stop(false)
    accountFor(world)
    return world.droppedBy()
  } finally {
    await world.dispose()
  }
}

const many: Step = {
  kind: 'send',
  lines: [{ kind: 'whole', shape: 'error', paddingBytes: 3000 }, { kind: 'whole', shape: 'access', paddingBytes: 3000 }],
  copies: 200,
  container: 1,
  hours: 0,
  carrier: 'gzip',
  wantsAck: false,
  tail: 'clean',
}

t.test('a disk with little room gives up the oldest by that name, over restarts too', async t => {
  const dropped = await live(shortDirectory(t), [
    { kind: 'restart', isAtOnce: true, freeBytes: 400_000 },
    { kind: 'destination', isBroken: true },
    many,
    { kind: 'restart', isAtOnce: true, freeBytes: 400_000 },
    many,
  ])
  t.ok((dropped['disk_full'] ?? 0) > 100)
})

t.test('a full disk drops the newest by the name of memory, and what was taken before is delivered', async t => {
  const dropped = await live(shortDirectory(t), [
    { kind: 'destination', isBroken: true },
    many,
    { kind: 'disk', fault: 'full' },
    many,
    many,
    { kind: 'disk', fault: 'none' },
    { kind: 'restart', isAtOnce: true, freeBytes: undefined },
  ])
  t.same(Object.keys(dropped), ['memory'])
})

t.test('what a disk that fails has not taken is not acked', async t => {
  const acked: Step = { ...many, copies: 1, wantsAck: true }
  const dropped = await live(shortDirectory(t), [
    acked,
    { kind: 'disk', fault: 'failing' },
    acked,
    acked,
    { kind: 'restart', isAtOnce: true, freeBytes: undefined },
    acked,
  ])
  t.same(dropped, { memory: 4 })
})

t.test('whatever happens, the ledger balances, pending is what the disk holds, and every line ends as it says', async t => {
  const sequence = fc.array(step, { minLength: 5, maxLength: 30, size: 'max' })
  await fc.assert(fc.asyncProperty(sequence, fc.nat(), async (steps, seed) => {
    await live(shortDirectory(t), steps, seed)
    // A shorter failure would take many minutes to find: each life is one of a whole process.
  }), { numRuns: 5, endOnFailure: true, includeErrorInReport: true })
})
