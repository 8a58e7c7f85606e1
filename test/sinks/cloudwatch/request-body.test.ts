import fc from 'fast-check'
import t from 'tap'
import { Entity } from '../../../src/sinks/cloudwatch/entity.ts'
import { createPutBody } from '../../../src/sinks/cloudwatch/request-body.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'
import { recordingLog } from '../../support/recording-log.ts'
import { lineText, readSlowly } from './oracle.ts'

const make = (lines: readonly string[]) =>
  createPutBody('/app', 'web/1', Buffer.from(lines.map(line => `${line}\n`).join('')), lines.length)

t.test('the body is the JSON of the same events, in order of time, lines of one time in their order', async t => {
  const message = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u0007', 'é', '😀') })
  const event = fc.record({
    timeMs: fc.nat(5), message, container: fc.constantFrom('', 'w"b'), isEscaped: fc.boolean(), hasMore: fc.boolean(),
  })
  const text = fc.oneof({ weight: 9, arbitrary: event.map(lineText) }, fc.constantFrom('', '{"t":-5,"c":"","m":"x"}'))
  await fc.assert(fc.asyncProperty(fc.array(text, { maxLength: 30 }), async lines => {
    const made = make(lines)
    const events = lines.map((line, index) => ({ ...readSlowly(line), index }))
    const sent = events.filter(each => each.fault === undefined).toSorted((a, b) => a.timeMs - b.timeMs)
    t.same(JSON.parse(made.body.toString()), {
      logGroupName: '/app',
      logStreamName: 'web/1',
      logEvents: sent.map(({ timeMs, message }) => ({ timestamp: timeMs, message })),
    })
    t.equal(made.eventCount, sent.length)
    t.same([...made.lineOf], sent.map(({ index }) => index))
    t.same(made.rejections, events.flatMap(({ index, fault }) => fault === undefined ? [] : [{ index, reason: fault }]))
  }), { numRuns: 300 })
})

t.test('names stand in the body as JSON has them', async t => {
  const { body } = createPutBody('/a"b', 'é\\', Buffer.alloc(0), 0)
  t.same(JSON.parse(body.toString()), { logGroupName: '/a"b', logStreamName: 'é\\', logEvents: [] })
})

t.test('an entity stands behind the events, whatever is in it, and none is none', async t => {
  const make = (keyAttributes: readonly string[], attributes: readonly string[]) => {
    const { closing } = new Entity({ keyAttributes, attributes, group: '/app', metrics: new Metrics(), log: recordingLog().log })
    const { body } = createPutBody('/app', 's', Buffer.from('{"t":1,"c":"web","m":"x"}\n'), 1, closing)
    return (JSON.parse(body.toString()) as { readonly entity?: object, readonly logEvents: readonly object[] })
  }
  t.same(make(['Type=Service', 'Name=a"b\\=c', 'Environment=日本'], ['a=1']), {
    logGroupName: '/app',
    logStreamName: 's',
    logEvents: [{ timestamp: 1, message: 'x' }],
    entity: {
      keyAttributes: { Type: 'Service', Name: 'a"b\\=c', Environment: '日本' },
      attributes: { a: '1' },
    },
  })
  t.same(make(['Type=Service', 'Name=a'], []).entity, { keyAttributes: { Type: 'Service', Name: 'a' } })
  t.notOk('entity' in make([], []))
})

t.test('the body shares no memory with the lines', async t => {
  const lines = Buffer.from('{"t":1,"c":"web","m":"precious"}\n')
  const { body } = createPutBody('/app', 's', lines, 1)
  lines.fill(0)
  t.match(body.toString(), /precious/)
})
