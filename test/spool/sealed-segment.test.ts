import t from 'tap'
import { formatCursor, isOlder, parseCursor, SealedSegment } from '../../src/spool/sealed-segment.ts'

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

t.test('what earlier processes left is older than anything new, by the time of its file; what is new, by its number', async t => {
  const segment = (n: number, createdMs: number) => new SealedSegment({
    route: 'access',
    container: '',
    id: `2026112310-${'a'.repeat(32)}-${n}-1-00000000`,
    path: '',
    bytes: 1,
    firstAcceptedMs: 0,
    createdMs,
    deliveredBytes: 0,
    deliveredRecords: 0,
    isVerified: true,
  })
  const ordered = [segment(9, 1), segment(1, 2), segment(2, 2), segment(1, Infinity), segment(2, Infinity)]
  for (const [index, one] of ordered.entries()) {
    for (const [otherIndex, other] of ordered.entries()) t.equal(isOlder(one, other), index < otherIndex)
  }
})
