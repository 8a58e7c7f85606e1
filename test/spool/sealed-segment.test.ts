import t from 'tap'
import { encodeComponent } from '../../src/spool/segment-name.ts'
import { formatCursor, isOlder, parseCursor, placeOf, SealedSegment } from '../../src/spool/sealed-segment.ts'

function segment (n: number, createdMs: number, container = '', hour = '2026112310', late = ''): SealedSegment {
  const id = `${hour}-${'a'.repeat(32)}-${n}${late}-1-0000abcd`
  const path = `/data/host/spool/access/${encodeComponent(container)}/${id}.ndjson`
  return new SealedSegment({ route: 'access', container, id, path, bytes: 1, firstAcceptedMs: 0, createdMs, isVerified: true })
}

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
  const ordered = [segment(9, 1), segment(1, 2), segment(2, 2), segment(1, Infinity), segment(2, Infinity)]
  for (const [index, one] of ordered.entries()) {
    for (const [otherIndex, other] of ordered.entries()) t.equal(isOlder(one, other), index < otherIndex)
  }
})

t.test('a segment belongs behind all that are not newer, in whatever order they come', async t => {
  const inOrder = Array.from({ length: 40 }, (_, index) => segment(index, Math.floor(index / 3)))
  const segments: SealedSegment[] = []
  for (let index = 0; index < 40; index++) {
    const one = inOrder[(index * 17) % 40] as SealedSegment
    segments.splice(placeOf(one, segments), 0, one)
  }
  t.same(segments.map(({ n }) => n), inOrder.map(({ n }) => n))
  const twin = segment(3, 1)
  t.equal(placeOf(twin, segments), 4, 'behind one that is as old')
})

t.test('what a segment is called is put together as it was, whatever its container is called', async t => {
  for (const container of ['', '_', 'web', '../web', '日本'.repeat(20), 'x'.repeat(200)]) {
    for (const hour of ['0000112310', '2026112310', '9999123123']) {
      for (const late of ['', 'late']) {
        const id = `${hour}-${'a'.repeat(32)}-7${late}-1-0000abcd`
        const path = `/data/host/spool/access/${encodeComponent(container)}/${id}`
        const one = segment(7, 1, container, hour, late)
        t.same([one.hour, one.id, one.path, one.cursorPath], [hour, id, `${path}.ndjson`, `${path}.cursor`])
        t.ok(one.isBelow('/data/host') && !one.isBelow('/data/hos') && !one.isBelow('/data/host-2'))
      }
    }
  }
})
