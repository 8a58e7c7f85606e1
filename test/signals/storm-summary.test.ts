import t from 'tap'
import { stormSummary } from '../../src/signals/storm-summary.ts'
import type { Storm } from '../../src/signals/storms.ts'

const storm: Storm = {
  container: 'web',
  fingerprint: '0123456789ab',
  example: { level: 'warn', origin: 'php', message: 'Undefined array key 3' },
  count: 4_812,
  surplus: 4_712,
  firstAtMs: Date.UTC(2026, 10, 23, 10, 0, 0, 5),
  lastAtMs: Date.UTC(2026, 10, 23, 10, 0, 59, 990),
  openMs: 60_000,
}
const options = { format: 'text', maxMessageBytes: 1_000_000, enrichment: '', route: 'storm' } as const

t.test('a summary says how often and when the error came, where the rest is, and what it was', async t => {
  t.equal(stormSummary(storm, options), 'repeated 4,812 times in 60 s, first 2026-11-23T10:00:00.005Z, ' +
    'last 2026-11-23T10:00:59.990Z, fingerprint 0123456789ab; 4,712 of them went to route storm: Undefined array key 3')
})

t.test('as text it is one line, whatever the message is', async t => {
  const example = { message: 'one\ntwo' }
  t.match(stormSummary({ ...storm, example }, options), /route storm: one two$/)
})

t.test('as JSON it has the fields of an error, those of ECS included, and numbers for queries', async t => {
  const text = stormSummary(storm, { ...options, format: 'json', enrichment: '"ecs_cluster":"shop"' })
  t.strictSame(JSON.parse(text), {
    time: '2026-11-23T10:00:59.990Z',
    level: 'warn',
    origin: 'php',
    message: 'repeated 4,812 times in 60 s: Undefined array key 3',
    fingerprint: '0123456789ab',
    storm: {
      count: 4_812, surplus: 4_712, route: 'storm', seconds: 60, first: '2026-11-23T10:00:00.005Z', last: '2026-11-23T10:00:59.990Z',
    },
    ecs_cluster: 'shop',
  })
  t.match(stormSummary(storm, { ...options, format: 'json', maxMessageBytes: 200 }), /^repeated 4,812 times/, 'too long for JSON')
})

t.test('a window that ended early is as long as it was, and times that are none make no error', async t => {
  t.match(stormSummary({ ...storm, openMs: 23_400 }, options), /^repeated 4,812 times in 23 s,/)
  t.match(stormSummary({ ...storm, openMs: 3 }, options), / in 1 s,/)
  t.match(stormSummary({ ...storm, firstAtMs: NaN, lastAtMs: 1e20 }, options), /first 1970-01-01T00:00:00.000Z, last 9999-12-31/)
})
