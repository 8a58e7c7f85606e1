import fc from 'fast-check'
import t from 'tap'
import { stream, type Stream } from '../../../src/contracts/record.ts'
import { ruledWorld } from '../../support/ruled-world.ts'

/** Whether a rule with this `when` matches an access line with these fields. */
function matches (when: string, fields: object, container = 'web'): boolean {
  const world = ruledWorld(`rules: [{name: r, when: ${when}, filter: true}]`)
  world.take(JSON.stringify({ status: 200, path: '/a/b.php', method: 'GET', ...fields }), stream.stdout, container)
  return world.told[0]?.filter === 'r'
}

t.test('each kind of condition holds for what it says, and for nothing else', async t => {
  const cases: readonly (readonly [string, object, object])[] = [
    ['{path: /a/b.php}', {}, { path: '/a/b.php2' }],
    ['{path: [/x, /a/b.php]}', {}, { path: '/y' }],
    ['{path: "/a/*"}', {}, { path: '/b/a/' }],
    ['{path: "*.php"}', {}, { path: '/a.phpx' }],
    ['{path: "/*b*.p*p"}', {}, { path: '/a.php' }],
    ['{path: "~^/a/[a-z]+[.]php$"}', {}, { path: '/a/1.php' }],
    ['{path: /a}', { path: '/a?b=c' }, { path: '/ab' }],
    ['{path: "/ü"}', { path: '/ü' }, { path: '/u' }],
    ['{query: "b=*"}', { path: '/a?b=c' }, { path: '/a' }],
    ['{query: "b=c"}', { query: '?b=c' }, { query: 'b=cd' }],
    ['{status: ">=500"}', { status: 500 }, { status: 499 }],
    ['{status: "5*"}', { status: '503' }, { status: 305 }],
    ['{status: [404, ">=500"]}', { status: 404 }, { status: 403 }],
    ['{bytes: ">1000"}', { bytes: 1001 }, { bytes: '-' }],
    ['{duration: ">2s"}', { duration_us: 2_000_001 }, { duration_us: 2_000_000 }],
    ['{duration: "<=10ms"}', { duration_ms: '10' }, { duration: 1 }],
    ['{client: 10.0.0.0/8}', { remote_ip: '10.255.0.1' }, { remote_ip: '11.0.0.1' }],
    ['{client: "fd00::/8"}', { client_ip: 'fd12::1' }, { client_ip: '10.0.0.1' }],
    ['{client: 127.0.0.1}', { client: '127.0.0.1' }, { client: '127.0.0.11' }],
    ['{agent: "ELB-HealthChecker*"}', { user_agent: 'ELB-HealthChecker/2.0' }, { user_agent: 'x ELB-HealthChecker/2.0' }],
    ['{method: [GET, HEAD]}', { method: 'HEAD' }, { method: 'POST' }],
    ['{keys: {tenant: shop}}', { tenant: 'shop' }, { tenant: ['shop'] }],
    ['{keys: {ok: true, n: ">1"}}', { ok: true, n: 1.5 }, { ok: true, n: 1 }],
    ['{keys: {status: 200}}', {}, { status: 201 }],
    ['{keys: {a: "say \\"x\\""}}', { a: 'say "x"' }, { a: 'say x' }],
    ['{keys: {context.user.id: 7}}', { context: { user: { id: 7 } } }, { context: { user: { id: 70 } }, user: { id: 7 }, id: 7 }],
    ['{keys: {"items[1].sku": b, "tags[0]": x}}', { items: [{ sku: 'a' }, { sku: 'b' }], tags: ['x'] }, { items: [{ sku: 'b' }], tags: ['x'] }],
    ['{line: "~(?<=needle[^]*)(?<=hay[^]*)"}', { x: 'hay needle' }, { x: 'needle' }],
    ['{path: "~(?<!debug[^]*)(?-m:$)"}', { path: '/a' }, { path: '/debug/a' }],
    ['{keys: {log.level: info}}', { 'log.level': 'info' }, { log: { level: ['info'] } }],
    ['{keys: {a.b: "\\u00e9 \\"*"}}', { a: { b: 'é "x' } }, { a: { b: 'e "x' } }],
    ['{keys: {"k.labels.app.io/name": "~^sh"}}', { k: { labels: { 'app.io/name': 'shop' } } }, { k: { labels: { app: 'shop' } } }],
    ['{host: shop.test, referer: "https://*"}', { host: 'shop.test', referer: 'https://x' }, { host: 'shop.test' }],
    ['{line: "*needle*"}', { x: 'a needle' }, {}],
    ['{container: "we*", source: stdout, class: access}', {}, { path: undefined, method: undefined }],
  ]
  for (const [when, yes, no] of cases) {
    t.equal(matches(when, yes), true, when)
    t.equal(matches(when, no), false, `not ${when}`)
  }
})

