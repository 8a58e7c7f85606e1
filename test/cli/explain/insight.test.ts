import { join } from 'node:path'
import t from 'tap'
import { explain, fixtures } from './world.ts'

const summaryOf = async (file: string, source: 'stdout' | 'stderr') =>
  (await explain({ argv: [join(fixtures, file), '--source', source, '--summary'] })).out

t.test('the errors of a file are ranked, with their levels and signals, and no line is wider than 80 columns', async t => {
  const text = await summaryOf('php-fpm/fpm-stderr.log', 'stderr')
  const counts = [...text.matchAll(/^ +(\d+) {2}\w+ +[\w-]+ +[0-9a-f]{12} {2}/gm)].map(([, count]) => Number(count))
  t.equal(counts.length, 20)
  t.same(counts, counts.toSorted((one, other) => other - one))
  t.match(text, /^php_memory_exhausted: 4\n {2}A PHP request has used all/m)
  t.match(text, /^LEVEL +ERRORS\nerror +54\n/m)
  t.ok(text.split('\n').every(line => line.length <= 80))
  t.match(text, /The ledger balances/)
  t.notMatch(text, /^line 1/m, 'no single records')
})

t.test('requests are ranked, health checks apart, with how long they took', async t => {
  const text = await summaryOf('apache-modphp/stdout.log', 'stdout')
  t.match(text, /^REQUESTS +COUNT\n200 GET +379\n404 GET +126\n/m)
  t.match(text, /^HEALTH CHECKS +COUNT\n200 +64\n/m)
  t.match(text, /^766 requests say how long they took: \d\.\d{3} s on average$/m)
})

t.test('an error that says its own time is shown with the first and the last', async t => {
  const input = ['01', '05'].map(hour => `[2026-11-23T${hour}:00:00+00:00] app.ERROR: no stock of ${hour} [] []\n`).join('')
  const { out } = await explain({ argv: ['--source', 'stderr', '--summary'], input })
  t.match(out, /^ +2 {2}error +app +[0-9a-f]{12} {2}no stock of 01\n +2026-11-23T01:00:00 to 2026-11-23T05:00:00$/m)
})

t.test('a file that tells nothing has only its counts', async t => {
  const { out } = await explain({ argv: ['--summary'], input: 'hello\n' })
  t.match(out, /^CLASS +RULE +RECORDS\n/)
})
