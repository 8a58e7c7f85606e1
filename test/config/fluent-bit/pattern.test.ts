import fc from 'fast-check'
import t from 'tap'
import { patternOfRuby } from '../../../src/config/fluent-bit/pattern.ts'
import { compilePattern, isPattern } from '../../../src/config/pattern.ts'

const matches = (ruby: string, line: string) => compilePattern(patternOfRuby(ruby) ?? '(?!)').test(line)

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
    ['(?<!not )found', 'was found', 'not found'],
    ['(?>a|ab)c', 'ac', 'abc'],
    ['^\\d++x', '123x', '1y'],
    ['a?+ab', 'aab', 'ab'],
    ['(?x) a  b # and a note', 'ab', 'a b'],
    ['/a b/x', 'ab', 'a b'],
    ['(?#note)a', 'a', 'b'],
    ['\\p{Alpha}1', 'ä1', '-1'],
    ['\\p{^Han}本', 'a本', '日本'],
    ['[[:alpha:]]1', 'ä1', '-1'],
    ['^[a-z&&[^b]]$', 'a', 'b'],
    ['[\\h]z', 'fz', 'gz'],
    ['a\\Rb', 'a\r\nb', 'a\tb'],
    ['GET \\K/admin', 'GET /admin', 'GET /'],
    ['(?<q>[\'"])x\\k<q>', '"x"', '"x\''],
    ['^(a|b\\g<1>c)$', 'bbacc', 'bba'],
    ['\\w+é', 'aé', 'éé'],
    ['^a$', 'x\na\ny', 'x\nab\ny'],
    ['\\Aa$', 'a\nb', 'b\na'],
    ['(?i)ERR\\z', 'x\nerr', 'err\nx'],
    ['{"a":1}', '{"a":1}', '{"a":2}'],
    ['[\\]\\[]', '[', '('],
    ['^😀{2}$', '😀😀', '😀'],
  ] as const) {
    t.ok(matches(ruby, yes), `${ruby} matches ${yes}`)
    t.notOk(matches(ruby, no), `${ruby} does not match ${no}`)
  }
})

t.test('a pattern that would mean something else here, or nothing, is not taken', async t => {
  for (const ruby of [
    '*failure*', '(', '', '\\Ga', '(?(1)a|b)', '(?u)a', '\\p{Nobody}', '\\p{constructor}', '[[:constructor:]]', '(?<a>b)\\k<c>',
  ]) t.equal(patternOfRuby(ruby), undefined, ruby)
})

t.test('what JavaScript writes alike stays as it is, so that V8 can run it in linear time', async t => {
  for (const ruby of ['ELB-HealthChecker', '^GET (a|b)$', '\\d{3} \\w+', '(?<!x)y', '[^\\[]x', '日本', 'a\\.b']) {
    t.equal(patternOfRuby(ruby), ruby, ruby)
  }
  t.equal(patternOfRuby('^a.*b$'), '^a[^\\n]*b$')
  t.equal(patternOfRuby('(?i)error'), '(?i:error)')
  t.equal(patternOfRuby('\\p{Lu}'), '(?v)\\p{Lu}')
})

t.test('a hostile pattern is given up soon', async t => {
  const chain = Array.from({ length: 16 }, (_, index) => `(?<g${index + 1}>\\g<g${index}>\\g<g${index}>)`).join('')
  for (const ruby of [`(?<g0>x)${chain}`, 'a|'.repeat(30_000), '('.repeat(500) + ')'.repeat(500), '(a\\g<1>?\\g<1>?)',
    `a${'++'.repeat(500)}`, '['.repeat(1000), '(?~'.repeat(300)]) {
    const before = process.cpuUsage()
    patternOfRuby(ruby)
    const { user } = process.cpuUsage(before)
    t.ok(user < 2_000_000, `${ruby.slice(0, 20)}: ${user} µs`)
  }
})

t.test('any text gives a pattern or none, never an error', async t => {
  const piece = fc.constantFrom('a', '.', '*', '+', '?', '(', ')', '[', ']', '{2}', '|', '^', '$', '\\', '(?', '<n>', ':', '\\g<1>', '\\k<n>',
    '\\p{L}', '&&', '-', '(?i)', '(?>', '\\A', '\\h', '[[:alpha:]]', '日', '😀', '/')
  fc.assert(fc.property(fc.array(piece, { maxLength: 12 }).map(pieces => pieces.join('')), ruby => {
    const pattern = patternOfRuby(ruby)
    return pattern === undefined || isPattern(pattern)
  }), { numRuns: 500, interruptAfterTimeLimit: 3000 })
})
