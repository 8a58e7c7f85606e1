import t from 'tap'
import { accessValue } from '../../src/formats/access-values.ts'
import { notedLines } from '../support/noted-lines.ts'

t.test('values are noted of what is asked for, and of nothing else', async t => {
  const line = { method: 'GET', path: '/a', status: 200, user_agent: 'x', referer: 'y', duration_ms: 3 }
  const found = (env?: Readonly<Record<string, string>>) => {
    const { bytes, places } = notedLines(env).of(line)
    return Object.entries(accessValue).flatMap(([name, slot]) =>
      places.startOf(slot) < 0 ? [] : [`${name} ${bytes.toString('utf8', places.startOf(slot), places.endOf(slot))}`])
  }
  t.same(found(), ['status 200', 'method GET', 'path /a', 'duration 3', 'agent x'])
  t.same(found({ SLUICE_HEALTH_CHECKS_FILTER: 'off' }), ['status 200', 'method GET', 'duration 3'])
})

t.test('a key of the settings that holds an object does not hide the status', async t => {
  const { bytes, places } = notedLines().of({ status: 200, http: { version: '1.1' } })
  t.equal(bytes.toString('utf8', places.startOf(accessValue.status), places.endOf(accessValue.status)), '200')
})
