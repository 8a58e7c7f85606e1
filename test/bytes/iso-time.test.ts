import fc from 'fast-check'
import t from 'tap'
import { createIsoTime } from '../../src/bytes/iso-time.ts'

t.test('formats as Date does, whatever was formatted before', async t => {
  const isoTime = createIsoTime()
  const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
  const time = fc.oneof(fc.integer({ min: 0, max: last }), fc.integer({ min: 0, max: 5000 }))
  fc.assert(fc.property(fc.array(time, { maxLength: 20 }), times =>
    times.every(time => isoTime(time).toString() === new Date(time).toISOString())))
})

t.test('a time outside of what ISO 8601 has a form for becomes the nearest inside', async t => {
  const isoTime = createIsoTime()
  for (const [time, expected] of [
    [-1, '1970-01-01T00:00:00.000Z'],
    [1999.9, '1970-01-01T00:00:01.999Z'],
    [NaN, '1970-01-01T00:00:00.000Z'],
    [Number.MAX_VALUE, '9999-12-31T23:59:59.999Z'],
    [Infinity, '1970-01-01T00:00:00.000Z'],
  ] as const) t.equal(isoTime(time).toString(), expected, String(time))
})
