import t from 'tap'
import { joinedTrace, repairedEscape, repairedLine, within } from '../../../scripts/demo/before-after.ts'

t.test('a repaired line is one that was no JSON and is now, found by the time of its request', async t => {
  const whole = '{"time":"1","path":"/"}'
  const broken = String.raw`{"time":"2","path":"/\xe3"}`
  const repaired = '{"time":"2","path":"/\u00e3"}'
  t.same(repairedLine(['x', whole, broken], [whole, repaired]), { before: broken, after: repaired })
  t.equal(repairedLine([whole], [whole]), undefined)
  t.equal(repairedLine([broken], [broken]), undefined)
})

t.test('what was mended is told where it is an escape', async t => {
  t.same(repairedEscape({ before: String.raw`"/\x9f"`, after: String.raw`"/\u009f"` }), [String.raw`\x9f`, String.raw`\u009f`])
  t.equal(repairedEscape({ before: '{"a":1,}', after: '{"a":1}' }), undefined)
})

t.test('a trace is one event of several lines', async t => {
  const trace = 'PHP Fatal error: x\nStack trace:\n#0 a\n#1 {main}\n  thrown'
  const [event, eventOfAws] = [JSON.stringify({ m: trace }), JSON.stringify({ message: trace })]
  t.same(joinedTrace([JSON.stringify({ m: 'x' }), event]), { lines: trace.split('\n'), event })
  t.same(joinedTrace([eventOfAws]), { lines: trace.split('\n'), event: eventOfAws }, 'as the stand-in of AWS keeps it')
  t.equal(joinedTrace([]), undefined)
})

t.test('what is longer than a terminal is cut, and says so', async t => {
  t.equal(within(['abc', 'x'.repeat(20)], 10), '  abc\n  xxxxxx …')
})