t.test('what an error or a line of an application tells can be asked for', async t => {
  const taken = (when: string, line: string, from: Stream = stream.stderr) => {
    const world = ruledWorld(`rules: [{name: r, when: ${when}, filter: true}]`)
    world.take(line, from)
    world.inbound.flush()
    return world.told[0]?.filter === 'r'
  }
  const apache = '[Mon Nov 23 19:41:53.202944 2026] [core:notice] [pid 1:tid 1] AH00094: Command line: httpd'
  const monolog = '{"message":"no stock","context":{},"level":400,"level_name":"ERROR","channel":"shop","tenant":"t1"}'
  t.ok(taken('{level: notice, code: AH00094, message: "Command*"}', apache))
  t.ok(taken('{level: "<warn", keys: {module: core}}', apache))
  t.notOk(taken('{level: ">=warn"}', apache))
  for (const from of [stream.stderr, stream.stdout]) {
    t.ok(taken('{level: ">=error", channel: shop, message: "~no [a-z]+", keys: {tenant: t1}}', monolog, from))
    t.notOk(taken('{channel: other}', monolog, from))
  }
})

t.test('a key within an object is asked of lines of every class, and a line that only begins as JSON is no trouble', async t => {
  const taken = (line: string, from: Stream) => {
    const world = ruledWorld('rules: [{name: r, when: {keys: {context.tenant: "t*"}}, filter: true}]')
    t.equal(world.take(line, from), true)
    world.inbound.flush()
    t.ok(world.ledger.snapshot().isBalanced)
    return world.told[0]?.filter === 'r'
  }
  for (const from of [stream.stdout, stream.stderr]) {
    t.ok(taken('{"message":"no stock","context":{"tenant":"t1"},"level":400,"level_name":"ERROR","channel":"shop"}', from))
    t.ok(taken('{"message":"no stock","context":{"a":[{"tenant":1}],"tenant":"t1"}}', from))
    for (const other of ['{"context":{"tenant":"t\\x41"', '{"context":{"tenant":"t\\x"}}x', '{"context":', '{', '{"context":{"tenant":"t', 'context.tenant: t1']) {
      t.notOk(taken(other, from), other)
    }
  }
})

t.test('unless keeps a rule from what it says, all of it', async t => {
  const world = ruledWorld('rules: [{name: r, when: {class: access}, unless: {method: GET, status: "<400"}, filter: true}]')
  for (const [method, status] of [['GET', 200], ['GET', 500], ['POST', 200]]) world.take(JSON.stringify({ method, status, path: '/' }))
  t.same(world.told.map(({ filter }) => filter), [undefined, 'r', 'r'])
})

t.test('a sample keeps one of so many, always the same, and whole traces', async t => {
  const kept = (lines: readonly object[]) => {
    const world = ruledWorld('rules: [{name: few, when: {class: access}, sample: 10}]')
    for (const line of lines) world.take(JSON.stringify({ status: 200, path: '/', ...line }))
    t.ok(world.ledger.snapshot().isBalanced)
    t.equal(world.ledger.snapshot().filtered.total, lines.length - world.written.length)
    return world.written
  }
  const lines = Array.from({ length: 5000 }, (_, n) => ({ n }))
  const first = kept(lines)
  t.ok(first.length > 400 && first.length < 600, String(first.length))
  t.same(kept(lines), first)
  const traces = Array.from({ length: 400 }, (_, n) => [{ n, trace_id: `t${n}` }, { m: n, trace_id: `t${n}` }]).flat()
  const ids = kept(traces).map(line => (JSON.parse(line.slice(7)) as { trace_id: string }).trace_id)
  t.ok(ids.length > 20)
  t.equal(ids.length, new Set(ids).size * 2, 'both lines of a trace or none')
  const parents = Array.from({ length: 400 }, (_, n) => ['a', 'b'].map(span =>
    ({ traceparent: `00-${n.toString(16).padStart(32, '0')}-${span.repeat(16)}-01` }))).flat()
  t.equal(kept(parents).length % 2, 0, 'spans of a trace stay together')
})

