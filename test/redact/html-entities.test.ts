import t from 'tap'
import { testHostile } from '../support/hostile-time.ts'
import { redactedLine as redacted } from '../support/redacted-line.ts'

const quotes = ['&quot;', '&#34;', '&#034;', '&#x22;', '&#X22;', '&apos;', '&#39;', '&#039;', '&#x27;', '&amp;quot;', '&amp;amp;#039;']

t.test('a key has quotes of HTML too, and its value', async t => {
  for (const quote of quotes) {
    const given = '{"password":"Zq7","x":1}'.replaceAll('"', quote)
    const expected = '{"password":"[redacted]","x":1}'.replaceAll('"', quote)
    for (const [before, behind] of [['', ''], ['<div data-x="', '">'], ['{"n":1,"m":"', '"}'], ['{"m":"<a x=\\"', '\\">"}']]) {
      t.equal(redacted(`${before}${given}${behind}`), `${before}${expected}${behind}`)
    }
    t.equal(redacted(`${quote}password${quote} =&gt; ${quote}Zq7${quote}, x`), `${quote}password${quote} =&gt; ${quote}[redacted]${quote}, x`)
    t.equal(redacted(`{${quote}session${quote}:{${quote}id${quote}:${quote}Zq7${quote}},${quote}x${quote}:1}`),
      `{${quote}session${quote}:[redacted],${quote}x${quote}:1}`)
    t.equal(redacted(`${quote}cvv${quote}: 123, ${quote}x${quote}`), `${quote}cvv${quote}: [redacted], ${quote}x${quote}`)
    t.equal(redacted(`{"m":"${quote}token${quote}:${quote}Zq7","n":1}`), `{"m":"${quote}token${quote}:${quote}[redacted]","n":1}`)
    t.equal(redacted(`${quote}token${quote}:${quote}a\\${quote}Zq7${quote},x`), `${quote}token${quote}:${quote}[redacted]${quote},x`)
  }
  t.equal(redacted('[password] =&gt; Zq7\n [x] =&gt; 1'), '[password] =&gt; [redacted]\n [x] =&gt; 1')
  t.equal(redacted('?a=1&amp;password=Zq7&amp;y=2'), '?a=1&amp;password=[redacted]&amp;y=2')
})

t.test('what only looks like an entity, or stands behind no key, stays', async t => {
  for (const line of ['&quot;x&quot;:&quot;y&quot;', 'password&foo;:&quot;', 'password;: x', 'quot;:x', '&quot;:x', ';:', ';=', 'token&gt;:x',
    '&quot;password&quot;,&quot;x&quot;:1', 'token =&lt; x']) t.equal(redacted(line), line)
})

t.test('hostile entities take time in proportion to the line', async t => {
  testHostile(t, ['&quot;', '&quot;:', 'password&quot;:&quot;', 'password&quot;:', '&amp;', '&amp;quot;:', ';:', ';=', 'amp;:', 'token=&gt;', 'token=&',
    'password&quot;:&quot;\\', '&quot;cvv&quot;:{&quot;'])
})
