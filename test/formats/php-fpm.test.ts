import t from 'tap'
import { createTraceJoiner } from '../../src/join/traces.ts'
import { createFpmDuplicates } from '../../src/filter/fpm-duplicates.ts'
import { createRecord, stream, type LogRecord } from '../../src/contracts/record.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { reportedMessages } from '../../src/formats/php-fpm.ts'
import { fixture, latin1Lines } from '../support/lines.ts'
import { readerOf } from '../support/error-reading.ts'

const readReport = readerOf('report')
function read (line: string) {
  const bytes = Buffer.from(line)
  return readReport(bytes, 0, bytes.length)
}

t.test('the messages of one line of Apache are told apart', async t => {
  t.same(reportedMessages("Got error 'PHP message: a; PHP message: b; c'"), ['a', 'b; c'])
  t.same(reportedMessages("Got error '; PHP message: a; PHP message: '"), ['a', ''])
  t.same(reportedMessages("Got error 'PHP message: cut"), ['cut'])
  t.same(reportedMessages("Got error 'Primary script unknown'"), [])
  t.same(reportedMessages('else'), [])
  const apache = '[Mon Nov 23 19:38:39.4 2026] [proxy_fcgi:error] [pid 1] [client 127.0.0.1:5] AH01071: '
  t.same(read(`${apache}Got error 'PHP message: a\\nb; PHP message:   ', referer: https://x/', referer: y`),
    { by: 'apache', messages: ['a\nb', "  ', referer: https://x/"] })
})

t.test('only reports of php-fpm are reports', async t => {
  t.same(read('NOTICE: PHP message: a'), { by: 'fpm', messages: ['a'] })
  for (const line of ['NOTICE: PHP message: ', 'x', '', '[Mon Nov 23 19:38:39.4 2026] [core:error] x',
    '[23-Nov-2026 19:38:39] WARNING: [pool www] child 1 said into stderr: "x"']) t.equal(read(line), undefined, line)
})

t.test('of the genuine captures every report of Apache has its duplicate', async t => {
  const isDuplicate = createFpmDuplicates({ maxAgeMs: 5000, maxCount: 4096, clock: { monotonicMs: () => 0 } })
  const counts = { fpm: 0, apache: 0, duplicate: 0 }
  const take = ({ bytes, start, end }: LogRecord) => {
    const report = readReport(bytes, start, end)
    if (report === undefined) return
    counts[report.by]++
    if (isDuplicate(report.by, report.messages)) counts.duplicate++
  }
  for (const file of ['php-fpm/fpm-stderr.log', 'php-fpm/apache-stderr.log']) {
    const joiner = createTraceJoiner({
      maxBytes: 1024 * 1024,
      maxLineCount: 1000,
      maxQuietMs: 1000,
      maxAgeMs: 5000,
      maxOpenCount: 64,
      maxTotalBytes: 16 * 1024 * 1024,
      clock: { monotonicMs: () => 0 },
      ledger: new Ledger(),
      metrics: new Metrics(),
      emit: take,
    })
    for (const line of latin1Lines(fixture(file))) {
      const bytes = Buffer.from(line, 'latin1')
      const record = { ...createRecord(), bytes, end: bytes.length, stream: stream.stderr }
      if (joiner.add(record)) take(record)
    }
    joiner.flush()
  }
  t.same(counts, { fpm: 121, apache: 81, duplicate: 81 })
})
