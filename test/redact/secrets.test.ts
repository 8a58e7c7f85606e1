import t from 'tap'
import { Redactor } from '../../src/redact/redactor.ts'
import { redactedLine } from '../support/redacted-line.ts'
import { usualRedaction } from '../support/usual-redaction.ts'
import { leastCpuMs } from '../support/cpu-time.ts'

const redactor = new Redactor(usualRedaction)
/** As text, or as a line of JSON. */
const redacted = (line: string, isJson = false, by?: Redactor) => redactedLine(line, by, isJson)

const secret = 'Zq7hunter'
const hard = 'Zq7"\'\\&é x<Zq8'

/** What an application writes of a secret, in the syntaxes that are known. */
function written (text: string): string[] {
  const json = JSON.stringify(text)
  return [
    `{"password":${json},"x":1}`, `{"password": [${json}, 1]}`, `{"a":{"session":{"id":${json},"b":[1,${json}]},"x":1}}`,
    `'password' => '${text.replace(/[\\']/g, '\\$&')}', 'x' => 1`, `GET /a?x=1&password=${encodeURIComponent(text).replaceAll('\'', '%27')}&y=2`,
    `<soap:password>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</soap:password>`,
  ]
}
const syntaxes = [...written(secret), ...written(hard),
  `["password"]=>\n  string(17) "${secret}"`, `a:1:{s:8:"password";s:17:"${secret}";}`, 'a:1:{s:3:"cvv";i:77717;}',
  `{'session': {'id': '${secret}', 'b': ['${secret}']}}`, `{'password': u'${secret}'}`, `\`password\` = '${secret}''${secret}'`,
  `Authorization: Digest username="a", response="${secret}"`, `Authorization: Bearer ${secret}`, `authorization=Bearer ${secret}`,
  `Cookie: a=b; c="d"; e=${secret}`, `HTTP_COOKIE=a=b; c=${secret}`, `[HTTP_COOKIE] => a="b", c=${secret}\n [x] => 1`,
  `password=${secret}`, `password: ${secret}, x`, `password : <${secret}>`, `[password] => ${secret}\n [x] => 1`, `password[0]=${secret}&x=1`,
  `セキュリティコード：${secret}`, `パスワード\u3000password\u3000＝\u3000${secret}`, `'session' => array ( 'id' => '${secret}', )`,
  `[session] => Array\n(\n [id] => ${secret}\n)`, `["session"]=>\narray(1) {\n ["id"]=>\n string(1) "${secret}"\n}`,
  `password = "${secret}"`, `token: Bearer ${secret}`, `<cvv><![CDATA[${secret} <a>]]></cvv>`]

