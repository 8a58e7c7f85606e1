import t from 'tap'
import fc from 'fast-check'
import type { Segment } from '../../src/contracts/segment.ts'
import { turns } from '../support/manual-clock.ts'
import { linesOf, openTestSpool, recount, type TestSpool } from './open-test-spool.ts'

/**
 * Random sequences of everything that may happen to a spool, against a simple model: the lines accepted, which of them
 * the spool said were stored, and which came out. Whatever happens,
 * - the equation of the ledger holds after every step,
 * - pending, once stored, is what an independent reader counts on the disk,
 * - a stored line comes out, unless a drop was counted for it; nothing comes out that did not go in, nor twice without
 *   a crash or a cursor that could not be written.
 */
type Step =
  | { readonly kind: 'append', readonly count: number, readonly container: number, readonly hour: number, readonly length: number }
  | { readonly kind: 'flush' | 'take' | 'release' | 'seal' | 'crash' | 'restart' | 'heal' }
  | { readonly kind: 'settle', readonly lines: number }
  | { readonly kind: 'advance', readonly ms: number }
  | { readonly kind: 'fail', readonly every: number, readonly code: string }
  | { readonly kind: 'short', readonly bytes: number }
  | { readonly kind: 'fill', readonly freeBytes: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 12 }),
      container: fc.nat(3),
      hour: fc.constantFrom(0, 0, 0, -1, 1, -5),
      length: fc.constantFrom(1, 20, 200, 700),
    })
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'flush' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'take' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('settle' as const), lines: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'release' }, { kind: 'seal' }, { kind: 'heal' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'crash' }, { kind: 'restart' }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(5, 25, 900, 70_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      every: fc.integer({ min: 1, max: 4 }),
      code: fc.constantFrom('EIO', 'ENOSPC', 'EROFS'),
    })
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('short' as const), bytes: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fill' as const), freeBytes: fc.nat(3000) }) }
)

const routes = [{ name: 'access', quotaBytes: 12_000, segmentMaxBytes: 1500, segmentMaxAgeMs: 60_000, isOrdered: true }]

class World {
  #test: TestSpool | undefined
  #boot = 0
  #held: Segment[] = []
  /** Lines by number: accepted by a spool that has not crashed since, or stored. */
  #lineCount = 0
  readonly #accepted = new Set<string>()
  readonly #stored = new Set<string>()
  readonly #delivered = new Map<string, number>()
  #droppedBefore = 0
  #mayRepeat = false
  /** What the spool found when it was opened: a file given up that could not be removed is there again. */
  #foundBytes = 0

  get test (): TestSpool {
    if (this.#test === undefined) throw new Error('an open spool was expected')
    return this.#test
  }

  async open (before?: TestSpool): Promise<void> {
    this.#held = []
    this.#test = await openTestSpool({
      boot: (++this.#boot).toString(16).padStart(32, '0'),
      routes,
      writeBufferBytes: 4096,
      maxOpenSegments: 3,
      ...before === undefined ? {} : { disk: before.disk.afterCrash(), clock: before.clock },
    })
    this.#foundBytes = this.test.access.pendingBytes
  }

