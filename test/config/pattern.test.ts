import t from 'tap'
import { compilePattern, isPattern } from '../../src/config/pattern.ts'

t.test('a pattern is one of JavaScript, with lines as they are in a joined record', async t => {
  t.ok(compilePattern('^at$').test('in\nat\nthe'))
  t.notOk(compilePattern('GET').test('get'))
  t.ok(compilePattern('(?i:get)').test('GET'))
  t.ok(compilePattern('\\_[(]').test('_('), 'older syntax, which the flag v does not take')
})

t.test('(?v) in front is the flag v', async t => {
  t.ok(compilePattern('(?v)^\\p{Lu}[[a-z]&&[^b]]$').test('x\nÄc'))
  t.notOk(compilePattern('(?v)[[a-z]&&[^b]]').test('b'))
  t.ok(isPattern('(?v)\\p{Lu}'))
  t.notOk(isPattern('(?v)\\p{Nobody}'))
})

t.test('what is no pattern, or one of nothing, is none', async t => {
  for (const text of ['', '(', '*a', '[', 'a{2,1}', '(?v)', '(?v)[(]', '(?w)a', '('.repeat(20_000)]) t.notOk(isPattern(text), text.slice(0, 9))
})
