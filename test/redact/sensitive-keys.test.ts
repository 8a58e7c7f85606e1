import t from 'tap'
import { Redactor } from '../../src/redact/redactor.ts'
import { testHostile } from '../support/hostile-time.ts'
import { redactedLine as redacted } from '../support/redacted-line.ts'
import { usualRedaction } from '../support/usual-redaction.ts'

const keysThatEndSo = ['user_password', 'dbPassword', 'DBPassword', 'user-PASSWORD', 'dbPWD', 'X-Auth-Token', 'X-Amz-Security-Token',
  'stripe_secret', 'oauthClientSecret', 'user2_api_key', 'a_security_code', 'card2Cvv', '__token', 'user__password', 'newPassword2']

t.test('a key may be the end of a longer one, behind a dash, an underscore or as a word of its own', async t => {
  for (const key of keysThatEndSo) {
    for (const [given, expected] of [
      [`x=1&${key}=abc&y=2`, `x=1&${key}=[redacted]&y=2`],
      [`x%26${key.replaceAll('_', '%5F')}%3Dabc%26y`, `x%26${key.replaceAll('_', '%5F')}%3D[redacted]%26y`],
      [`{"n":1,"${key}":"abc","y":2}`, `{"n":1,"${key}":"[redacted]","y":2}`],
      [`{"m":"{\\"${key}\\":\\"abc\\"}"}`, `{"m":"{\\"${key}\\":\\"[redacted]\\"}"}`],
      [`Array\n(\n    [${key}] => abc\n)`, `Array\n(\n    [${key}] => [redacted]\n)`],
      [`'${key}' => 'abc', 'y' => 2`, `'${key}' => '[redacted]', 'y' => 2`],
    ] as const) t.equal(redacted(given), expected)
    t.equal(redacted(`<x:${key}>abc</x:${key}>`), `<x:${key}>[redacted]</x:${key}>`)
  }
  t.equal(redacted(`${'a'.repeat(100)}_password=abc`), `${'a'.repeat(100)}_password=[redacted]`)
  t.equal(redacted('[REDIRECT_HTTP_AUTHORIZATION] => Basic abc'), '[REDIRECT_HTTP_AUTHORIZATION] => [redacted]')
  for (const [given, expected] of [
    ['laravel_session=abc; path=/', 'laravel_session=[redacted]; path=/'], ['to=x%3Fuser_session%3Dabc', 'to=x%3Fuser_session%3D[redacted]'],
    ['{"wpSession":"abc"}', '{"wpSession":"[redacted]"}'], ['[php_session] => abc', '[php_session] => [redacted]'],
  ] as const) t.equal(redacted(given), expected)
  t.equal(redacted('user_pin=1234&cardPin=1234'), 'user_pin=[redacted]&cardPin=[redacted]')
  const own = new Redactor({ ...usualRedaction, secretKeys: ['otp', 'p'] })
  t.equal(redacted('user_otp=123&userOtp=1&a_p=2&authorization=x', own), 'user_otp=[redacted]&userOtp=[redacted]&a_p=2&authorization=[redacted]')
})

t.test('a word that only ends with the same letters is no key, nor one that means other things in longer ones', async t => {
  for (const line of ['mypassword=x', 'MYPASSWORD=x', 'tokens=3&max_tokens=3', 'mod_session: no module', 'account_sid=1', 'sound_track=2',
    'next_code=1&state=2', 'user_pin=12', 'ga_cid=1234', 'password_reset=1', '{"hasPassword":true}', 'delete-cookie: a b c']) t.equal(redacted(line), line)
})

t.test('an id whose key ends like a secret is one as a whole word', async t => {
  const own = new Redactor({ ...usualRedaction, idKeys: ['order_token'] })
  t.equal(redacted('order_token=4111111111111111', own), 'order_token=4111111111111111')
})

