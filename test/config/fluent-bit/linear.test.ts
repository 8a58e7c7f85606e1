import fc from 'fast-check'
import t from 'tap'
import { allPatterns, linearOf } from '../../../src/config/fluent-bit/linear.ts'
import { patternOfRuby } from '../../../src/config/fluent-bit/pattern.ts'
import { compilePattern, tryLinearPattern } from '../../../src/config/pattern.ts'

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', 'c', 'K', 'K', 'é', '-', ' ', '1'), maxLength: 8 })

t.test('a pattern that looks ahead or ignores case holds for the same lines as one that a rule can run', async t => {
  for (const ruby of [
    '(?i)ab', '/AB|c/i', 'a(?i)b[a-c]', '(?i)[^a-b1]c', '(?i:a|k)b', '(?i)\\bab\\b', '(?mi)a.b',
    '^(?!.*ab)', '^(?!.*ab).*c', '^(?!ab|c)a', '^(?!(a|b)+c)(?!.*1)', '^(?=.*a)(?=.*b)', '^(?=.*a)(?!.*b).+', '^(?!a$)a*$',
    '(?i)^(?!.*ab).*c', '^(?!a)b|^(?=c)c1', 'a(?!b)', 'a(?!bc)', 'a(?![bc])', 'a(?!\\d)', 'a(?=b)', 'ab(?!-)|c', '(?i)a(?!b1)',
    '^a(?!b)', '(?<x>a)(?!b)', '(^(?!.*a))', '(?<!a)b(?!c)', 'a(?!\\.)',
  ]) {
    const pattern = patternOfRuby(ruby) ?? ''
    const linear = linearOf(pattern)
    t.not(linear, undefined, ruby)
    const [wanted, found] = [compilePattern(pattern), tryLinearPattern(linear ?? '')]
    fc.assert(fc.property(letters, text => { t.equal(found?.test(text), wanted.test(text), `${ruby} in ${JSON.stringify(text)}`) }), { numRuns: 400 })
  }
})

t.test('a pattern that a rule can run stays as it is', async t => {
  for (const pattern of ['a|b', '^\\[audit\\]', '(a)', '(?<!a)b']) t.equal(linearOf(pattern), pattern)
})

t.test('where there is no such pattern, there is none', async t => {
  for (const ruby of ['(?!a)b', 'a(?!b)c', '(a)\\1', '(?i)é', '(?i)[!-a]', 'a(?!.*b)', '(?>a+)b', '(?i)a(?-i)b', '\\p{L}(?!a)', '(?:a(?!b))+c', '^(?!(?!a)b)']) {
    t.equal(linearOf(patternOfRuby(ruby) ?? ''), undefined, ruby)
  }
})

t.test('several patterns in one hold for what all of them hold for', async t => {
  const patterns = ['a(b|c)', '(?<!a)b', 'c$', '^a']
  const all = tryLinearPattern(allPatterns(patterns) ?? '')
  fc.assert(fc.property(letters, text => {
    t.equal(all?.test(text), patterns.every(pattern => compilePattern(pattern).test(text)), JSON.stringify(text))
  }), { numRuns: 1000 })
  t.equal(all?.test('acbc'), true)
  t.equal(allPatterns(['(a)\\1', 'b']), undefined)
})
