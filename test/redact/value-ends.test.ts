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

t.test('commas and brackets take time in proportion to the line', async t => {
  testHostile(t, ['password: ,', ',', 'password: a,b', ',aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'password: a,aaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'password%3Da,', ')a'])
})
