import t from 'tap'
import { jsonOf, membersOf } from '../../src/bytes/json-value.ts'

t.test('a text that is no JSON is no value', async t => {
  t.same(jsonOf('{"a":[1]}'), { a: [1] })
  t.equal(jsonOf('null'), null)
  for (const text of ['', '{', 'word', '{"a":1} x']) t.equal(jsonOf(text), undefined, text)
})

t.test('what is no object has no members', async t => {
  t.same(membersOf({ a: 1 }), { a: 1 })
  for (const value of [undefined, null, 1, 'text', true]) t.same(membersOf(value), {})
})
