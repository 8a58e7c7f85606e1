import t from 'tap'
import { createErrorTime } from '../../src/formats/time.ts'

const time = createErrorTime()

t.test('a time with the name of its zone becomes UTC, also around a change of the clocks', async t => {
  t.equal(time.ofPhp('24-Nov-2026', '04:37:30', 'Asia/Tokyo'), '2026-11-23T19:37:30.000Z')
  t.equal(time.ofPhp('24-Nov-2026', '04:37:30.5', 'UTC'), '2026-11-24T04:37:30.500Z')
  t.equal(time.ofPhp('29-Mar-2026', '01:59:59', 'Europe/Berlin'), '2026-03-29T00:59:59.000Z')
  t.equal(time.ofPhp('29-Mar-2026', '03:00:00', 'Europe/Berlin'), '2026-03-29T01:00:00.000Z')
  t.equal(time.ofPhp('01-Nov-2026', '12:00:00', 'America/New_York'), '2026-11-01T17:00:00.000Z')
  t.equal(time.ofPhp('24-Nov-2026', '04:37:30', 'No/Where'), undefined)
  t.equal(time.ofPhp('99-Xyz-2026', '04:37:30', 'UTC'), undefined)
})

t.test('ISO 8601 in its looser forms becomes UTC; without a zone it says no time', async t => {
  t.equal(time.ofIso('2026-11-23T10:00:00.123456+00:00'), '2026-11-23T10:00:00.123456Z')
  t.equal(time.ofIso('2026-11-23 19:41:05,7 +0900'), '2026-11-23T10:41:05.700Z')
  t.equal(time.ofIso('2026-11-23T10:00:00Z'), '2026-11-23T10:00:00.000Z')
  t.equal(time.ofIso('2026-11-23 10:00:00'), undefined)
  t.equal(time.ofIso('2026-13-43T10:00:00Z'), undefined)
})
