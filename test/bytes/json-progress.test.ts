import fc from 'fast-check'
import t from 'tap'
import { JsonProgress } from '../../src/bytes/json-progress.ts'

function isObject (text: string, cuts: readonly number[] = []): boolean {
  const bytes = Buffer.from(text)
  const progress = new JsonProgress()
  progress.begin()
  let from = 0
  for (const to of [...cuts.filter(cut => cut > 0 && cut < bytes.length).sort((a, b) => a - b), bytes.length]) {
    // A copy goes on where the other stopped.
    const copy = new JsonProgress()
    copy.copyFrom(progress)
    if (!copy.read(bytes, from, to)) return false
    progress.copyFrom(copy)
    from = to
  }
  return progress.isDone
}

t.test('any object ends where it ends, wherever it is cut', async t => {
  const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))
  fc.assert(fc.property(object, fc.array(fc.nat(200), { maxLength: 5 }), fc.nat(3), (value, cuts, indent) => {
    const text = JSON.stringify(value, null, indent)
    return isObject(text, cuts) && !isObject(text.slice(0, -1), cuts) && isObject(`${text} \n`)
  }), { numRuns: 500 })
})

t.test('what is no object is told', async t => {
  for (const text of ['', ' ', '[1]', '1', '"a"', '{"a":1}}', '{"a":1}x', '{"a"}', '{"a":}', '{"a":1,}', '{,}', '{"a":[1,]}', '{"a":1 2}', '{"a":x}', '{"a":"\\x"}',
    '{"a":"\\u12g4"}', '{"a":"\n"}', '{a:1}', '{"a":1]', '{"a":[1}', '{"level":"info"}{"b":1}', `{"a":${'['.repeat(200)}`]) t.notOk(isObject(text), text)
})
