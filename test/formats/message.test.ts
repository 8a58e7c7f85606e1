import t from 'tap'
import { readMessage } from '../../src/formats/message.ts'

const error = 'PHP Warning:  x in /a.php on line 1'
const nested = (count: number) => {
  return Array.from({ length: count }).reduce((message: string) => JSON.stringify({ level: 'info', message }), error)
}

t.test('an error of PHP is found in the message of a record in JSON, and in a record within that', async t => {
  for (const count of [1, 2, 3]) {
    const text = nested(count)
    t.match(readMessage(text), { origin: 'php', level: 'warn', kind: 'Warning', file: '/a.php', line: 1, context: text })
  }
})

t.test('what is nested deeper is the message of the outermost', async t => {
  t.match(readMessage(nested(4)), { origin: 'app', level: 'info', message: nested(3) })
})

t.test('of other texts nothing is known', async t => {
  for (const text of ['', 'any text', '{', '{"', '{"a":', '[', '#', 'PHP', 'PHP Warning', '{ }']) t.equal(readMessage(text), undefined, text)
})
