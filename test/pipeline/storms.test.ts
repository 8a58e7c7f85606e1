import fc from 'fast-check'
import t from 'tap'
import { createRecord, stream } from '../../src/contracts/record.ts'
import { ruledWorld } from '../support/ruled-world.ts'

/** Whole by itself, so that no join holds it. */
const apache = (message: string, level = 'error') => `[Mon Nov 23 19:41:53.202944 2026] [core:${level}] [pid 1:tid 1] ${message}`
const on = { SLUICE_STORMS_DIVERT: 'true', SLUICE_STORMS_COUNT: '2' }

type World = ReturnType<typeof ruledWorld>

/** Takes errors, and ends what joins hold of them, but no window. */
async function takeErrors ({ take, clock, inbound }: World, lines: readonly string[], container = 'web'): Promise<void> {
  for (const line of lines) take(line, stream.stderr, container)
  await clock.advance(1_000)
  inbound.tick()
}

const routesOf = ({ written }: World) => written.map(line => line.split(' ')[0])
const messages = ({ written }: World, route: string) => written.filter(line => line.startsWith(`${route} `))
  .map(line => JSON.parse(line.slice(route.length + 1)) as { readonly m?: string, readonly log?: string })
  .map(({ m, log }) => m ?? log)

t.test('the first records of an error go where errors go, the rest to the route of storms, as they came', async t => {
  const world = ruledWorld('', { env: on })
  const lines = [1, 2, 3, 4].map(number => apache(`x took ${number} s`))
  await takeErrors(world, [...lines, apache('another')])
  t.same(messages(world, 'error'), [lines[0], lines[1], apache('another')])
  t.same(messages(world, 'storm'), [lines[2], lines[3]])
  t.same(world.told.map(({ route, storm, class: name }) => [route, storm, name]),
    [['error', 0, 'error'], ['error', 0, 'error'], ['storm', 3, 'error'], ['storm', 4, 'error'], ['error', 0, 'error']])
  t.equal(world.metrics.counter('sluice_storms_total', 'web').value, 1)
  t.ok(world.ledger.snapshot().isBalanced)
})

t.test('the end of the window writes one summary into the stream of the container, which counts as made', async t => {
  const world = ruledWorld('', { env: on })
  await takeErrors(world, [1, 2, 3].map(number => apache(`x took ${number} s`)), 'fpm')
  await world.clock.advance(58_999)
  world.inbound.tick()
  t.equal(world.written.length, 3)
  await world.clock.advance(1_000)
  world.inbound.tick()
  const summary = JSON.parse(world.written[3]?.slice('error '.length) ?? '') as { readonly c: string, readonly m: string }
  t.match(world.written[3], /^error /)
  t.equal(summary.c, 'fpm')
  t.match(summary.m, /^repeated 3 times in 60 s, first .*, last .*, fingerprint [0-9a-f]{12}; 1 of them went to route storm: x took 3 s$/)
  t.match(world.told[3], { rule: 'storm-summary', class: 'error', route: 'error', isAccepted: true, storm: 0 })
  const { made, isBalanced } = world.ledger.snapshot()
  t.same([made.by, isBalanced], [{ summary: 1 }, true])
  await takeErrors(world, [apache('x took 9 s')], 'fpm')
  t.equal(routesOf(world).at(-1), 'error', 'and the next window begins with none')
})

t.test('the stop sums up what joins let go of last too', async t => {
  const world = ruledWorld('', { env: { ...on, SLUICE_ERROR_FORMAT: 'json', SLUICE_ENRICH: '' } })
  for (let number = 0; number < 4; number++) world.take('PHP Warning:  x in /a.php on line 3', stream.stderr)
  world.inbound.flush()
  t.same(routesOf(world), ['error', 'error', 'storm', 'storm', 'error'])
  const { m } = JSON.parse(world.written[4]?.slice('error '.length) ?? '') as { readonly m: string }
  const summary = JSON.parse(m) as { readonly fingerprint: string }
  t.match(summary, { level: 'warn', origin: 'php', message: 'repeated 4 times in 1 s: x', storm: { count: 4, surplus: 2 } })
  t.match(world.written[2], `"fingerprint":"${summary.fingerprint}"`, 'the fingerprint is that of the records')
  t.ok(world.ledger.snapshot().isBalanced)
})

