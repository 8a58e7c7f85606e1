import t from 'tap'
import fc from 'fast-check'
import type { RouteSpool } from '../../src/spool/spool.ts'
import { turns } from '../support/manual-clock.ts'
import { openTestSpool, recount, settleAll, spoolFiles, type TestSpool } from './open-test-spool.ts'

/**
 * Nothing waits for ever: whatever happened before, once the disk works and somebody takes, every record that was
 * accepted and not dropped is handed out within the age of its route and `boundMs`. In these words:
 * - the longest pause before what the disk refused is tried again, for writing and then for sealing: 2 s;
 * - the tick that looks for what nothing else woke up: 1 s;
 * - the pause before recovery is tried again, where a start had met a disk that refused: 10 s.
 */
const boundMs = { written: 3000, recovered: 13_000 }

const routes = [
  { name: 'error', quotaBytes: 12_000, segmentMaxBytes: 1500, segmentMaxAgeMs: 1000, isOrdered: true },
  { name: 'access', quotaBytes: 12_000, segmentMaxBytes: 1500, segmentMaxAgeMs: 5000, isOrdered: false },
]
const longestAgeMs = Math.max(...routes.map(({ segmentMaxAgeMs }) => segmentMaxAgeMs))

const hourMs = 3_600_000
const dayMs = 24 * hourMs

type Step =
  | { readonly kind: 'append' } & Readonly<Record<'route' | 'count' | 'container' | 'hours' | 'length', number>>
  | { readonly kind: 'advance' | 'stepWall', readonly ms: number }
  | { readonly kind: 'fail', readonly code: string, readonly where: string }
  | { readonly kind: 'hang' | 'heal' | 'lose' | 'busy' | 'restart' | 'crash' | 'expectAll' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      route: fc.nat(routes.length - 1),
      count: fc.integer({ min: 1, max: 8 }),
      container: fc.nat(4),
      hours: fc.constantFrom(0, 0, 0, 0, -1, 1, -5),
      // The longest is over the quota, the one before over what the write buffers of a route take with others in them.
      length: fc.constantFrom(1, 20, 200, 700, 4000, 13_000),
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(5, 25, 400, 1100, 20_000) })
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('stepWall' as const),
      ms: fc.constantFrom(-dayMs, -30 * 60_000, -90_000, 90_000, 30 * 60_000, dayMs),
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      code: fc.constantFrom('EIO', 'ENOSPC', 'EACCES'),
      // Everything, or what has to do with one container.
      where: fc.constantFrom('/', '/c1/', '/_/'),
    })
  },
  { weight: 2, arbitrary: fc.constantFrom<Step>({ kind: 'hang' }, { kind: 'heal' }, { kind: 'busy' }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ kind: 'restart' }, { kind: 'crash' }, { kind: 'lose' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'expectAll' }) }
)

/** Takes and settles what a route hands out, unless it is kept busy. */
class Taker {
  readonly #route: RouteSpool
  readonly #stop = new AbortController()
  takenRecords = 0
  #busy: PromiseWithResolvers<void> | undefined
  readonly done: Promise<void>

  constructor (route: RouteSpool) {
    this.#route = route
    this.done = this.#run()
  }

  beBusy (): void { this.#busy ??= Promise.withResolvers() }
  beIdle (): void {
    this.#busy?.resolve()
    this.#busy = undefined
  }

  async stop (): Promise<void> {
    this.#stop.abort()
    this.beIdle()
    await this.done
  }

  async #run (): Promise<void> {
    const { signal } = this.#stop
    for (;;) {
      await this.#busy?.promise
      const segment = await this.#route.take(signal)
      if (segment === undefined) return
      this.takenRecords += segment.records - segment.deliveredRecords
      await settleAll(this.#route, segment)
    }
  }
}

class World {
  #test: TestSpool | undefined
  #takers: Taker[] = []
  #boot = 0
  #takenRecords = 0
  #isRefused = false
  /** A start has met a disk that refused, or may have. */
  #mayRecoverLate = false

