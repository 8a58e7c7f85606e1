import t from 'tap'
import { createClassifier } from '../../src/classify/classifier.ts'
import { createErrorShape, createLineShape } from '../../src/classify/line-shape.ts'
import { standardRules, type RuleDefinition } from '../../src/classify/rules.ts'
import { shape, type Shape } from '../../src/contracts/verdict.ts'
import { createRecord, stream, type LogRecord, type Stream } from '../../src/contracts/record.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { accessKeys, createRandom, fixtureLines } from '../support/access-lines.ts'

const samples = {
  empty: '',
  access: '{"status":200,"method":"GET"}',
  brokenAccess: '{"status":-,"method":"GET"}',
  json: '{"level":"INFO"}',
  text: '[app] hello',
  common: '10.0.0.1 - - [23/Nov/2026:10:00:00 +0900] "GET / HTTP/1.1" 200 12',
  fpm: '127.0.0.1 -  23/Nov/2026:19:38:39 +0000 "GET /ok.php" 200',
}

function recordOf (line: string | Buffer, from: Stream): LogRecord {
  // The line lies inside of other bytes, as it does in a frame.
  const bytes = Buffer.concat([Buffer.from('{"'), Buffer.from(line), Buffer.from('"}')])
  return { ...createRecord(), bytes, start: 2, end: bytes.length - 2, stream: from }
}

t.test('the standard rules name stream and shape', async t => {
  const { classify } = createClassifier({ ...accessKeys, metrics: new Metrics() })
  const outcomes = Object.entries(stream).map(([streamName, from]) => [streamName, Object.fromEntries(
    Object.entries(samples).map(([shapeName, line]) => {
      const { rule } = classify(recordOf(line, from))
      return [shapeName, `${rule.name}: ${rule.class ?? 'filtered'}`]
    }))])
  t.same(Object.fromEntries(outcomes), {
    none: {
      empty: 'empty: filtered',
      access: 'unnamed: app',
      brokenAccess: 'unnamed: app',
      json: 'unnamed: app',
      text: 'unnamed: app',
      common: 'unnamed: app',
      fpm: 'unnamed: app',
    },
    stdout: {
      empty: 'empty: filtered',
      access: 'access: access',
      brokenAccess: 'access-broken: access',
      json: 'stdout: app',
      text: 'stdout: app',
      common: 'access-plain: access',
      fpm: 'access-plain: access',
    },
    stderr: {
      empty: 'empty: filtered',
      access: 'fpm-access: access',
      brokenAccess: 'stderr: error',
      json: 'stderr: error',
      text: 'stderr: error',
      common: 'stderr: error',
      fpm: 'fpm-access: access',
    },
  })
})

t.test('the verdict says of every stream whether a line is strict JSON, and where the fields of plain ones lie', async t => {
  const { classify } = createClassifier({ ...accessKeys, metrics: new Metrics() })
  for (const from of Object.values(stream)) {
    const isJson = Object.entries(samples).filter(([, line]) => classify(recordOf(line, from)).isJsonLine)
    t.same(isJson.map(([name]) => name), ['access', 'json'], String(from))
  }
  const record = recordOf(samples.common, stream.stdout)
  const { access } = classify(record)
  const status = access?.fields.find(({ name }) => name === 'status')
  t.equal(record.bytes.toString('utf8', status?.start, status?.end), '200')
  t.equal(classify(recordOf(samples.text, stream.stdout)).access, undefined)
})

t.test('each decision is counted by class and rule', async t => {
  const metrics = new Metrics()
  const { classify } = createClassifier({ ...accessKeys, metrics })
  for (const line of fixtureLines('stdout.log')) classify(recordOf(line, stream.stdout))
  classify(recordOf('', stream.stderr))
  const counted = [...metrics.series('sluice_classified_total')].filter(series => 'value' in series && series.value > 0)
  t.same(counted, [
    { labels: ['filtered', 'empty'], value: 1 },
    { labels: ['access', 'access'], value: 636 },
    { labels: ['access', 'access-broken'], value: 194 },
    { labels: ['app', 'stdout'], value: 20 },
  ])
})

t.test('the same rule is the same frozen object each time', async t => {
  const { classify, rules } = createClassifier({ ...accessKeys, metrics: new Metrics() })
  const { rule } = classify(recordOf(samples.access, stream.stdout))
  t.equal(classify(recordOf(samples.access, stream.stdout)).rule, rule)
  t.ok(rules.includes(rule))
  t.ok(Object.isFrozen(rule))
})

t.test('rules that leave a record without a class are refused', async t => {
  const metrics = new Metrics()
  for (const rules of [[], standardRules.slice(0, -1)]) {
    t.throws(() => createClassifier({ ...accessKeys, metrics, rules }), TypeError)
  }
})

t.test('the first of any rules that matches decides', async t => {
  const random = createRandom(1)
  const lines = createLineShape(accessKeys)
  const errorLines = createErrorShape(accessKeys)
  const some = <Value>(values: readonly Value[]) => random(2) === 0 ? undefined : values.filter(() => random(2) === 0)
  for (let round = 0; round < 300; round++) {
    const rules: RuleDefinition[] = Array.from({ length: random(6) }, (_, index) => {
      const streams = some<Stream>(Object.values(stream))
      const shapes = some<Shape>(Object.values(shape))
      return { name: `rule-${index}`, class: 'app', ...(streams && { streams }), ...(shapes && { shapes }) }
    })
    rules.push({ name: 'rest', class: undefined })
    const { classify } = createClassifier({ ...accessKeys, metrics: new Metrics(), rules })
    for (const line of Object.values(samples)) {
      for (const from of Object.values(stream)) {
        const record = recordOf(line, from)
        const lineShape = (from === stream.stderr ? errorLines : lines).shapeOf(record.bytes, record.start, record.end)
        const expected = rules.find(({ streams, shapes }) =>
          (streams === undefined || streams.includes(from)) && (shapes === undefined || shapes.includes(lineShape)))
        if (classify(record).rule.name !== expected?.name) t.fail(`round ${round}: ${JSON.stringify(rules)}, ${line}`)
      }
    }
  }
})
