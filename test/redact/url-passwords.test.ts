import t from 'tap'
import { Redactor } from '../../src/redact/redactor.ts'
import { testHostile } from '../support/hostile-time.ts'
import { redactedLine as redacted } from '../support/redacted-line.ts'
import { usualRedaction } from '../support/usual-redaction.ts'

const slashed = (text: string) => text.replaceAll('/', '\\/')
const bytewise = (text: string, write: (hex: string) => string) => text
  .replace(/[^A-Za-z0-9]/g, each => write(each.charCodeAt(0).toString(16).padStart(2, '0')))

const writers: ReadonlyArray<(text: string) => string> = [
  text => text, encodeURIComponent, text => encodeURIComponent(encodeURIComponent(text)), slashed,
  text => bytewise(text, hex => `\\x${hex}`), text => bytewise(text, hex => `\\u00${hex}`),
]

t.test('the password of an address is taken out, whoever has encoded it', async t => {
  for (const password of ['Zq7secret', 'Zq7s@Zq7x', 'Zq7s:Zq7x', 'Zq7%40Zq7%2Fx', 'Zq7&Zq7=x', 'Zq7,Zq7;x', 'Zq7!$(x)*+~Zq7', '0Zq7', '8080']) {
    for (const url of [`mysql://root:${password}@db:3306/shop?x=1`, `redis://:${password}@cache`, `https+x.y-z://a.b:${password}@h/`]) {
      for (const write of writers) {
        const text = write(url)
        for (const line of [text, `to=${text} z`, `'${text}'`, JSON.stringify({ n: 1, m: `x ${text} z` }), `{"n":1,"m":"${slashed(url)}"}`]) {
          t.notMatch(redacted(line), /Zq7|:8080@/, line)
        }
        t.match(redacted(text), /\[redacted\]/)
      }
    }
  }
  t.equal(redacted('mysql://root:abc@db:3306/shop?x=1'), 'mysql://root:[redacted]@db:3306/shop?x=1')
  t.equal(redacted('smtp://me@a.jp:abc@smtp.a.jp:587'), 'smtp://me@a.jp:[redacted]@smtp.a.jp:587')
  t.equal(redacted('smtp%3A%2F%2Fme%40a.jp%3Aabc%40smtp.a.jp'), 'smtp%3A%2F%2Fme%40a.jp%3A[redacted]%40smtp.a.jp')
  t.equal(redacted('a@b.jp https://u:p@h, c@d.jp'), 'a@b.jp https://u:[redacted]@h, c@d.jp')
})

t.test('slashes that are encoded behind a colon that is not are of the password, unless they begin the address', async t => {
  for (const password of ['//Zq7:Zq7', '//Zq7', 'a://Zq7:Zq7', 'Zq7://x:Zq7', '//Zq7:a//Zq7:Zq7']) {
    for (const encoded of [encodeURIComponent(password), password.replaceAll('/', '%2F')]) {
      const text = `mysql://root:${encoded}@db/shop`
      for (const write of [writers[0], writers[1], writers[2], slashed] as const) {
        t.equal(redacted(write?.(text) ?? ''), write?.(text.replace(encoded, 'R'))?.replace(/(root(?::|%3A|%253A))R/, '$1[redacted]'))
      }
    }
  }
  t.equal(redacted('https:%2F%2Fu:p@h'), 'https:%2F%2Fu:[redacted]@h')
  t.equal(redacted('x@y.jp https:%2F%2Fu:p@h'), 'x@y.jp https:%2F%2Fu:[redacted]@h')
  t.equal(redacted('https://a.jp/?to=https:%2F%2Fu:p@h'), 'https://a.jp/?to=https:%2F%2Fu:[redacted]@h')
})

t.test('an address without a password stays, and so does what only looks like one', async t => {
  for (const line of ['https://example.com:8080/user/a@b.com', 'https://example.com:8080?to=a@b', 'http://a:80&to=x@y', 'http://a:80#x@y',
    'git@github.com:a/b', 'git+ssh://git@github.com:a/b@v1', 'https://a@b:80,c@d', 'ssh://git@host/x', 'at 10:00:00 mail to a@b.jp', '//u:p@h', '://u:p@h', 'a:b@c', '{"m":"https://h:80\\nfrom a@b.jp"}',
    'https://h:80 a@b', 'amqp://guest:[redacted]@h', 'to=https%3A%2F%2Fh%3A80%2Fa%40b', 'mysql://u:@h', '@', 'https://u:p%', 'x://u:p@'.slice(0, -1)]) {
    t.equal(redacted(line), line)
  }
  const without = new Redactor({ ...usualRedaction, secretKeys: [] })
  t.equal(redacted('mysql://u:p@h', without), 'mysql://u:p@h')
})

t.test('hostile addresses take time in proportion to the line', async t => {
  testHostile(t, ['@', 'a@', ':@', '/@', '//:@', 'a://b:c@', 'a://b:@', '://', '%40', '%2540', 'a%3A%2F%2Fb%3Ac%40', '%25', '\\u0040', '\\x40',
    'a://1,@', 'x:', `a://${'b'.repeat(600)}:c@`])
})
