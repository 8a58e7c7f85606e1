import t from 'tap'
import { unfinishedBytes } from '../../src/bytes/character-cut.ts'
import { PartsState, redactPart } from '../../src/redact/line-parts.ts'
import { Redactor } from '../../src/redact/redactor.ts'
import { usualRedaction } from '../support/usual-redaction.ts'

const redactor = new Redactor(usualRedaction)
const secret = 'QQQQ QQ,QQQ'
const word = 'QQQQQQQQQ'

/** What comes out of a line that is cut behind so many bytes. */
function parts (line: string, ...cuts: readonly number[]): string[] {
  const state = new PartsState()
  const bytes = Buffer.from(line)
  let start = 0
  return [...cuts, bytes.length].map(end => {
    // As of a source that uses its memory again.
    const own = Buffer.from(bytes.subarray(start, end))
    start = end
    if (state.isSecret) return '[redacted]'
    const result = redactPart(redactor, state, own, 0, own.length)
      ? redactor.buffer.toString('utf8', redactor.start, redactor.end)
      : own.toString()
    own.fill(0)
    return result
  })
}

const secrets = [`"password":"${secret}"`, `"password" : "${secret}"`, `{\\"password\\":\\"${secret}\\"}`, `'password' => '${secret}'`,
  `"session":{"id":"${secret}","b":[1,"${secret}"]}`, `password=${word}&y=2`, `password=${word};`, `a%26password%3D${word}%26y`,
  `%22password%22%3A%22${word}%22`, `password: ${word} y`, `Authorization: Digest a="${secret}", b="${secret}"\n`, `Cookie: a=${word}; b="${secret}"\n`,
  `[password] => ${secret}\n`, `Bearer abcdefghijklmno1${word}`, `eyJhbGciOiJIUzI1.abcdefghijkl.${word}`, `user[password][a]=${word}`,
  `&quot;dbPassword&quot;:&quot;${secret}&quot;`, `s:8:"password";s:11:"${secret}";`, `<password>${word}</password>`, `"cvv" : "${word}"`,
  `sql: insert into a (${'column, '.repeat(20)}password, b, c) values (x, ${secret}, ${secret})) at`,
  `insert into a (${'column, '.repeat(40)}password) values (1, '${secret}') at`, `update a set password = $1, b = $2 where id = $3 ["${secret}", "${secret}"] at`,
  `insert into a (password, b) values ('${secret}', '${secret}') at`, `update a set password = ?, b = ? where id = ?' with params ["${secret}", "${secret}"]:`]

t.test('a secret does not come out of a line that is cut, wherever that is, also more than once', async t => {
  for (const written of secrets) {
    const line = `${'x '.repeat(200)} ${written} z="kept" ${'x '.repeat(200)}`
    for (let cut = 380; cut < 380 + written.length + 40; cut++) {
      // The scheme and what begins a token show it, when they are in one part.
      if (/^(?:Bearer|eyJ)/.test(written) && cut < 402 + written.length - word.length) continue
      for (const cuts of [[cut], [cut, cut + 1], [cut, cut + 5, cut + 6]]) {
        const got = parts(line, ...cuts)
        t.notMatch(got.join(''), /Q/, `${cut}: ${JSON.stringify(got)}`)
        t.match(got.join(''), 'z="kept"')
      }
    }
  }
})

t.test('neither does a card number, a password of an address or a token, where lines are cut for it', async t => {
  for (const written of ['4111111111111111', '4111 1111-1111 1111', '%34111111111111111', '４１１１１１１１１１１１１１１１', '%2534111%253111111111111',
    '\\u0034111111111111111', 'mysql://root:1111111111@db/x', 'Bearer 1111111111111111', 'eyJ1111111111.1111111111.111', 'cvv=111&x']) {
    const line = Buffer.from(`${'x '.repeat(200)} ${written} z ${'x '.repeat(200)}`)
    for (let most = 400; most < 410 + Buffer.byteLength(written); most++) {
      const cut = most - unfinishedBytes(line, 0, most)
      t.notMatch(parts(line.toString(), cut).join(''), /1{7}|１{7}|cvv=1|root:1|r 1|eyJ/, written)
    }
  }
})

t.test('what has nothing to take out is not changed, and no key is made of two words', async t => {
  for (const line of ['"a":"b","c":"d" no token here', 'pass word=x my password', 'tokens=1 mytoken2=3']) {
    for (let cut = 0; cut <= line.length; cut++) t.equal(parts(line, cut).join(''), line)
  }
  t.same(parts('x "password":"abc","y":1 z', 16), ['x "password":"[redacted]', '[redacted]","y":1 z'])
  t.same(parts('x "password":"abc","y":1 z', 13), ['x "password":', '"[redacted]","y":1 z'])
})

t.test('of a value that is too long to be read again all that follows is taken out', async t => {
  const [first = '', ...more] = parts(`x "session":{"a":"${'Q'.repeat(9000)}","b":"Q"},"y":1`, 8000, 8500)
  t.notMatch([first, ...more].join(''), /Q/)
  t.same(more, ['[redacted]', '[redacted]'])
})