const escaped = (text: string, set: RegExp) =>
  text.replace(set, each => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
const inner = (text: string) => JSON.stringify(text).slice(1, -1)
const bytewise = (text: string, kept: RegExp, write: (hex: string) => string) => [...Buffer.from(text)]
  .map(byte => kept.test(String.fromCharCode(byte)) && byte < 0x80 ? String.fromCharCode(byte) : write(byte.toString(16).padStart(2, '0')))
  .join('')

/** Who writes into a log what somebody else has written. */
const writers: Readonly<Record<string, (text: string) => string>> = {
  nobody: text => text,
  encodeURIComponent,
  'a form': text => encodeURIComponent(text).replaceAll('%20', '+'),
  JSON: inner,
  'JSON of PHP': text => escaped(inner(text).replaceAll('/', '\\/'), /[^\0-\x7f]/g),
  'JSON of Go': text => escaped(inner(text), /[<>&]/g),
  'JSON of Gson': text => escaped(inner(text), /[<>&='\x7f-\uffff]/g),
  nginx: text => bytewise(text, /[ !#-[\]-~]/, hex => `\\x${hex.toUpperCase()}`),
  Apache: text => text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n'),
  'somebody who encodes all but letters and digits': text => bytewise(text, /[A-Za-z0-9]/, hex => `%${hex}`),
  'the same with \\x': text => bytewise(text, /[A-Za-z0-9]/, hex => `\\x${hex}`),
  'the same with \\u': text => escaped(text, /[^A-Za-z0-9]/g),
}

t.test('a secret does not come out, in whatever syntax, and whoever has encoded it', async t => {
  for (const [name, write] of Object.entries(writers)) {
    for (const syntax of syntaxes) {
      // A quote that was escaped for an apostrophe is not told from one that ends the text.
      if (/^'password' => 'Zq7"/.test(syntax) && !/nobody|somebody|same/.test(name)) continue
      const text = write(syntax)
      const line = JSON.stringify({ time: 1, m: `x ${text} z`, n: 1 })
      t.notMatch(redacted(text), /Zq7|Zq8|hunter|77717/, `${name}: ${text}`)
      t.notMatch(redacted(line, true), /Zq7|Zq8|hunter|77717/, `${name}: ${line}`)
      t.match(redacted(line, true), /^\{"time":1,"m":"x .*"n":1\}$/)
    }
  }
})

t.test('a key is one before an escaped separator, and what follows its value stays', async t => {
  for (const [given, expected] of [
    ['a\\u0026password\\u003dhunter2\\u0026x\\u003d1', 'a\\u0026password\\u003d[redacted]\\u0026x\\u003d1'],
    ['password\\x3dhunter2\\x26x=1', 'password\\x3d[redacted]\\x26x=1'],
    ['password\\u003ahunter2, x', 'password\\u003a[redacted], x'],
    ['password%253Dhunter2%2526x=1', 'password%253D[redacted]%2526x=1'],
    ['to=%2Fx%3Ftoken%3Da%2526b%26y%3D1', 'to=%2Fx%3Ftoken%3D[redacted]%26y%3D1'],
    ['d=%7B%22cvv%22%3A%22a%5C%22b%22%2C%22x%22%3A1', 'd=%7B%22cvv%22%3A%22[redacted]%22%2C%22x%22%3A1'],
    ['%22session%22%3A%7B%22id%22%3A%22a%22%7D%2C%22x%22', '%22session%22%3A[redacted]%2C%22x%22'],
    ['%5C%22cvv%5C%22%3A%5C%22a%5C%5C%5C%22b%5C%22%2C%5C%22x%5C%22', '%5C%22cvv%5C%22%3A%5C%22[redacted]%5C%22%2C%5C%22x%5C%22'],
    ['%5C%22cvv%5C%22%3A%5C%22a%22%7D&x=1', '%5C%22cvv%5C%22%3A%5C%22[redacted]%22%7D&x=1'],
    ['%5C%22session%5C%22%3A%7B%5C%22id%5C%22%3A%5C%22a%5C%22%7D%2C%5C%22x', '%5C%22session%5C%22%3A[redacted]%2C%5C%22x'],
    ['\\x5C\\x22cvv\\x5C\\x22:\\x5C\\x22a\\x5C\\x22,\\x5C\\x22x', '\\x5C\\x22cvv\\x5C\\x22:\\x5C\\x22[redacted]\\x5C\\x22,\\x5C\\x22x'],
    ['password=%5Cabc&x=1', 'password=[redacted]&x=1'],
    ['X-Api-Key%3A%20abc&x=1', 'X-Api-Key%3A%20[redacted]&x=1'],
    ['password%20%3D%20abc', 'password%20%3D%20[redacted]'],
    ['[cvv] =\\u003e 123 [x] =\\u003e 1', '[cvv] =\\u003e [redacted] [x] =\\u003e 1'],
    ['<cvv>123</cvv><x>1</x>', '<cvv>[redacted]</cvv><x>1</x>'],
    ['a:2:{s:3:"cvv";s:3:"123";s:1:"x";i:1;}', 'a:2:{s:3:"cvv";s:3:"[redacted]";s:1:"x";i:1;}'],
    ['{"m":"{\\u0022password\\u0022:\\u0022a\\\\\\u0022b\\u0022,\\u0022x\\u0022:1}"}',
      '{"m":"{\\u0022password\\u0022:\\u0022[redacted]\\u0022,\\u0022x\\u0022:1}"}'],
  ] as const) {
    t.equal(redacted(given, given.startsWith('{"m"')), expected)
  }
})

t.test('a secret may begin as a list does, or as a letter before a quote', async t => {
  t.equal(redacted('token={}Zq7, next'), 'token=[redacted], next')
  t.equal(redacted('{"a":"token=[x]Zq7 next"}', true), '{"a":"token=[redacted] next"}')
  t.equal(redacted("token=x', next"), "token=[redacted]', next")
  t.equal(redacted('{"a":"token: b\'"}', true), '{"a":"token: [redacted]\'"}')
})

t.test('what has the look of a separator and is none changes nothing', async t => {
  for (const line of ['password -> x', 'usage: login <password> for <token> and more', '<a href="token">x</a>', 'password\\u0041',
    'a <b> token </b>', 'token\\\\\\x', '"token"; x', '"token";s', 'password：', 'password\\u003d', 'x\\u003d1 tokens＝1',
    'if (token > 1) return', 'password%', 'password%3', 'password\\x3', 'password:\\nnext line', 'token%3D%26x%3D1']) {
    t.equal(redacted(line), line)
  }
})

t.test('hostile values take time in proportion to the line', async t => {
  for (const piece of ['token\\u003d', '\\u003d', '\\\\', '"pin":{', 'pin={', 'pin=[', 'session={', 'session=[', "'session': {'", 'cookie: "', 'cookie: a="',
    '<token>', '<token>a', '\\u003ctoken\\u003e', '"token";s:1:', 'token：', '：', '＝', '＝\\uff1d', 'ア＝', '%EF%BC%9A', 'token%20', 'token%3A%20', 'token%3D%22', 'token%3D%7B', '%5C',
    'token%3D%7B%22', 'token%3D%5C', 'token%3D%5C%22', '%5C%22:', '%5C%22cvv%5C%22%3A%5C%22', '"token"=>array(', 'token[1]=', '1]=', 'token=Bearer ', 'cookie=a; ', "token='a''", 'code={', '?code={&', '\\t=', '\\xef\\xbc\\x9a']) {
    for (const isJson of [false, true]) {
      const bytes = Buffer.from(piece.repeat((1 << 17) / Buffer.byteLength(piece)))
      const leastMs = leastCpuMs(() => { redactor.redact(bytes, 0, bytes.length, isJson) }, 100)
      t.ok(leastMs < 100, `${piece}: ${leastMs.toFixed(1)} ms for 128 KiB`)
    }
  }
})