t.test('nothing is diverted unless it is asked for, nor of level crit and above, whoever gave the level', async t => {
  const off = ruledWorld('', {})
  await takeErrors(off, Array.from({ length: 300 }, () => apache('x')))
  t.notOk(off.config.storms.divert)
  t.same([...new Set(routesOf(off))], ['error'])
  const world = ruledWorld('rules: [{name: worse, when: {class: error, code: AH00094}, level: crit}]', { env: on })
  for (const line of [apache('x', 'crit'), apache('x', 'alert'), apache('x', 'emerg'), apache('AH00094: x')]) {
    await takeErrors(world, [line, line, line, line])
  }
  t.same(routesOf(world), Array.from({ length: 16 }, () => 'error'))
  world.inbound.flush()
  t.same(world.ledger.snapshot().made.by, {})
})

t.test('a rule of one\'s own wins: what it routes or leaves out is no storm', async t => {
  const world = ruledWorld(`
routes: {mine: {to: s3}}
error: {minLevel: warn}
rules:
  - {name: elsewhere, when: {class: error, code: AH00094}, route: mine}
  - {name: gone, when: {class: error, code: AH00126}, filter: true}
`, { env: on })
  await takeErrors(world, [1, 2, 3, 4].flatMap(() => [apache('AH00094: x'), apache('AH00126: x'), apache('x', 'info')]))
  t.same(routesOf(world), ['mine', 'mine', 'mine', 'mine'])
  world.inbound.flush()
  const { made, filtered, isBalanced } = world.ledger.snapshot()
  t.same([made.by, filtered.by, isBalanced], [{}, { gone: 4, 'below-level': 4 }, true])
})

t.test('copies are of every record, diverted or not; of the summary there is none', async t => {
  const world = ruledWorld('routes: {archive: {to: s3}, error: {copyTo: [archive]}}', {
    env: { ...on, SLUICE_ERROR_COPY_TO_S3: 'true' },
  })
  await takeErrors(world, [1, 2, 3, 4].map(() => apache('x')))
  world.inbound.flush()
  const counts = Object.fromEntries(['error', 'storm', 'archive', 'error-s3']
    .map(name => [name, routesOf(world).filter(route => route === name).length]))
  t.same(counts, { error: 3, storm: 2, archive: 4, 'error-s3': 4 })
  t.same(world.ledger.snapshot().made.by, { copy: 8, summary: 1 })
  t.ok(world.ledger.snapshot().isBalanced)
})

t.test('errors that become objects anyway stay together, and the surplus of a container goes to its own bucket', async t => {
  const objects = ruledWorld('routes: {error: {to: s3}}', { env: on })
  await takeErrors(objects, [1, 2, 3, 4].map(() => apache('x')))
  t.same([...new Set(routesOf(objects))], ['error'])
  const own = ruledWorld('containers: {shop: {logGroup: /shop, bucket: shop-own}}', { env: on })
  await takeErrors(own, [1, 2, 3].map(() => apache('x')), 'shop')
  await takeErrors(own, [1, 2, 3].map(() => apache('x')), 'web')
  own.inbound.flush()
  t.same(routesOf(own), ['error.shop', 'error.shop', 'storm.shop', 'error', 'error', 'storm', 'error.shop', 'error'])
  t.match(own.written.at(-2), /1 of them went to route storm\.shop/)
})

t.test('parts of a line that is too long stay where the others are', async t => {
  const world = ruledWorld('', { env: { ...on, SLUICE_STORMS_COUNT: '1' } })
  const accept = (part: 0 | 1 | 2 | 3) => {
    const bytes = Buffer.from(apache('x'))
    world.inbound.acceptor('test').accept({ ...createRecord(), bytes, end: bytes.length, stream: stream.stderr, part })
  }
  for (const part of [1, 2, 2, 3] as const) accept(part)
  t.same([...new Set(routesOf(world))], ['error'])
})

t.test('a card number is in no summary, in either format', async t => {
  for (const format of ['text', 'json']) {
    const world = ruledWorld('', { env: { ...on, SLUICE_ERROR_FORMAT: format } })
    const lines = ['4111 1111 1111 1111', '%34111111111111111', '4111\\x31111 1111 1111'].map(card => apache(`refused ${card}`))
    await takeErrors(world, [1, 2, 3, 4].flatMap(() => lines))
    world.inbound.flush()
    t.ok(world.ledger.snapshot().made.total > 0)
    t.notMatch(world.written.join('\n').replaceAll(/[^\d]/g, ''), /4111111111111111/)
    t.match(messages(world, 'error').at(-1), /refused 4111.*11\D+1111/)
  }
})

