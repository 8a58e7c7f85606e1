import t from 'tap'
import { formatCursor, parseCursor } from '../../src/spool/cursor.ts'

const whole = { bytes: 1000, records: 10 }

t.test('a cursor is two numbers and a newline, to the letter', async t => {
  t.equal(formatCursor({ bytes: 182_400, records: 400 }), '182400 400\n')
  t.same(parseCursor('300 3\n', whole), { bytes: 300, records: 3 })
  t.same(parseCursor('0 0\n', whole), { bytes: 0, records: 0 })
  t.same(parseCursor('1000 10\n', whole), whole)
})

t.test('a cursor that makes no sense is none', async t => {
  for (const text of ['', '300 3', '300\n', '300 3 \n', ' 300 3\n', '-300 3\n', '3e2 3\n', '300 3\n300 3\n', '1001 3\n',
    '300 11\n', '3 4\n', '0 1\n', '300 0\n', '1000 9\n', '999 10\n', '9'.repeat(20) + ' 1\n', '\0\0\0\0\0\0']) {
    t.equal(parseCursor(text, whole), undefined, JSON.stringify(text))
  }
})
