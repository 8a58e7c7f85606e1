import t from 'tap'
import { createClassifier } from '../../src/classify/classifier.ts'
import { Places } from '../../src/contracts/places.ts'
import { createRecord, stream, type Stream } from '../../src/contracts/record.ts'
import { accessSlots, accessValue, accessValueCount, type AccessValue } from '../../src/formats/access-values.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { accessKeys } from '../support/access-lines.ts'

const places = new Places(accessValueCount + 1)
const slotByKey = accessSlots({ asked: Object.keys(accessValue) as AccessValue[], duration: ['duration_us'], others: ['tenant'] })
const { classify } = createClassifier({ ...accessKeys, metrics: new Metrics(), values: { slotByKey, places } })

function valuesOf (line: string, from: Stream = stream.stdout): Record<string, string> {
  const bytes = Buffer.from(`"}${line}{"`)
  const verdict = classify({ ...createRecord(), bytes, start: 2, end: bytes.length - 2, stream: from })
  t.equal(verdict.places, places)
  const slots = { ...accessValue, tenant: accessValueCount }
  return Object.fromEntries(Object.entries(slots).filter(([, slot]) => places.startOf(slot) >= 0)
    .map(([name, slot]) => [name, bytes.toString('utf8', places.startOf(slot), places.endOf(slot))]))
}

t.test('values are found under whichever of their keys a line of JSON has', async t => {
  t.same(valuesOf('{"status":200,"method":"GET","path":"/a","query":"?b","bytes":12,"duration_us":5,"remote_ip":"::1",' +
    '"user_agent":"curl/8","host":"h","referer":"r","time":"t","tenant":"shop"}'), {
    status: '200',
    method: 'GET',
    path: '/a',
    query: '?b',
    bytes: '12',
    duration: '5',
    client: '::1',
    agent: 'curl/8',
    host: 'h',
    referer: 'r',
    time: 't',
    tenant: 'shop',
  })
  t.same(valuesOf('{"response":"404","request":"GET /x HTTP/1.1"}'), { status: '404', request: 'GET /x HTTP/1.1' })
})

t.test('values of the plain formats are found; what is written as a dash is not there', async t => {
  t.same(valuesOf('10.0.0.1 - - [23/Nov/2026:10:00:00 +0900] "GET /a HTTP/1.1" 200 - "-" "curl/8"'), {
    client: '10.0.0.1', time: '23/Nov/2026:10:00:00 +0900', request: 'GET /a HTTP/1.1', status: '200', agent: 'curl/8',
  })
  t.same(valuesOf('127.0.0.1 -  23/Nov/2026:19:38:39 +0000 "GET /ok.php" 200', stream.stderr), {
    client: '127.0.0.1', time: '23/Nov/2026:19:38:39 +0000', request: 'GET /ok.php', status: '200',
  })
})

t.test('a line that is neither has no values, and none of the line before', async t => {
  valuesOf('{"status":200,"path":"/"}')
  t.same(valuesOf('PHP Warning: x'), {})
  valuesOf('{"status":200,"path":"/"}')
  t.same(valuesOf('{"status":-,"path":"/"}'), {}, 'broken JSON')
  valuesOf('{"status":200,"path":"/"}')
  t.same(valuesOf('PHP Warning: x', stream.stderr), {})
  t.same(valuesOf('{"level":"error","message":"m","tenant":"t"}', stream.stderr), { tenant: 't' }, 'a logger')
})

t.test('nobody asks, nothing is noted', async t => {
  const asked = createClassifier({ ...accessKeys, metrics: new Metrics() })
  const bytes = Buffer.from('{"status":200,"path":"/"}')
  t.equal(asked.classify({ ...createRecord(), bytes, end: bytes.length, stream: stream.stdout }).places, undefined)
})
