import t from 'tap'
import { describeMistake, describeMistakes, excerpt } from '../../src/config/mistake.ts'

t.test('a mistake is one line: place, setting, what was found, what is allowed, what was meant', async t => {
  const where = 'a.yaml:1:2'
  t.equal(describeMistake({ where, path: '', problem: 'is not YAML' }), 'a.yaml:1:2: is not YAML')
  t.equal(describeMistake({ where, path: 'log.level', problem: 'found 1', allowed: 'words', meant: 'info' }),
    'a.yaml:1:2: log.level: found 1; allowed: words; did you mean info?')
  t.equal(describeMistake({ where, path: '', problem: 'unknown', allowed: 'words, '.repeat(60), meant: 'bucket' }), 'a.yaml:1:2: unknown; did you mean bucket?')
})

t.test('of very many mistakes the first hundred are shown and all are counted', async t => {
  const mistakes = Array.from({ length: 250 }, (_, index) => ({ where: `a.yaml:${index + 1}:1`, path: '', problem: 'is not' }))
  const lines = describeMistakes(mistakes).split('\n')
  t.equal(lines[0], '250 mistakes in the configuration')
  t.same(lines.slice(-2), ['  a.yaml:100:1: is not', '  and 150 more'])
  t.equal(describeMistakes(mistakes.slice(0, 1)), 'one mistake in the configuration\n  a.yaml:1:1: is not')
})

t.test('a piece of the configuration is short and stays on one line', async t => {
  t.equal(excerpt('a"b'), '"a\\"b"')
  t.equal(excerpt('a\nb\u2028c\u009bd\u001b'), '"a\\nb\\u2028c\\u009bd\\u001b"')
  t.equal(excerpt('x'.repeat(100)).length, 62)
})