  async run (one: Step): Promise<void> {
    const { access, append, spool, disk, clock, ledger } = this.test
    switch (one.kind) {
      case 'append':
        for (let n = 0; n < one.count; n++) {
          const text = `${++this.#lineCount} ${'x'.repeat(one.length)}`
          const timeMs = clock.wallMs() + one.hour * 3_600_000
          if (append(text, { container: one.container === 0 ? '' : `c${one.container}`, timeMs })) this.#accepted.add(text)
        }
        return
      case 'flush': {
        const before = [...this.#accepted]
        if (!await spool.stored()) return
        // More may lie there: cursors that could not be written, files that could not be removed.
        if (recount(disk) < access.pendingRecords) throw new Error('said to be stored, and is not on the disk')
        for (const text of before) this.#stored.add(text)
        return
      }
      case 'take': {
        const patience = new AbortController()
        const taken = access.take(patience.signal)
        await turns(6)
        patience.abort()
        const segment = await taken
        if (segment === undefined) return
        if (this.#held.some(({ container }) => container === segment.container)) throw new Error('two of one container')
        this.#held.push(segment)
        return
      }
      case 'settle': {
        const [segment] = this.#held
        if (segment === undefined) return
        const lines = linesOf(disk, segment).slice(0, one.lines)
        for (const text of lines) this.#delivered.set(text, (this.#delivered.get(text) ?? 0) + 1)
        const bytes = lines.reduce((sum, text) => sum + text.length + 1, 0)
        const settled = access.settle(segment, bytes, lines.length)
        ledger.counter('delivered', 'access').value += lines.length
        if (segment.deliveredBytes === segment.bytes) this.#held.shift()
        await settled
        return
      }
      case 'release': {
        const segment = this.#held.shift()
        if (segment !== undefined) access.release(segment)
        return
      }
      case 'seal': return await spool.sealAll()
      case 'advance': return await clock.advance(one.ms)
      case 'crash': {
        const before = this.test
        // Whatever the killed process has not written is gone; whatever it has not noted is delivered again.
        this.#mayRepeat = true
        this.#droppedBefore += ledger.snapshot().dropped.total
        for (const text of this.#accepted) if (!this.#stored.has(text)) this.#accepted.delete(text)
        before.disk.hang()
        return await this.open(before)
      }
      case 'restart': {
        const before = this.test
        if (access.problem !== undefined) this.#mayRepeat = true
        await spool.close()
        this.#droppedBefore += ledger.snapshot().dropped.total
        this.check()
        if (recount(before.disk) !== access.pendingRecords && !this.#mayRepeat) throw new Error('pending at the end is wrong')
        return await this.open(before)
      }
      case 'heal': return await this.heal()
      case 'fail': {
        let count = 0
        disk.fault = () => ++count % one.every === 0 ? one.code : undefined
        this.#mayRepeat = true
        return
      }
      case 'short':
        disk.maxWriteBytes = one.bytes
        return
      case 'fill':
        disk.capacityBytes = disk.usedBytes + one.freeBytes
    }
  }

  async heal (): Promise<void> {
    const { disk, clock } = this.test
    disk.fault = () => undefined
    disk.maxWriteBytes = Infinity
    disk.capacityBytes = 2 ** 30
    await clock.advance(15_000)
  }

  check (): void {
    const { ledger, access } = this.test
    const snapshot = ledger.snapshot()
    if (!snapshot.isBalanced) throw new Error(`out of balance: ${JSON.stringify(snapshot)}`)
    if (access.bytes < access.pendingBytes) throw new Error('fewer bytes than are pending')
    if (access.quotaBytes > 12_000 || access.pendingBytes > Math.max(12_000, this.#foundBytes)) throw new Error('over quota')
  }

  /** Lets everything out and compares. @returns how many lines came out */
  async finish (): Promise<number> {
    await this.heal()
    const { spool, access, disk, ledger } = this.test
    await this.run({ kind: 'flush' })
    await turns(20)
    if (recount(disk) !== access.pendingRecords) {
      throw new Error(`${access.pendingRecords} pending, ${recount(disk)} on the disk`)
    }
    while (this.#held.length > 0) await this.run({ kind: 'release' })
    await spool.sealAll()
    for (let left = access.pendingRecords; left > 0; left = access.pendingRecords) {
      await this.run({ kind: 'take' })
      await this.run({ kind: 'settle', lines: 10_000 })
      this.check()
      if (access.pendingRecords >= left) throw new Error('nothing comes out any more')
    }
    const dropped = this.#droppedBefore + ledger.snapshot().dropped.total
    const missing = [...this.#stored].filter(text => !this.#delivered.has(text))
    if (missing.length > dropped) throw new Error(`${missing.length} stored lines are missing, ${dropped} were dropped`)
    for (const [text, count] of this.#delivered) {
      if (!this.#accepted.has(text) && !this.#mayRepeat) throw new Error('a line came out that did not go in')
      if (count > 1 && !this.#mayRepeat) throw new Error('a line came out twice')
    }
    await spool.close()
    const rest = disk.paths().filter(path => path.includes('/spool/'))
    if (rest.length > 0 && !this.#mayRepeat) throw new Error(`left behind: ${rest.join()}`)
    return this.#delivered.size
  }
}

t.test('whatever happens, every line is delivered, pending or counted as dropped', async t => {
  let deliveredLines = 0
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 80, size: 'max' }), async steps => {
    const world = new World()
    await world.open()
    for (const one of steps) {
      await world.run(one)
      world.check()
    }
    deliveredLines += await world.finish()
  }), { interruptAfterTimeLimit: 15_000, numRuns: 150, timeout: 10_000 })
  t.ok(deliveredLines > 100, `${deliveredLines} lines came out in all`)
})