t.test('what stands in brackets behind a key, however deep, is of its value', async t => {
  for (const name of ['password[a][b]', 'user[password][a]', 'x[a][password][b][c]', "$_POST['password']['a']", 'password[0][b]', 'password[a][0]',
    'password[a-b_c][d.e]', 'user[db_password][a]', "$_COOKIE['a']", 'cookies[a]', 'headers[Set-Cookie][a]']) {
    t.equal(redacted(`x=1&${name}=abc&y=2`), `x=1&${name}=[redacted]&y=2`)
    const encoded = encodeURIComponent(name)
    t.equal(redacted(`x=1&${encoded}=abc&y=2`), `x=1&${encoded}=[redacted]&y=2`)
    t.equal(redacted(`{"m":"x%26${encoded}%3Dabc%26y"}`), `{"m":"x%26${encoded}%3D[redacted]%26y"}`)
  }
  for (const line of ['a[b]=1', 'x[a][b][c]=1', '[a][b]=1', '[user] => x', '][b]=1', 'token [a]=1', 'trace[a]=1', ']]]]=1', '[[[[=1']) {
    t.equal(redacted(line), line)
  }
  testHostile(t, ['[a]=', '][', ']=', 'password[a]=', '[a][a][a][a]=', `[${'a'.repeat(60)}]=`, '%5Ba%5D=', '%5D='])
})

t.test('keys that Japanese shops write are known', async t => {
  for (const key of ['login_pass', 'loginPass', 'user_pass', 'DB_PASS', 'パスワード', '新しいパスワード', 'ＣＶＶ', 'ｃｖｖ２', '決済ＣＶＶ', 'ＰＡＳＳＷＯＲＤ']) {
    for (const [before, after] of [['', ': '], ['', '：'], ['x=1&', '=']]) t.equal(redacted(`${before}${key}${after}Zq7`), `${before}${key}${after}[redacted]`)
    t.equal(redacted(`{"${key}":"Zq7"}`), `{"${key}":"[redacted]"}`)
    t.equal(redacted(`/?a=1&${encodeURIComponent(key)}=Zq7`), `/?a=1&${encodeURIComponent(key)}=[redacted]`)
  }
  for (const line of ['address: x', 'class=a', 'pass=3', 'bypass: 1', 'パスワードを入力してください', 'ＯＫ：１', 'compass=n']) t.equal(redacted(line), line)
})

t.test('members of objects that PHP dumps have their visibility between key and value', async t => {
  for (const [given, expected] of [
    ['Card Object\n(\n    [cvv:protected] => 123\n    [password:App\\Card:private] => abc\n    [x:protected] => 1\n)',
      'Card Object\n(\n    [cvv:protected] => [redacted]\n    [password:App\\Card:private] => [redacted]\n    [x:protected] => 1\n)'],
    ['object(Card)#1 (2) { ["cvv":protected]=> string(3) "123" ["password":"App\\Card":private]=> string(3) "abc" }',
      'object(Card)#1 (2) { ["cvv":protected]=> string(3) "[redacted]" ["password":"App\\Card":private]=> string(3) "[redacted]" }'],
    ['[pin:protected] => 1234', '[pin:protected] => [redacted]'],
  ] as const) {
    t.equal(redacted(given), expected)
    t.equal(redacted(JSON.stringify({ m: given })), JSON.stringify({ m: expected }))
  }
  t.equal(redacted('password: private, password:protected'), 'password: [redacted], password:[redacted]')
  testHostile(t, ['[password:A:private]', ':private]=', 'a:private] =>', 'password:\\\\\\\\', '[a:protected]=', 'password:\\"A'])
})

t.test('a tag of XML may have attributes', async t => {
  for (const [given, expected] of [
    ['<wsse:Password Type="http://x#PasswordText">abc</wsse:Password>', '<wsse:Password Type="http://x#PasswordText">[redacted]</wsse:Password>'],
    ["<cvv\n a='b' c='d'>123</cvv>", "<cvv\n a='b' c='d'>[redacted]</cvv>"],
  ] as const) {
    t.equal(redacted(given), expected)
    t.equal(redacted(JSON.stringify({ m: given })), JSON.stringify({ m: expected }))
  }
  for (const line of ['<a title="password">abc</a>', '<session id="1"><a>1</a></session>', '"password">abc</a>', '<x password="true">abc</x>']) {
    t.equal(redacted(line), line)
  }
  testHostile(t, ['">', '<">', '<password a="b">', '<password a="b', `<${'a'.repeat(300)}">`, "'>"])
})

t.test('an assignment may have a colon and an equals sign', async t => {
  t.equal(redacted('password := "a b", x'), 'password := "[redacted]", x')
})
