import fc from 'fast-check'
import t from 'tap'
import { createRecord, type LogRecord } from '../../src/contracts/record.ts'
import { createEnrichedEncoder, fieldsJson } from '../../src/encode/enriched-encoder.ts'
import { createObjectEncoder } from '../../src/encode/object-encoder.ts'
import { textVerdict } from '../support/verdicts.ts'

const fields = { ecs_cluster: 'sh"op\n', ecs_task_arn: 'arn:日', empty: '' }

function recordOf (line: string): LogRecord {
  const bytes = Buffer.from(`}${line}}`)
  return { ...createRecord(), bytes, start: 1, end: bytes.length - 1, container: 'web' }
}

function enrich (line: string, json = fieldsJson(fields)): string {
  const encoder = createEnrichedEncoder(json)
  encoder.encode(recordOf(line), textVerdict)
  return encoder.buffer.toString('utf8', encoder.start, encoder.end)
}

t.test('fields without a value are left out', async t => {
  t.equal(fieldsJson(fields), '"ecs_cluster":"sh\\"op\\n","ecs_task_arn":"arn:日"')
  t.equal(fieldsJson({ empty: '' }), '')
})

t.test('an object of any content and white space keeps it and has the fields at its end', async t => {
  const whiteSpace = fc.constantFrom('', ' ', '\t ', '  ')
  const object = fc.dictionary(fc.string(), fc.jsonValue())
  fc.assert(fc.property(object, whiteSpace, whiteSpace, (value, inner, outer) => {
    const line = `${JSON.stringify(value).slice(0, -1)}${inner}}${outer}`
    const found = JSON.parse(enrich(line)) as object
    t.same(Object.entries(found), Object.entries({ ...JSON.parse(line) as object, ecs_cluster: 'sh"op\n', ecs_task_arn: 'arn:日' }))
  }), { numRuns: 300 })
})

t.test('what is no object stays as it is', async t => {
  for (const line of ['', '[]', 'text', '"}" ', '   ', '}']) t.equal(enrich(line), line, JSON.stringify(line))
})

t.test('what another encoder makes is enriched', async t => {
  const encoder = createEnrichedEncoder('"a":"b"', createObjectEncoder({ isJsonLine: () => false }))
  encoder.encode(recordOf('hello'), textVerdict)
  t.match(JSON.parse(encoder.buffer.toString('utf8', encoder.start, encoder.end)), { log: 'hello', container: 'web', a: 'b' })
})

t.test('long and short lines in turn are each right: the memory is used again', async t => {
  const encoder = createEnrichedEncoder('"a":1')
  for (const length of [10, 10_000, 1, 600_000, 3]) {
    const text = 'x'.repeat(length)
    encoder.encode(recordOf(`{"t":"${text}"}`), textVerdict)
    t.ok(encoder.buffer.toString('utf8', encoder.start, encoder.end) === `{"t":"${text}","a":1}`, `${length} characters`)
  }
})