const actions = ['filter: true', 'sample: 2', 'route: mine', 'route: mine, copyTo: [other]', 'copyTo: [other, mine]',
  'level: crit', 'add: {x: 1}', 'remove: path', 'rename: {path: p}', 'mask: [path, status]', 'add: {x: 1}, route: other']
const whens = ['{class: access}', '{class: error}', '{class: [app, invalid]}', '{status: ">=400"}', '{path: "/a*"}', '{}',
  '{level: ">=error"}', '{message: "*a*"}', '{keys: {t: a}}', '{line: "~[0-9]+"}', '{method: GET, client: 10.0.0.0/8}']
const lines = ['{"status":200,"path":"/a","t":"a"}', '{"status":500,"path":"/b","trace_id":"1"}', '{"status":-,"path":"/\\x41"}',
  '{"status":200,"path":"/', '10.1.2.3 - - [23/Nov/2026:19:34:38 +0000] "GET /a HTTP/1.1" 404 1', 'words', '', '{"t":"a"}',
  '[Mon Nov 23 19:41:53.202944 2026] [core:error] [pid 1:tid 1] AH00094: a', '{"level":500,"message":"a","t":"a"}']

t.test('whatever the rules, each record ends once on each of its routes, and the ledger balances', async t => {
  const rule = fc.tuple(fc.constantFrom(...whens), fc.constantFrom(...actions))
  const record = fc.tuple(fc.constantFrom(...lines), fc.constantFrom(stream.stdout, stream.stderr, stream.none))
  type Pairs<Second> = readonly (readonly [string, Second])[]
  const outcomes = (rules: Pairs<string>, records: Pairs<Stream>, format: string) => {
    const world = ruledWorld(`
routes: {mine: {to: s3}, other: {to: cloudwatch}, error: {copyTo: [mine]}}
error: {format: ${format}, copyToS3: true}
rules:
${rules.map(([when, action], index) => `  - {name: r${index}, when: ${when}, ${action}}`).join('\n')}
`, { onAppend: (_route, line) => line.length % 3 > 0 })
    for (const [line, from] of records) world.take(line, from)
    world.inbound.flush()
    return world
  }
  const some = [fc.array(rule, { maxLength: 5 }), fc.array(record, { maxLength: 12 }), fc.constantFrom('text', 'json')] as const
  fc.assert(fc.property(...some, (rules, records, format) => {
    const { ledger, told, metrics } = outcomes(rules, records, format)
    t.ok(ledger.snapshot().isBalanced)
    t.equal(ledger.snapshot().made.total, told.reduce((sum, { copies }) => sum + copies.length, 0))
    for (const { filter, route, copies, failed } of told) {
      t.equal(failed, undefined)
      t.ok((filter === undefined) !== (route === undefined), 'filtered, or on one route')
      t.equal(new Set([route, ...copies]).size, copies.length + 1, 'no route twice')
    }
    const matched = (_rule: unknown, index: number) => metrics.counter('sluice_rule_matched_total', `r${index}`).value
    const count = rules.map(matched).reduce((sum, value) => sum + value, 0)
    t.equal(count, told.filter(({ ownRule }) => ownRule !== undefined).length, 'each record matches one rule')
    // A rule behind the one that matched changes nothing.
    const more = outcomes([...rules, ['{}', 'filter: true']], records, format)
    t.same(more.told.map(({ ownRule }) => ownRule).filter(name => name !== undefined && name !== `r${rules.length}`),
      told.map(({ ownRule }) => ownRule).filter(name => name !== undefined))
  }), { numRuns: 60 })
})
