import t from 'tap'
import { createLineTime } from '../../src/formats/line-time.ts'

const lineTime = createLineTime()

function isoOf (line: string): string | undefined {
  const bytes = Buffer.from(`before${line}behind`)
  const timeMs = lineTime(bytes, 6, bytes.length - 6)
  return timeMs === undefined ? undefined : new Date(timeMs).toISOString()
}

t.test('a line that names its zone tells its time, in every format', async t => {
  const cases = {
    '10.0.0.1 - - [23/Nov/2026:19:41:55 +0900] "GET / HTTP/1.1" 200 1': '2026-11-23T10:41:55.000Z',
    'www.example.com:443 10.0.0.1 - a [b] c [23/Nov/2026:19:41:55 -0330] "GET / HTTP/1.1" 200 1 "-" "-"': '2026-11-23T23:11:55.000Z',
    // What a user calls himself is no time: the quote in it is escaped.
    '10.0.0.1 - [01/Jan/2001:00:00:00 +0000] \\" [23/Nov/2026:19:41:55 +0000] "GET / HTTP/1.1" 200 1': '2026-11-23T19:41:55.000Z',
    '- -  23/Nov/2026:19:38:39 +0000 "GET /index.php" 200': '2026-11-23T19:38:39.000Z',
    '{"time":"2026-11-23T19:41:55+09:00","status":200,"path":"/"}': '2026-11-23T10:41:55.000Z',
    '{"status":200,"path":"/","time":"[23/Nov/2026:19:41:55 +0000]"}': '2026-11-23T19:41:55.000Z',
    '{"status":200,"ua":"\\x22,\\"time\\":\\"2001-01-01T00:00:00Z","time":"2026-11-23T19:41:55.123456Z"}': '2026-11-23T19:41:55.123Z',
    '{"status":-,"path":"/","time":"23\\/Nov\\/2026:19:41:55 +0000"}': '2026-11-23T19:41:55.000Z',
    '{"ts":1795000000,"status":200}': '2026-11-18T11:06:40.000Z',
    '{"ts":1795000000.123,"status":-}': '2026-11-18T11:06:40.123Z',
    '{"time":1795000000123,"status":200}': '2026-11-18T11:06:40.123Z',
    '{"time":"1795000000123456","status":200}': '2026-11-18T11:06:40.123Z',
    // A duration is no time.
    '{"time":0.25,"status":200,"date":"2026-11-23 19:41:55Z"}': '2026-11-23T19:41:55.000Z',
    '{"message":"x","context":{"time":"2001-01-01T00:00:00Z"},"datetime":"2026-11-23T19:41:55.5+00:00"}': '2026-11-23T19:41:55.500Z',
    '{"message":"x","datetime":{"date":"2026-11-23 19:41:55.250000","timezone_type":3,"timezone":"Asia/Tokyo"}}': '2026-11-23T10:41:55.250Z',
    '[24-Nov-2026 04:37:30 Asia/Tokyo] PHP Warning:  x': '2026-11-23T19:37:30.000Z',
    '[24-Nov-2026 04:37:30 UTC] PHP Warning:  x': '2026-11-24T04:37:30.000Z',
    '[2026-11-23T19:41:55.275123+00:00] app.ERROR: x': '2026-11-23T19:41:55.275Z',
    '[2026-11-23 19:41:05.714148+0900] x': '2026-11-23T10:41:05.714Z',
    '2026-11-23 19:41:55,123Z x': '2026-11-23T19:41:55.123Z',
    '2026-11-23T19:41:55.123456789Z line of docker logs': '2026-11-23T19:41:55.123Z',
    '\u001b[31m[2026-11-23T19:41:55+00:00] app.ERROR: in colour': '2026-11-23T19:41:55.000Z',
    '\ufeff[2026-11-23T19:41:55+00:00] app.ERROR: behind a mark': '2026-11-23T19:41:55.000Z',
  }
  for (const [line, iso] of Object.entries(cases)) t.equal(isoOf(line), iso, line)
})

t.test('a time without a zone is one of the zone of the process', async t => {
  const local = (ms = 0) => new Date(2026, 10, 23, 19, 41, 55, ms).toISOString()
  const cases = {
    '[Mon Nov 23 19:41:55.478262 2026] [php:error] [pid 1:tid 1] x': local(478),
    'Mon Nov 23 19:41:55 2026 error x': local(),
    '[23-Nov-2026 19:41:55] WARNING: [pool www] child 24504 said into stderr: "x"': local(),
    '[2026-11-23 19:41:55] production.ERROR: x': local(),
    '2026/11/23 19:41:55 [error] x': local(),
    'ERROR - 2026-11-23 19:41:55 --> x': local(),
    '{"time":"Mon Nov 23 19:41:55.478262 2026","level":"error"}': local(478),
  }
  for (const [line, iso] of Object.entries(cases)) t.equal(isoOf(line), iso, line)
})

t.test('a line without a time of its own has none', async t => {
  const lines = ['', '#0 {main}', 'PHP Warning:  2026-11-23 19:41:55', '  [2026-11-23T19:41:55Z]',
    '10:00:01 CRITICAL  [console] x', '{', '{}', 'null', '{"time":null}', '{"time":"soon","ts":12,"date":true,"timestamp":99999999999999999999}', '{"datetime":{"date":1}}',
    '[24-Nov-2026 04:37:30 Mars/Olympus] x', '0000-99-99 99:99:99Z', '2026-13-01 00:00:00Z', '2026-12-01 24:00:00Z', '{"time":"2001',
    `${'x'.repeat(2000)} [23/Nov/2026:19:41:55 +0900] "GET /`, '{"__proto__":{"time":"2026-11-23T19:41:55Z"}}']
  for (const line of lines) t.equal(isoOf(line), undefined, line)
})

t.test('whatever the bytes, reading them ends at once and never throws', async t => {
  const tokens = ['{"time":"', '{"time":', '"time":"2026-11-23', '[23/Nov/2026:', '2026-11-23 ', '\\', '"', ',', ' ', '\x1b[3;', '{', '1']
  const began = performance.now()
  for (const token of tokens) {
    const bytes = Buffer.from(`{${token.repeat(Math.ceil(300_000 / token.length))}`)
    lineTime(bytes, 0, bytes.length)
    lineTime(bytes, 1, bytes.length)
  }
  t.ok(performance.now() - began < 10_000)
})
