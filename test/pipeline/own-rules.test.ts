import t from 'tap'
import { readSegmentLine } from '../../src/cli/replay/line.ts'
import { createRecord, stream } from '../../src/contracts/record.ts'
import { ruledWorld } from '../support/ruled-world.ts'

const access = (fields: object = {}) => JSON.stringify({ status: 200, method: 'GET', path: '/', ...fields })

t.test('the first rule that matches decides, under its name in the ledger, the metrics and the outcome', async t => {
  const world = ruledWorld(`
rules:
  - name: keep-admin
    when: {path: "/health/admin*"}
  - name: health
    when: {class: access, path: "/health*", status: "<400"}
    filter: true
  - name: never
    when: {path: "/health"}
    filter: true
`)
  world.take(access({ path: '/health' }))
  world.take(access({ path: '/health/admin' }))
  world.take(access({ path: '/health', status: 500 }))
  world.take(access())
  t.same(world.told.map(({ ownRule, filter, route }) => [ownRule, filter, route]), [
    ['health', 'health', undefined],
    ['keep-admin', undefined, 'access'],
    ['never', 'never', undefined],
    [undefined, undefined, 'access'],
  ])
  t.same(world.ledger.snapshot().filtered.by, { health: 1, never: 1 })
  t.same(['keep-admin', 'health', 'never'].map(world.matched), [1, 1, 1])
  t.ok(world.ledger.snapshot().isBalanced)
})

t.test('a rule finds no value of the line before, nor any in a line that only begins as JSON', async t => {
  const world = ruledWorld('rules: [{name: gone, when: {path: "*"}, filter: true}]')
  for (const [line, from, name] of [
    ['PHP Warning:  x in /a.php on line 3', stream.stderr, 'error'],
    ['words of an application', stream.stdout, 'app'],
    ['{"path":"/a",', stream.stdout, 'app'],
    ['{"status":200,"path":"/', stream.stdout, 'invalid'],
  ] as const) {
    world.take(access({ path: '/a' }))
    world.take(line, from)
    world.inbound.flush()
    const [before, { class: found, filter } = {}] = world.told.splice(0)
    t.same([before?.filter, found, filter], ['gone', name, undefined], line)
  }
})

t.test('a line that was repaired is matched as it is delivered, in any of the formats of access lines', async t => {
  const world = ruledWorld('rules: [{name: gone, when: {method: GET, path: "/a b", query: "x=1", status: 404, agent: "curl*"}, filter: true}]')
  world.take('{"status":404,"method":"GET","path":"/a\\x20b","query":"?x=1","user_agent":"curl/8"}')
  world.take('{"status":404,"request":"GET /a\\u0020b?x=1 HTTP/1.1","user_agent":"curl/8"}')
  t.same(world.told.map(({ filter }) => filter), ['gone', undefined])
  const plain = ruledWorld('rules: [{name: gone, when: {method: GET, path: /a, query: "x=1", status: 404, client: 10.0.0.0/8}, filter: true}]')
  plain.take('10.1.2.3 - - [23/Nov/2026:19:34:38 +0000] "GET /a?x=1 HTTP/1.1" 404 1')
  plain.take('11.1.2.3 - - [23/Nov/2026:19:34:38 +0000] "GET /a?x=1 HTTP/1.1" 404 1')
  t.same(plain.told.map(({ filter }) => filter), ['gone', undefined])
})

t.test('a route of one\'s own takes lines of any class, each written as its class is', async t => {
  const world = ruledWorld(`
routes: {special: {bucket: other, prefix: x/, maxBytes: 8MiB}}
rules: [{name: mine, when: {container: shop}, route: special}]
`)
  world.take(access(), stream.stdout, 'shop')
  world.take('127.0.0.1 - - [23/Nov/2026:19:34:38 +0000] "GET / HTTP/1.1" 200 1', stream.stdout, 'shop')
  world.take('words', stream.stdout, 'shop')
  world.take('{"status":200,"path":"/', stream.stdout, 'shop')
  world.take(access())
  t.same(world.told.map(({ class: name, route }) => [name, route]), [
    ['access', 'special'], ['access', 'special'], ['app', 'special'], ['invalid', 'special'], ['access', 'access'],
  ])
  t.same(world.written.map(line => JSON.parse(line.slice(line.indexOf('{'))) as object).length, 5)
  t.ok(world.ledger.snapshot().isBalanced)
})

t.test('the keys of a line of JSON are added, removed, renamed and masked, also of one that was no JSON', async t => {
  const world = ruledWorld(`
rules:
  - name: tidy
    when: {class: access}
    add: {env: prod, n: 1}
    remove: pid
    rename: {remote_ip: client}
    mask: [user, request]
`)
  world.take('{"status":200,"path":"/","pid":7,"user":{"a":"}"},"remote_ip":"::1","env":"x"}')
  world.take('10.1.2.3 - - [23/Nov/2026:19:34:38 +0000] "GET /a HTTP/1.1" 404 1')
  t.equal(world.written[0], 'access {"status":200,"path":"/","user":"***","client":"::1","env":"prod","n":1}')
  t.match(JSON.parse(world.written[1]?.slice(7) ?? ''), { client: '10.1.2.3', env: 'prod', status: 404 })
})

