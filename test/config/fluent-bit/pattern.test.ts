import t from 'tap'
import { patternOfRuby } from '../../../src/config/fluent-bit/pattern.ts'
import { patternFlags } from '../../../src/config/pattern.ts'

const matches = (ruby: string, line: string) => new RegExp(patternOfRuby(ruby) ?? 'none', patternFlags).test(line)

t.test('a pattern of Fluent Bit matches here what it matches there', async t => {
  for (const [ruby, yes, no] of [
    ['ELB-HealthChecker', 'GET / ELB-HealthChecker/2.0', 'GET /'],
    ['^GET .*(failure|error)$', 'GET / failure', 'failure GET /'],
    ['/get/i', 'GET /', 'POST'],
    ['(?i)error', 'ERROR', 'warn'],
    ['(?i:error) [A-Z]', 'ERROR X', 'ERROR x'],
    ['\\Afirst', 'first\nsecond', 'second\nfirst'],
    ['^first', 'second\nfirst', 'no'],
    ['last\\z', 'first\nlast', 'last\nfirst'],
    ['last\\Z', 'last\n', 'last\nfirst'],
    ['id=\\h{4}\\b', 'id=09af', 'id=xyz1'],
    ['[[:digit:]]+ms', '12ms', 'ms'],
    ['[^[:space:]]x', 'ax', ' x'],
    ['(?<level>warn|error): ', 'warn: a', 'info: a'],
    ['a.b', 'a b', 'a\nb'],
    ['/a.b/m', 'a\nb', 'a\n'],
    ['\\[error\\]', '[error]', 'error'],
    ['(?=.*a)(?!.*b)c', 'ca', 'cb'],
  ] as const) {
    t.ok(matches(ruby, yes), `${ruby} matches ${yes}`)
    t.notOk(matches(ruby, no), `${ruby} does not match ${no}`)
  }
})

t.test('a pattern that would mean something else here, or nothing, is not taken', async t => {
  for (const ruby of [
    '*failure*', '(', '', '(?>a)b', 'a++', 'a{2}+', '/a b/x', '(?x) a', '\\p{Alpha}', '\\G', '\\K', '\\R', '[a-z&&[^b]]',
    '[\\h]', '(?#note)a', '\\g<1>(a)',
  ]) t.equal(patternOfRuby(ruby), undefined, ruby)
})
