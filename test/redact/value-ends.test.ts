import t from 'tap'
import { testHostile } from '../support/hostile-time.ts'
import { redactedLine as redacted } from '../support/redacted-line.ts'

t.test('a value goes on behind a comma or a bracket, unless white space or the next key is there', async t => {
  for (const value of ['a,b', 'a,b,c', 'a,,b', 'a,$b', 'a)b', 'a}b', 'a]b)c', 'a,1:2', 'あ,い']) {
    for (const [given, expected] of [
      [`password: ${value}`, 'password: [redacted]'],
      [`password: ${value}, user: x`, 'password: [redacted], user: x'],
      [`password: ${value},user: x`, 'password: [redacted],user: x'],
      [`login(password: ${value}) failed`, 'login(password: [redacted]) failed'],
      [`{"m":"{password: ${value}} x"}`, '{"m":"{password: [redacted]} x"}'],
      [`{"m":"password: ${value}\\nx"}`, '{"m":"password: [redacted]\\nx"}'],
      [`password=${value}&x=1`, 'password=[redacted]&x=1'],
      [`to=%2Fx%3Fpassword%3D${value.replaceAll('あ', '%E3')}%26y=1`, 'to=%2Fx%3Fpassword%3D[redacted]%26y=1'],
    ] as const) t.equal(redacted(given), expected)
  }
  t.equal(redacted('Array ( [password] => a,b [x] => 1 )'), 'Array ( [password] => [redacted] [x] => 1 )')
  t.equal(redacted("['password' => abc,'x' => 1]"), "['password' => [redacted],'x' => 1]")
  t.equal(redacted('(token: abc).'), '(token: [redacted]).')
  t.equal(redacted('f(token: abc)->g()'), 'f(token: [redacted])->g()')
})

t.test('a private key goes on over its lines, to its end or as far as it is there', async t => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE+/a=\nZq7b\n-----END RSA PRIVATE KEY-----'
  for (const given of [key, key.slice(0, -30), key.slice(0, -40)]) {
    const after = given === key ? '\nx: 1' : ''
    for (const before of ['private_key: ', 'PRIVATE_KEY=', '[private_key] => ']) {
      t.equal(redacted(before + given + after), `${before}[redacted]${after}`)
      t.equal(redacted(JSON.stringify({ m: before + given + after })), JSON.stringify({ m: `${before}[redacted]${after}` }))
    }
    t.equal(redacted(`<private_key>${given}</private_key>`), '<private_key>[redacted]</private_key>')
  }
  testHostile(t, ['private_key=-----BEGIN ', 'private_key=-----BEGIN -----END -----', '-----BEGIN -----END ', 'secret=-'])
})

t.test('of two apostrophes behind a value the second is the one of MySQL, which shows the end of a statement in them', async t => {
  const error = "SQLSTATE[42000]: Syntax error or access violation: 1064 You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near 'SELEC 1 FROM `wp_users` WHERE user_pass = "
  const place = ' at line 1 in /var/www/plain.php:15\\nStack trace:\\n#0 /var/www/plain.php(15): PDO->query()\\n#1 {main}'
  for (const value of ['Zq7', '', "it''s", "it''"]) {
    const given = `${error}'${value}''${place}`
    const expected = value === '' ? given : `${error}'[redacted]''${place}`
    t.equal(redacted(given), expected)
    t.equal(redacted(JSON.stringify({ m: given })), JSON.stringify({ m: expected }))
  }
  // Within a text it is written twice.
  for (const value of ["a'' at line", "a'' at line x", "a''b"]) t.equal(redacted(`password = '${value}' AND b = 1`), "password = '[redacted]' AND b = 1")
  t.equal(redacted("near 'password = 'Zq7' AND b = 1' at line 1"), "near 'password = '[redacted]' AND b = 1' at line 1")
  testHostile(t, ["password = ''", "'' at line 1", "''", "password = 'a'' at line "])
})

t.test('commas and brackets take time in proportion to the line', async t => {
  testHostile(t, ['password: ,', ',', 'password: a,b', ',aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'password: a,aaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'password%3Da,', ')a'])
})