t.test('a rule sets the level of an error, which the least level then goes by', async t => {
  const yaml = `
error: {format: json, minLevel: warn}
rules:
  - {name: noise, when: {class: error, code: AH01630}, level: debug}
  - {name: worse, when: {class: error, level: ">=error"}, level: crit}
`
  const world = ruledWorld(yaml)
  world.take('[Mon Nov 23 19:41:53.202944 2026] [authz_core:error] [pid 1:tid 1] AH01630: client denied', stream.stderr)
  world.take('[Mon Nov 23 19:41:53.202944 2026] [core:error] [pid 1:tid 1] AH00094: x', stream.stderr)
  world.inbound.flush()
  t.same(world.told.map(({ ownRule, filter }) => [ownRule, filter]), [['noise', 'below-level'], ['worse', undefined]])
  t.match(world.written[0], /\\"level\\":\\"crit\\"/)
})

t.test('a copy is a record of its own: it is made, and its end is not that of the record', async t => {
  const world = ruledWorld('routes: {archive: {to: s3}, error: {copyTo: [archive]}}', {
    env: { SLUICE_ERROR_COPY_TO_S3: 'true' },
    onAppend: route => route !== 'archive',
  })
  t.equal(world.take('[Mon Nov 23 19:41:53.202944 2026] [core:notice] [pid 1:tid 1] AH00094: x', stream.stderr), true)
  world.inbound.flush()
  const { ledger, told, written } = world
  t.same(told.map(({ route, copies, isAccepted }) => [route, copies, isAccepted]), [['error', ['error-s3', 'archive'], true]])
  t.same(written.map(line => line.split(' ')[0]).sort(), ['error', 'error-s3'])
  const { made, dropped, isBalanced } = ledger.snapshot()
  t.same([made.by, dropped.by, isBalanced], [{ copy: 2 }, { 'archive/memory': 1 }, true])
})

t.test('a copy that cannot be encoded or stored costs the record nothing', async t => {
  const world = ruledWorld('routes: {archive: {to: s3}, access: {copyTo: [archive]}}', {
    onAppend: route => {
      if (route === 'archive') throw new Error('no room')
      return true
    },
  })
  t.equal(world.take(access()), true)
  t.same(world.written, [`access ${access()}`])
  t.ok(world.ledger.snapshot().isBalanced)
})

t.test('copies of a rule, of a class and of a container are one for each route, and none for that of the record', async t => {
  const world = ruledWorld(`
routes: {a: {to: s3}, b: {to: s3}, c: {to: s3}, access: {copyTo: [a]}}
containers: {web: {copyTo: [b, a]}}
rules: [{name: r, when: {class: access}, route: c, copyTo: [a, b, c]}]
`)
  world.take(access())
  world.take('words')
  t.same(world.told.map(({ route, copies }) => [route, copies]), [['c', ['a', 'b']], ['app', ['b', 'a']]])
  t.ok(world.ledger.snapshot().isBalanced)
})

t.test('what a route of one\'s own has taken goes there again by replay, as it was written; without the route, to app', async t => {
  const line = { ...createRecord(), bytes: Buffer.from('{"a":1}'), end: 7, stream: stream.stdout }
  const rules = 'rules: [{name: r, filter: true}]'
  const world = ruledWorld(`routes: {mine: {to: s3}}\n${rules}`)
  world.inbound.again('replay')(line, readSegmentLine('{"a":1}', { route: 'mine', container: '', timeMs: 0 })?.route ?? '')
  t.same(world.written, ['mine {"a":1}'])
  const without = ruledWorld(rules)
  without.inbound.again('replay')(line, 'mine')
  t.same(without.written, ['app {"a":1}'])
  t.ok(world.ledger.snapshot().isBalanced && without.ledger.snapshot().isBalanced)
})

t.test('what a rule has changed or copied is redacted as everything is, and keeps the level that it was given', async t => {
  const world = ruledWorld(`
error: {format: json}
routes: {mine: {to: s3}}
rules:
  - {name: plain, when: {class: access}, add: {card: "4111 1111 1111 1111"}, copyTo: mine}
  - {name: worse, when: {class: error}, level: crit, copyTo: mine}
`)
  world.take('10.1.2.3 - - [23/Nov/2026:19:34:38 +0000] "GET /a?card=4111111111111111 HTTP/1.1" 404 1')
  world.take('[Mon Nov 23 19:41:53.202944 2026] [core:notice] [pid 1:tid 1] AH00094: card 4111111111111111', stream.stderr)
  world.inbound.flush()
  t.equal(world.written.length, 4)
  t.notMatch(world.written.join('\n'), /4111 ?1111 ?1111 ?1111/)
  t.same(world.written.filter(line => line.includes('crit')).length, 2)
  t.ok(world.ledger.snapshot().isBalanced)
})

t.test('a value is redacted by the key that it came with, whatever a rule calls it then', async t => {
  const world = ruledWorld(`
error: {format: json}
rules: [{name: r, rename: {password: note, pan: trace_id, user: request_id}, add: {env: prod}}]
`)
  const line = { message: 'x', password: 'hunter2', pan: 4111111111111111 }
  world.take(access(line))
  world.take(JSON.stringify(line))
  world.take(JSON.stringify({ ...line, level: 500 }), stream.stderr)
  world.take('10.1.2.3 - 4111111111111111 [23/Nov/2026:19:34:38 +0000] "GET /a HTTP/1.1" 404 1')
  world.inbound.flush()
  t.equal(world.written.length, 4)
  t.notMatch(world.written.join('\n'), /hunter2|4111111111111111/)
  t.equal(world.written[1], 'app {"message":"x","note":"[redacted]","trace_id":"411111******1111","env":"prod"}')
  t.equal(world.metrics.counter('sluice_redacted_total', 'card_number', 'web').value, 4)
  t.ok(world.ledger.snapshot().isBalanced)
})
