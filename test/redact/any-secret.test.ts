import fc from 'fast-check'
import t from 'tap'
import { redactedLine } from '../support/redacted-line.ts'

/** Letters that stand in none of the lines around it: whatever of them is left is left of the secret. */
const markers = ['Q', 'Z', 'J']
const signs = [...'"\'\\[](){}<>&%$#@!+=:;,.?/|~^*`-_ あ']
const unit = fc.constantFrom(...markers, ...markers, ...markers, ...signs)
const secret = fc.string({ unit, minLength: 3, maxLength: 16 })
  .filter(text => /[QZJ]/.test(text) && text === text.trim())

/** As browsers and `rawurlencode` encode it. */
const ofUrl = (text: string) => encodeURIComponent(text).replace(/[!'()*~]/g, each => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
const ofForm = (text: string) => ofUrl(text).replaceAll('%20', '+')
const behind = (text: string, sign: string) => text.replaceAll('\\', '\\\\').replaceAll(sign, `\\${sign}`)
const json = (value: unknown) => JSON.stringify(value)
/** Source: server/util.c (ap_escape_errorlog_item) */
const ofApache = (text: string) => '[Tue Dec 01 00:57:10.936890 2026] [php:notice] [pid 6982:tid 6982] [client 127.0.0.1:34272] ' +
  [...Buffer.from(text)].map(byte => byte === 0x5c ? '\\\\' : byte === 0x0a ? '\\n' : byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`).join('')

/** Source: nginx src/http/modules/ngx_http_log_module.c (ngx_http_log_escape) */
const ofNginx = (text: string) => [...Buffer.from(text)].map(byte => byte < 0x20 || byte === 0x22 || byte === 0x5c || byte > 0x7e ? `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}` : String.fromCharCode(byte)).join('')

const exported = (text: string) => `array (\n  'password' => '${behind(text, "'")}',\n  'x' => 1,\n)`
const dumped = (text: string) => `array(1) {\n  ["password"]=>\n  string(${Buffer.byteLength(text)}) "${text}"\n}\n`
const printed = (text: string) => `Array\n(\n    [password] => ${text}\n    [x] => 1\n)\n`
const inJson = (text: string) => json({ message: 'x', password: text, after: 'kept' })
const inJsonTwice = (text: string) => json({ body: inJson(text) })

const writers: Readonly<Record<string, (text: string) => string>> = {
  'a query': text => `GET /login?user=me&password=${ofUrl(text)}&next=1 HTTP/1.1`,
  'an access line': text => `10.0.1.7 - - [23/Nov/2026:10:00:00 +0000] "GET /?password=${ofForm(text)} HTTP/1.1" 200 5 "https://x/?password=${ofUrl(text)}" "UA"`,
  'an access line in JSON': text => json({ status: 200, query: `?password=${ofUrl(text)}&n=1` }),
  'a query within one': text => `GET /?to=${ofUrl(`/login?password=${ofUrl(text)}&x=1`)} HTTP/1.1`,
  'JSON within a query': text => `GET /?data=${ofUrl(inJson(text))}&n=1 HTTP/1.1`,
  JSON: inJson,
  'JSON within JSON': inJsonTwice,
  'JSON within JSON within a query': text => `GET /?data=${ofUrl(inJsonTwice(text))}&n=1 HTTP/1.1`,
  'the same, encoded twice': text => `GET /?to=${ofUrl(`/?data=${ofUrl(inJsonTwice(text))}&n=1`)} HTTP/1.1`,
  'JSON three times within a query': text => `GET /?data=${ofUrl(json({ body: inJsonTwice(text) }))}&n=1 HTTP/1.1`,
  'JSON within JSON, as nginx writes it': text => `body: ${ofNginx(inJsonTwice(text))}`,
  'a form': text => `body: user=me&password=${ofForm(text)}&x=1`,
  'var_export()': exported,
  'var_dump()': dumped,
  'print_r()': printed,
  'serialize()': text => `a:1:{s:8:"password";s:${Buffer.byteLength(text)}:"${text}";}`,
  'Symfony\'s dumper': text => `  "password" => "${behind(text, '"')}"`,
  SQL: text => `UPDATE users SET password = '${behind(text, '\'').replaceAll('\\\'', '\'\'')}' WHERE id = 1`,
  'an address of a database': text => `mysql://root:${ofUrl(text)}@db/shop`,
  'a cookie': text => `Cookie: a=1; sess=${ofUrl(text)}; other=${ofUrl(text)}`,
  'a cookie by CGI': text => `HTTP_COOKIE=a=1; sess=${ofUrl(text)}; other=${ofUrl(text)}`,
  'a printed cookie': text => `[HTTP_COOKIE] => a=1; sess=${ofUrl(text)}; other=${ofUrl(text)}\n    [x] => 1`,
  'php-fpm': text => `NOTICE: PHP message: ${inJson(text)}`,
}

t.test('nothing of a secret is left, whatever it is made of and whoever writes it', t => {
  for (const [name, write] of Object.entries(writers)) {
    fc.assert(fc.property(secret, text => {
      // Where the dump was put on one line, so ends the array.
      fc.pre(!(name.includes('print') && text.includes(' )')))
      for (const line of [write(text), ...(name.includes('line') ? [] : [ofApache(write(text))])]) {
        const left = redactedLine(line).replaceAll('SQL', '')
        if (/[QZJ]/.test(left)) throw new Error(`${line} => ${left}`)
      }
    }), { numRuns: 300 })
    t.pass(name)
  }
  t.end()
})
