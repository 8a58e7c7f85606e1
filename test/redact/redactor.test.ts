import fc from 'fast-check'
import t from 'tap'
import { notAnObject } from '../../src/bytes/json-walker.ts'
import { anyHint } from '../../src/contracts/hints.ts'
import { tryLinearPattern } from '../../src/config/pattern.ts'
import { loadConfig } from '../../src/config/load.ts'
import { Redactor, redactionKinds } from '../../src/redact/redactor.ts'
import { cardNumbers, encodings, masked } from '../support/cards.ts'
import { testHostile } from '../support/hostile-time.ts'
import { redactedLine, walkOf } from '../support/redacted-line.ts'
import { workloadLine } from '../support/workload.ts'
import { usualRedaction } from '../support/usual-redaction.ts'
import { leastCpuMs } from '../support/cpu-time.ts'

const redactor = new Redactor(usualRedaction)
const all = new Redactor({ ...usualRedaction, emails: true, clientKeys: ['remote_ip', 'x_forwarded_for'] })

const redacted = (line: string, by = redactor) => redactedLine(line, by)

t.test('values of sensitive keys of JSON are removed at any depth, whatever they are', async t => {
  t.equal(redacted('{"token":"a\\"b","x":1}'), '{"token":"[redacted]","x":1}')
  t.equal(redacted('{"a":{"cvv":123,"b":[{"Pass-Word":"x"}]}}'), '{"a":{"cvv":"[redacted]","b":[{"Pass-Word":"[redacted]"}]}}')
  t.equal(redacted('{"session":{"id":"}\\"","x":[1,"]"]},"z":1}'), '{"session":"[redacted]","z":1}')
  t.equal(redacted('{"accessToken" : "x", "n":2}'), '{"accessToken" : "[redacted]", "n":2}')
  t.equal(redacted('{"Authorization":"Bearer a, b; c","Cookie":"a=b; c=d"}'), '{"Authorization":"[redacted]","Cookie":"[redacted]"}')
  t.equal(redacted('{"\\u30bb\\u30ad\\u30e5\\u30ea\\u30c6\\u30a3\\u30b3\\u30fc\\u30c9":"1"}'),
    '{"\\u30bb\\u30ad\\u30e5\\u30ea\\u30c6\\u30a3\\u30b3\\u30fc\\u30c9":"[redacted]"}')
  t.equal(redacted('セキュリティコード: 123 です'), 'セキュリティコード: [redacted] です')
})

t.test('JSON may have any white space around its colons', async t => {
  for (const space of ['', ' ', '\t', '\r', '\n', '     ', ' \t \t', ' '.repeat(300)]) {
    for (const value of ['"123"', '123', '["1",2]', '{"a":1}']) {
      t.equal(redacted(`{"n":1,"cvv"${space}:${space}${value},"x":1}`), `{"n":1,"cvv"${space}:${space}"[redacted]","x":1}`)
    }
  }
  t.equal(redacted('{"m":"{\\"cvv\\"      :      \\"123\\"}"}'), '{"m":"{\\"cvv\\"      :      \\"[redacted]\\"}"}')
})

t.test('a key is known however dashes and capitals stand in it, or characters are encoded', async t => {
  for (const key of ['cvv-2', 'CVV_2', 'track-1', 'c-v-v', 'cvv%2D2', 'cvv%5f2', 'c%76v', 'c\\x76v', 'track%5F2']) {
    t.equal(redacted(`some text ${key}=1a2`), `some text ${key}=[redacted]`)
    t.equal(redacted(`some text ${key}%3D1a2`), `some text ${key}%3D[redacted]`)
  }
  const short = new Redactor({ ...usualRedaction, secretKeys: ['p', 'é', '暗証番号', '号2', '𠮷'] })
  for (const key of ['p', 'P', 'é', 'É', '暗証番号', '号2', '𠮷']) {
    t.equal(redacted(`{"number":1,"${key}":"abc"}`, short), `{"number":1,"${key}":"[redacted]"}`)
    t.equal(redacted(`/path?x=1&${encodeURIComponent(key)}=abc`, short), `/path?x=1&${encodeURIComponent(key)}=[redacted]`)
    t.equal(redacted(`/path?x=1%26${encodeURIComponent(key)}%3Dabc`, short), `/path?x=1%26${encodeURIComponent(key)}%3D[redacted]`)
  }
})

