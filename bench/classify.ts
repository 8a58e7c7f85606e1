import { createClassifier } from '../src/classify/classifier.ts'
import { createRecord, stream } from '../src/contracts/record.ts'
import { createEventEncoder } from '../src/encode/event-encoder.ts'
import { createObjectEncoder } from '../src/encode/object-encoder.ts'
import type { Encoder } from '../src/encode/encoder.ts'
import { Metrics } from '../src/telemetry/metrics.ts'
import { readArguments } from './arguments.ts'

readArguments(`Lines a second that one core classifies and encodes: the best and the median
round, and what a line leaves on the heap.

  npm run bench -- classify
`, {})

const lineCount = 20_000
const rounds = 15
const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) ' +
  'Version/18.1 Mobile/15E148 Safari/604.1'

function accessLine (index: number): string {
  const line = `{"time":"2026-11-23T10:${String(index % 60).padStart(2, '0')}:07+0900","remote_ip":"10.0.1.${index % 250}",` +
    `"host":"shop.example.jp","method":"GET","path":"/payment/confirm","query":"?id=${index % 9973}",` +
    `"protocol":"HTTP/1.1","status":200,"bytes":${index % 60_000},"duration_us":${index * 37 % 900_000},` +
    `"referer":"https://shop.example.jp/cart","user_agent":"${userAgent}",` +
    '"trace":"Root=1-67891233-abcdef012345678912345678"}'
  return line.replace('confirm', 'confirm' + 'x'.repeat(Math.max(0, 456 - line.length)))
}

function errorLine (index: number): string {
  return '[Mon Nov 23 10:00:07.123456 2026] [php:warn] [pid 17:tid 140] [client 10.0.1.2:51234] PHP Warning:  Undefined ' +
    `array key "token" seq=${index} in /var/www/html/src/Payment/Gateway.php on line 12, referer: https://shop.example.jp/`
}

const records = {
  access: linesOf(accessLine),
  broken: linesOf(index => accessLine(index).replace('shop.example.jp', 'shop\\xe3\\x81\\x82')),
  error: linesOf(errorLine),
  text: linesOf(index => `[app] cache warmed, ${index} entries, nothing else to say about this and that`),
}

function linesOf (make: (index: number) => string) {
  const lines = Array.from({ length: lineCount }, (_, index) => make(index))
  const ends: number[] = []
  let end = 0
  for (const line of lines) ends.push(end += Buffer.byteLength(line))
  return { bytes: Buffer.from(lines.join('')), ends: Int32Array.from(ends), meanBytes: end / lineCount }
}

type Lines = ReturnType<typeof linesOf>
type Work = (record: ReturnType<typeof createRecord>) => number

function measure (name: string, lines: Lines, isStderr: boolean, work: Work): void {
  const record = createRecord()
  record.bytes = lines.bytes
  record.container = 'web'
  record.stream = isStderr ? stream.stderr : stream.stdout
  const repeats = 10
  let checksum = 0
  const round = () => {
    const startNs = process.hrtime.bigint()
    for (let repeat = 0; repeat < repeats; repeat++) {
      let start = 0
      for (let index = 0; index < lineCount; index++) {
        record.start = start
        record.end = start = lines.ends[index] ?? 0
        record.timeMs = 1_795_000_000_000 + index
        checksum += work(record)
      }
    }
    return Number(process.hrtime.bigint() - startNs) / (repeats * lineCount)
  }
  round()
  globalThis.gc?.()
  const heapBefore = process.memoryUsage().heapUsed
  const nsPerLine = Array.from({ length: rounds }, round).toSorted((a, b) => a - b)
  const rate = (ns = 0) => (1000 / ns).toFixed(2).padStart(6)
  const heapPerLine = (process.memoryUsage().heapUsed - heapBefore) / (rounds * repeats * lineCount)
  process.stdout.write(`${name.padEnd(28)} ${lines.meanBytes.toFixed(0).padStart(4)} B  ` +
    `${rate(nsPerLine[0])} best, ${rate(nsPerLine[rounds >> 1])} median M lines/s  ` +
    `${heapPerLine.toFixed(2).padStart(6)} heap B/line  (${checksum % 10})\n`)
}

const keys = {
  format: 'auto' as const,
  statusKeys: ['status', 'status_code', 'statusCode', 'response_code', 'http_status'],
  requestKeys: ['request', 'method', 'path', 'uri', 'url', 'request_method', 'request_uri', 'request_path', 'verb'],
}
const { classify } = createClassifier({ ...keys, metrics: new Metrics() })
const objectEncoder = createObjectEncoder({ isJsonLine: (_record, verdict) => verdict.isJsonLine })
const encoded = (encoder: Encoder): Work => record => {
  encoder.encode(record, classify(record))
  return encoder.end - encoder.start
}
measure('classify access', records.access, false, record => classify(record).rule.name.length)
measure('classify broken access', records.broken, false, record => classify(record).rule.name.length)
measure('classify text', records.text, false, record => classify(record).rule.name.length)
measure('classify error', records.error, true, record => classify(record).rule.name.length)
measure('classify, encode event', records.error, true, encoded(createEventEncoder()))
measure('classify, encode object (text)', records.text, false, encoded(objectEncoder))
