import t from 'tap'
import { hasRepeatedKey } from '../../src/repair/repeated-key.ts'

t.test('a key twice in one object is found, at any depth and however it is written', async t => {
  for (const json of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"x":[{"b":{"c":1,"d":"","c":2}}]}', '{"":1,"b":[],"":2}', '{"__proto__":1,"__proto__":2}']) {
    t.ok(hasRepeatedKey(json), json)
  }
})

t.test('the same key in different objects is no repetition, and values are no keys', async t => {
  for (const json of ['{}', '{"a":{"a":[{"a":1},{"a":2}]},"b":"a"}', '{"a":"b","b":"a:\\"b\\":","c":["b"]}', '{"a":-1.5e3,"b":true}']) {
    t.notOk(hasRepeatedKey(json), json)
  }
})