t.test('a summary that finds no room is dropped and counted; a record that the route of storms has no room for too', async t => {
  const world = ruledWorld('', { env: on, onAppend: (route, line) => route !== 'storm' && !line.includes('repeated') })
  await takeErrors(world, [1, 2, 3].map(() => apache('x')))
  world.inbound.flush()
  const { made, dropped, isBalanced } = world.ledger.snapshot()
  t.same([made.by, dropped.by, isBalanced], [{ summary: 1 }, { 'storm/memory': 1, 'error/memory': 1 }, true])
})

t.test('replay sends the surplus to the route of storms again, and among errors where there is none', async t => {
  const bytes = Buffer.from('{"log":"x"}')
  const record = { ...createRecord(), bytes, end: bytes.length, container: 'shop' }
  const again = (yaml: string, env = {}) => {
    const world = ruledWorld(yaml, { env })
    world.inbound.again('replay')(record, 'storm')
    return routesOf(world)
  }
  t.same(again('', on), ['storm'])
  t.same(again('containers: {shop: {bucket: shop-own}}', on), ['storm.shop'])
  t.same(again(''), ['error'])
})

t.test('the ledger balances with storms, rules and copies together, and nothing of what is asked is broken', async t => {
  const yaml = `
routes: {archive: {to: s3}, mine: {to: s3}, error: {copyTo: [archive]}}
containers: {shop: {logGroup: /shop, bucket: shop-own, copyTo: [archive]}}
error: {minLevel: notice}
rules:
  - {name: elsewhere, when: {class: error, code: AH00094}, route: mine}
  - {name: copied, when: {class: error, code: AH00126}, copyTo: mine}
  - {name: thinned, when: {class: error, code: AH00035}, sample: 2}
  - {name: gone, when: {class: error, code: AH00036}, filter: true}
  - {name: worse, when: {class: error, code: AH00052}, level: crit}
`
  const codes = ['AH00094', 'AH00126', 'AH00035', 'AH00036', 'AH00052', 'AH00001', 'AH00002']
  const step = fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        code: fc.constantFrom(...codes),
        level: fc.constantFrom('error', 'error', 'error', 'warn', 'info', 'crit'),
        container: fc.constantFrom('web', 'shop'),
        count: fc.integer({ min: 1, max: 6 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ passMs: fc.constantFrom(100, 1_000, 61_000) }) },
    { weight: 1, arbitrary: fc.record({ isFull: fc.boolean() }) }
  )
  let divertedInAll = 0
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), async steps => {
    let isFull = false
    const world = ruledWorld(yaml, { env: on, onAppend: route => !(isFull && (route === 'storm' || route === 'archive')) })
    let number = 0
    for (const each of steps) {
      if ('passMs' in each) {
        await world.clock.advance(each.passMs)
        world.inbound.tick()
      } else if ('isFull' in each) isFull = each.isFull
      else {
        for (let count = 0; count < each.count; count++) {
          world.take(apache(`${each.code}: number ${++number}`, each.level), stream.stderr, each.container)
        }
      }
      if (!world.ledger.snapshot().isBalanced) return false
    }
    world.inbound.flush()
    const { received, made, filtered, pending, isBalanced } = world.ledger.snapshot()
    const summaries = world.told.filter(({ rule }) => rule === 'storm-summary')
    const records = world.told.filter(({ rule }) => rule !== 'storm-summary')
    const diverted = records.filter(({ storm }) => storm > 0)
    divertedInAll += diverted.length
    return isBalanced && pending.total === 0 && received.total === number && records.length === number &&
      (made.by['summary'] ?? 0) === summaries.length &&
      (diverted.length > 0) === (summaries.length > 0) &&
      diverted.every(({ route, storm, ownRule }) => /^storm/.test(route ?? '') && storm > 2 && !['elsewhere', 'worse'].includes(ownRule ?? '')) &&
      filtered.total === records.filter(({ filter }) => filter !== undefined).length
  }), { numRuns: 60 })
  t.ok(divertedInAll > 100, `${divertedInAll} were diverted`)
})