  get test (): TestSpool {
    if (this.#test === undefined) throw new Error('an open spool was expected')
    return this.#test
  }

  async open (before?: TestSpool): Promise<void> {
    this.#mayRecoverLate = this.#isRefused
    const fault = before?.disk.fault
    const disk = before?.disk.afterCrash()
    if (disk !== undefined && fault !== undefined) disk.fault = fault
    this.#test = await openTestSpool({
      boot: (++this.#boot).toString(16).padStart(32, '0'),
      routes,
      writeBufferBytes: 4096,
      maxOpenSegments: 3,
      ...before === undefined || disk === undefined ? {} : { disk, clock: before.clock },
    })
    // Two of each, as an ordered route has several.
    this.#takers = [...routes, ...routes].map(({ name }) => new Taker(this.test.spool.route(name)))
  }

  async run (one: Step): Promise<void> {
    const { spool, disk, clock } = this.test
    switch (one.kind) {
      case 'append': {
        const route = spool.route(routes[one.route]?.name ?? '')
        const line = Buffer.alloc(one.length, 'x')
        const container = one.container === 0 ? '' : `c${one.container}`
        for (let n = 0; n < one.count; n++) {
          route.append(clock.wallMs() + one.hours * hourMs, container, line, 0, line.length)
        }
        return
      }
      case 'advance': return await clock.advance(one.ms)
      case 'stepWall': return clock.stepWall(one.ms)
      case 'fail':
        this.#isRefused = true
        disk.fault = (_operation, path) => path.includes(one.where) ? one.code : undefined
        return
      case 'hang': return disk.hang()
      case 'heal': return this.#heal()
      case 'busy': return this.#takers.forEach(taker => taker.beBusy())
      case 'lose': {
        const [file] = spoolFiles(disk)
        if (file === undefined) return
        // Others hang, so that the removal is not one of their number.
        disk.resume()
        disk.fault = () => undefined
        this.#isRefused = false
        await disk.remove(`/data/host/spool/${file}`)
        return
      }
      case 'restart':
        disk.resume()
        await this.#stopTakers()
        await spool.close()
        return await this.open(this.test)
      case 'crash': {
        const before = this.test
        before.disk.hang()
        return await this.open(before)
      }
      case 'expectAll': return await this.expectAll()
    }
  }

  /** Lets all work, waits for as long as promised, and looks. */
  async expectAll (): Promise<void> {
    const { spool, disk, clock } = this.test
    this.#heal()
    for (const taker of this.#takers) taker.beIdle()
    // Whatever follows at once needs turns, not time.
    await turns(50)
    await clock.advance(longestAgeMs + (this.#mayRecoverLate ? boundMs.recovered : boundMs.written))
    this.#mayRecoverLate = false
    for (const { name } of routes) {
      const route = spool.route(name)
      for (let turn = 0; turn < 300 && route.pendingRecords > 0; turn++) await turns(1)
      if (route.pendingRecords > 0) throw new Error(`${route.pendingRecords} records of ${name} still wait`)
    }
    if (recount(disk) > 0) throw new Error(`${recount(disk)} records lie on the disk and are not known`)
  }

  /** @returns how many records were taken in all */
  async finish (): Promise<number> {
    await this.expectAll()
    await this.#stopTakers()
    await this.test.spool.close()
    return this.#takenRecords
  }

  #heal (): void {
    const { disk } = this.test
    disk.fault = () => undefined
    disk.resume()
    this.#isRefused = false
  }

  async #stopTakers (): Promise<void> {
    await Promise.all(this.#takers.map(taker => taker.stop()))
    for (const { takenRecords } of this.#takers) this.#takenRecords += takenRecords
  }
}

t.test('whatever happens, what was accepted is handed out in time once the disk works', async t => {
  let takenRecords = 0
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async steps => {
    const world = new World()
    await world.open()
    for (const one of steps) await world.run(one)
    takenRecords += await world.finish()
  }), { interruptAfterTimeLimit: 15_000, numRuns: 150, timeout: 10_000 })
  t.ok(takenRecords > 100, `${takenRecords} records were taken in all`)
})