t.test('a key begins behind an escape of white space, and in a script without spaces anywhere', async t => {
  for (const before of ['a\\n', 'a\\r\\n', 'a\\t', 'a\\\\n', '決済エラー、', '「', '番号', '決済：']) {
    t.equal(redacted(`{"m":"${before}cvv=123"}`), `{"m":"${before}cvv=[redacted]"}`)
    t.equal(redacted(`${before}token: abc`), `${before}token: [redacted]`)
  }
  for (const before of ['%5Cn', '%5Cr%5Cn', '%255Ct', '\\x5Cn']) {
    t.equal(redacted(`?d=%22a${before}cvv%3D123%22`), `?d=%22a${before}cvv%3D[redacted]%22`)
  }
  t.equal(redacted('お客様のセキュリティコード:123'), 'お客様のセキュリティコード:[redacted]')
  t.equal(redacted('番号trace=4111111111111111'), '番号trace=411111******1111')
  t.equal(redacted('App\\token=abc'), 'App\\token=[redacted]')
  t.equal(redacted('/a?x=1\\ncode=abc&state=x'), '/a?x=1\\ncode=abc&state=x')
})

t.test('also in JSON that stands in a text of JSON, cut or not', async t => {
  const inner = JSON.stringify({ cvv: '1"2\\', session: { a: 'b"}' }, n: 1 })
  const once = JSON.stringify({ m: inner })
  t.same(JSON.parse((JSON.parse(redacted(once)) as { m: string }).m), { cvv: '[redacted]', session: '[redacted]', n: 1 })
  const twice = JSON.stringify({ m: once })
  t.equal(redacted('{"m":"cvv%3D%22\\\\\\""}'), '{"m":"cvv%3D%22\\\\\\""}')
  t.match(redacted(twice), /cvv[\\"]+:[\\"]+\[redacted\][\\"]+,/)
  t.equal(redacted('{"m":"{\\"token\\":\\"abc","n":1}'), '{"m":"{\\"token\\":\\"[redacted]","n":1}')
  t.equal(redacted('{"m":"{\\"token\\":{\\"a\\":\\"b","n":1}'), '{"m":"{\\"token\\":\\"[redacted]\\"","n":1}')
})

t.test('in queries, forms, cookies and text', async t => {
  for (const [given, expected] of [
    ['GET /a?x=1&token=abc%26d&y=2 HTTP/1.1', 'GET /a?x=1&token=[redacted]&y=2 HTTP/1.1'],
    ['card[cvv]=123&card%5Bcvc%5D=456&%63vv=9', 'card[cvv]=[redacted]&card%5Bcvc%5D=[redacted]&%63vv=[redacted]'],
    ['/login?to=%2Fx%3Ftoken%3Dabc%26y%3D1', '/login?to=%2Fx%3Ftoken%3D[redacted]%26y%3D1'],
    ['d=%7B%22cvv%22%3A%22123%22%2C%22x%22%3A1', 'd=%7B%22cvv%22%3A%22[redacted]%22%2C%22x%22%3A1'],
    ['{"q":"token=a\\/b\\u0026x=1"}', '{"q":"token=[redacted]\\u0026x=1"}'],
    ["array('password' => 'a\\'b', 'x' => 1)", "array('password' => '[redacted]', 'x' => 1)"],
    ['Array ( [cvv] => 123 [pan] => 1 )', 'Array ( [cvv] => [redacted] [pan] => 1 )'],
    ['password: abc, user: x', 'password: [redacted], user: x'],
    ['PHPSESSID=abc; path=/', 'PHPSESSID=[redacted]; path=/'],
    ['Authorization: Basic YTpi\\nHost: a', 'Authorization: [redacted]\\nHost: a'],
    ["curl -H 'Authorization: Bearer a.b' x", "curl -H 'Authorization: [redacted]' x"],
    ['pin=1234 cid=123', 'pin=[redacted] cid=[redacted]'],
    ['cvv[]=123&card[cvc][]=456&cvv%5B%5D=789', 'cvv[]=[redacted]&card[cvc][]=[redacted]&cvv%5B%5D=[redacted]'],
    ['password      =      abc', 'password      =      [redacted]'],
    ['password\t=\tabc', 'password\t=\t[redacted]'],
    ['{"password":"no way","token":"true.abc"}', '{"password":"[redacted]","token":"[redacted]"}'],
    ['/cb?code=abc&state=x', '/cb?code=[redacted]&state=x'],
  ] as const) t.equal(redacted(given), expected)
})

t.test('digits of an authentication are found wherever digits may stand, and what is none costs a look', async t => {
  for (const given of ['pin=1234', 'pin: "1234"', "pin= u'1234'", '["pin"]=> int(1234) ["x"]', '["pin"]=>\n  string(4) "1234"', '[pin] => 1234',
    's:3:"pin";i:1234;', 's:3:"pin";s:4:"1234";', '<pin>1234</pin>', 'pin%3D1234', 'pin=%31%32%33%34', 'pin：１２３４', 'pin&quot;:&quot;1234&quot;']) {
    t.match(redacted(given), '[redacted]', given)
    t.notMatch(redacted(given), /1234|%32|２/, given)
  }
  for (const line of ['pin=abcd', 'cid=x1234', '["pin"]=> int(12345678)', 'pin=']) t.equal(redacted(line), line)
  testHostile(t, ['pin=', 'cid=', 'cid: ', 'pin==', 'pin=pin', '[pin] => int('], 50)
})

t.test('what is no secret stays', async t => {
  for (const line of ['{"message":"x","context":{},"code":0,"level":400}', 'Access denied (using password: YES)',
    'PHP Warning:  Undefined array key "token" seq=0000000007 in /a.php', '{"token":null,"password":"","secret":true}',
    'pin=12 cid=GA1.2.345 pin=1234567', '/cb?code=abc&x=1', 'tokens=3 mytoken2=1', 'at 10:00:07 https://a.example/x',
    '{"token":"[redacted]"}', 'password: YES.', 'naïveté cvvé=1', '']) t.equal(redacted(line), line)
})

t.test('a card number in JSON leaves JSON; in the value of an id it is none', async t => {
  t.equal(redacted('{"pan":4111111111111111,"x":[-4111111111111111.5]}'), '{"pan":"411111******1111","x":["-411111******1111.5"]}')
  t.equal(redacted('{"m":"a\\"4111111111111111","n":1}'), '{"m":"a\\"411111******1111","n":1}')
  for (const id of ['{"trace":"x-4111111111111111"}', '{"request_id":4111111111111111}', 'trace_id=4111111111111111']) {
    t.equal(redacted(id), id)
  }
  t.equal(redacted('{"m":"trace","pan":"4111111111111111"}'), '{"m":"trace","pan":"411111******1111"}')
  redacted('4111111111111111 4012888888881881 cvv=1 token=a')
  t.same(redactionKinds.map((kind, index) => [kind, redactor.counts[index]]).filter(([, count]) => count !== 0),
    [['card_number', 2], ['authentication_data', 1], ['secret', 1]])
})

t.test('what goes in as a card number, in any encoding and any kind of line, does not come out', async t => {
  const frames: ReadonlyArray<(text: string) => string> = [
    text => `{"time":"2026","m":"pay ${text}","n":1}`, text => `GET /pay?pan=${text}&x=1 HTTP/1.1`,
    text => `{"m":${JSON.stringify(`{"pan":"${text}"}`)}}`, text => `PHP Fatal error: card ${text} refused in /a.php`,
    text => `Array ( [pan] => ${text} )`,
  ]
  const [someCard, someEncoding, someFrame] =
    [fc.constantFrom(...cardNumbers), fc.constantFrom(...encodings), fc.constantFrom(...frames)]
  fc.assert(fc.property(someCard, someEncoding, someFrame, (number, encode, frame) => {
    const got = redacted(frame(encode(number)))
    t.ok(got.includes('*') && !got.includes(encode(number)) && !got.includes(encode(number.slice(0, 7))), got)
  }), { numRuns: 300 })
  t.equal(redacted(`x ${cardNumbers[0]} y`), `x ${masked(cardNumbers[0] as string)} y`)
})

t.test('any line of JSON stays one, and what is redacted once is not redacted again', async t => {
  const piece = fc.constantFrom('"', '\\"', '\\\\"', '\\', '\\\\', 'token', 'cvv', ':', '=', '=>', '{', '}', '[', ']', ',', ' ',
    '4111111111111111', '%22', '%3D', '%', '\\u0026', '\\n', 'a', "'", '1', '&', 'password', '@', 'a@b.jp', '10.0.0.7', '^', '?', '&quot;', '://u:p@', '_', '[a]')
  const text = fc.array(piece, { maxLength: 24 }).map(pieces => pieces.join(''))
  fc.assert(fc.property(fc.array(fc.tuple(fc.oneof(text, fc.constantFrom('cvv', 'token', 'remote_ip', 'm')),
    fc.oneof(text, fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(4111111111111111, null))), { maxLength: 5 }),
  entries => {
    const line = JSON.stringify(Object.fromEntries(entries))
    const got = redacted(line, all)
    return typeof JSON.parse(got) === 'object'
  }), { numRuns: 2000 })
})

t.test('e-mail addresses and addresses of clients, where that is set', async t => {
  t.equal(redacted('to a.b+c@shop.co.jp, x%40y.com and "\\nfoo@x.jp"', all), 'to [redacted], [redacted] and "\\n[redacted]"')
  t.equal(redacted('user@host 10:00 @x', all), 'user@host 10:00 @x')
  t.equal(redacted('[php:warn] [client 192.0.2.77:512] x', all), '[php:warn] [client 192.0.2.0:512] x')
  t.equal(redacted('{"remote_ip":"2001:db8:1:2::7","x_forwarded_for":"192.0.2.7, ::1"}', all),
    '{"remote_ip":"2001:db8:1::","x_forwarded_for":"192.0.2.0, ::"}')
  t.equal(redacted('{"remote_ip":"192.0.2.7"}'), '{"remote_ip":"192.0.2.7"}')
})

t.test('own patterns remove what they match, run in linear time, and leave JSON', async t => {
  const own = new Redactor({ ...usualRedaction, patterns: ['MEMBER-[0-9]+', '\\\\', '\\b77\\b'] })
  t.equal(redacted('x MEMBER-123 y', own), 'x [redacted] y')
  t.equal(redacted('{"a":"MEMBER-1","b":77,"c":"x\\"y"}', own), '{"a":"[redacted]","b":"[redacted]","c":"[redacted]"}')
  t.notOk(tryLinearPattern('(?=a)b'))
  t.notOk(tryLinearPattern('(a)\\1'))
  t.ok(tryLinearPattern('(a+)+b'))
  t.throws(() => loadConfig({ env: { SLUICE_REDACT_PATTERNS: '(?=a)b' }, readFile: () => '' }))
})

t.test('whatever own patterns are, nothing is shown that was not shown without them', async t => {
  const part = fc.constantFrom('[0-9]', '4', '1', '.', '[0-9]+', '\\*', '\\*+', ' ', '(?:411|[a-z]+)', '$', '^', '[^0-9]', 'card')
  const pattern = fc.array(part, { minLength: 1, maxLength: 4 }).map(parts => parts.join(''))
  const piece = fc.oneof(fc.constantFrom(...cardNumbers), fc.constantFrom('card ', ' ', 'x', '7', '-', '*', '[redacted]', '%34'))
  const line = fc.array(piece, { maxLength: 8 }).map(pieces => pieces.join(''))
  let changedCount = 0
  fc.assert(fc.property(line, fc.array(pattern, { minLength: 1, maxLength: 3 }), (text, patterns) => {
    const without = redacted(text)
    const own = redacted(text, new Redactor({ ...usualRedaction, patterns }))
    if (own !== without) changedCount++
    // What is left are pieces of it, in their order.
    let at = 0
    return own.split('[redacted]').flatMap(each => each.split(/[[\]a-z]+/)).every(left => {
      const found = without.indexOf(left, at)
      at = found + left.length
      return found >= 0
    }) && !cardNumbers.some(number => own.includes(number) && !without.includes(number))
  }), { numRuns: 1000 })
  t.ok(changedCount > 200, `${changedCount} were changed`)
})

t.test('ordinary lines come out unaltered', async t => {
  const altered: string[] = []
  for (let number = 0; number < 30_000; number++) {
    const bytes = Buffer.from(workloadLine(number))
    if (redactor.redact(bytes, 0, bytes.length, bytes[0] === 0x7b)) altered.push(bytes.toString())
  }
  t.same(altered, [])
})

t.test('hostile lines take time in proportion to their length', async t => {
  for (const piece of ['=', ':', '"', '\\', '\\"', '%3D', 'token', 'token=', 'token=a&', '"token":{', '"token":"', '\\"token\\":{\\"',
    '?code=a&', 'code=a&', 'aaaaaaaa=', ' ', '%25', 'a@', 'a@b.c', '_', '%5B', "'", '\\u00', 'pin=1', '[cvv] => ', '4111111111111111,',
    '%2534', 'あ:', '\\ncvv=', ' cvv =', '\t', '6-6-']) {
    const bytes = Buffer.from(piece.repeat((1 << 17) / piece.length))
    const leastMs = leastCpuMs(() => { all.redact(bytes, 0, bytes.length, false) }, 200)
    t.ok(leastMs < 200, `${piece}: ${leastMs.toFixed(1)} ms for 128 KiB`)
  }
})

t.test('a walk that looks out for hints takes time in proportion to the line', async t => {
  for (const piece of ['%2534', '%25', '%33', '%3D', '%40', '%2540', '@', ':@', 'a://b@', 'あ:', ':', 'token=', '_', ' =']) {
    const bytes = Buffer.from(`{"m":"${piece.repeat((1 << 17) / piece.length)}"}`)
    const walk = walkOf(redactor)
    const leastMs = leastCpuMs(() => {
      if (walk(bytes, 0, bytes.length) === notAnObject) throw new Error(`no object: ${piece}`)
    }, 50)
    t.ok(leastMs < 50, `${piece}: ${leastMs.toFixed(1)} ms for 128 KiB`)
  }
})

t.test('an ordinary access line has nothing that redaction would look at again', async t => {
  const counts = new Map<number, number>()
  for (let index = 0; index < 2000; index++) {
    const line = Buffer.from(workloadLine(index))
    if (walkOf(redactor)(line, 0, line.length) === notAnObject) continue
    const { hints } = redactor.watch
    counts.set(hints, (counts.get(hints) ?? 0) + 1)
  }
  t.notOk(counts.has(anyHint))
  t.ok((counts.get(0) ?? 0) > 1000, JSON.stringify([...counts]))
})

t.test('whatever a line of JSON holds, hints leave nothing out', async t => {
  const piece = fc.oneof(
    fc.constantFrom('cvv', 'token', 'Pass-Word', 'x', 'セキュリティコード', '%63vv', '\\x63vv', 'c\\u0076v', 'pin', 'state', 'code', 'id', 'n'),
    fc.constantFrom('=', ':', ' : ', '=>', '=&gt;', '&quot;', '://', '@', '%40', 'dbP', '[a]', '%3D', '%3a', '%253D', '&', '?', '"', '\\', '\\"', '[', ']', '{', '}', ',', ' ', '-', '+', '%20', '%'),
    fc.constantFrom('4111111111111111', '4111 1111 1111 1111', '4111-1111-1111-1111', '４１１１１１１１１１１１１１１１', '%34111111111111111',
      '%EF%BC%94111111111111111', '4111%C2%A01111%C2%A01111%C2%A01111', '4111%A01111%a01111%A01111', '4111\u20101111\u20101111\u20101111', '\\x34111111111111111', '123', '1', '12345678'),
    fc.constantFrom('params', 'bindings', 'context', 'args', 'token = ?', 'password=?', 'values (?', 'insert into a (token) values (', '(?', '$1', '$1 = ', 'array',
      ' ["', '[1', '{"1":', 'x params: '),
    fc.string({ maxLength: 4 })
  )
  const text = fc.array(piece, { maxLength: 6 }).map(pieces => pieces.join(''))
  const value = fc.oneof(text, fc.constantFrom(4111111111111111, 123, true, null), fc.array(text, { maxLength: 3 }))
  const inner = fc.dictionary(text, fc.oneof(value, fc.dictionary(text, value, { maxKeys: 3 })), { maxKeys: 4 })
  fc.assert(fc.property(inner, fc.boolean(), (object, isSpaced) => {
    // `redacted` compares the two.
    redacted(JSON.stringify(object, undefined, isSpaced ? ' ' : '').replaceAll('\n', ' '))
    redacted(JSON.stringify({ m: JSON.stringify(object) }), all)
  }), { numRuns: 3000 })
})
