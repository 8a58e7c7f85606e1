import t from 'tap'
import { describeMistake, describeMistakes, excerpt } from '../../src/config/mistake.ts'

t.test('a mistake is one line: place, setting, what was found, what is allowed, what was meant', async t => {
  const where = 'a.yaml:1:2'
  t.equal(describeMistake({ where, path: '', problem: 'is not YAML' }), 'a.yaml:1:2: is not YAML')
  t.equal(describeMistake({ where, path: 'log.level', problem: 'found 1', allowed: 'words', meant: 'info' }),
    'a.yaml:1:2: log.level: found 1; allowed: words; did you mean info?')
  t.equal(describeMistake({ where, path: '', problem: 'unknown', allowed: 'words, '.repeat(60), meant: 'bucket' }), 'a.yaml:1:2: unknown; did you mean bucket?')
})

t.test('a long list of what is allowed is said once', async t => {
  const unknown = (line: number) => ({ where: `a.yaml:${line}:1`, path: '', problem: 'unknown', allowed: 'words, '.repeat(60) })
  const [, first, second, third] = describeMistakes([unknown(1), unknown(2), { ...unknown(3), allowed: 'on' }]).split('\n')
  t.match(first, /allowed: words, words/)
  t.equal(second, '  a.yaml:2:1: unknown')
  t.equal(third, '  a.yaml:3:1: unknown; allowed: on')
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
  t.equal(excerpt('\u3000sync\u00a0\u200b a'), '"\\u3000sync\\u00a0\\u200b a"', 'what nobody can see')
  t.equal(excerpt('x'.repeat(100)).length, 62)
})

t.test('a piece of the configuration holds no password of an address and nothing behind the name of a secret', async t => {
  t.equal(excerpt('https://shop:hunter2/@logs.internal/x'), '"https://shop:***@logs.internal/x"')
  t.equal(excerpt('shop:hunter2@logs.internal:24224'), '"shop:***@logs.internal:24224"')
  t.equal(excerpt(`https://${'u'.repeat(40)}:hunter2hunter2hunter2@h`), `"https://${'u'.repeat(40)}:***@h"`)
  t.equal(excerpt('db_password = hunter2'), '"db_password = ***"')
  t.equal(excerpt('sharedKey: hunter2'), '"sharedKey: ***"')
  for (const text of ['s3://shop-logs', 'logs.internal:24224', '{class}/{segment}', 'arn:aws:s3:::shop', 'http://a@b']) {
    t.equal(excerpt(text), JSON.stringify(text))
  }
})

t.test('a piece of a very long text is made in the time of its length: else this would take hours', async t => {
  for (const piece of ['//a:', ',a', 'key', 'token=', 'a:', '@']) {
    t.ok(excerpt(piece.repeat(1_048_576 / piece.length)).length <= 62, piece)
  }
})
