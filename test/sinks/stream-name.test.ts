import fc from 'fast-check'
import t from 'tap'
import type { Segment } from '../../src/contracts/segment.ts'
import { streamName } from '../../src/sinks/stream-name.ts'

const segment: Segment = {
  route: 'error',
  container: 'web',
  hour: '2026112310',
  id: '2026112310-x-1-1-00000000',
  path: '',
  records: 1,
  bytes: 1,
  firstAcceptedMs: 0,
  deliveredBytes: 0,
  deliveredRecords: 0,
}
const values = { task: 'task1', cluster: 'shop', family: 'php' }
const name = (template: string, over: Partial<Segment> = {}, given: Readonly<Record<string, string>> = values) =>
  streamName({ ...segment, ...over }, template, given)

t.test('every placeholder is filled in, the date being that of the records in UTC', async t => {
  t.equal(name('{container}/{task}/{class}'), 'web/task1/error')
  t.equal(name('{cluster}/{family}/{date}/%H'), 'shop/php/2026-11-23/10')
})

t.test('a value that is not known takes its part of the path and its separator with it', async t => {
  const none = { task: 'task1', cluster: '', family: '' }
  t.equal(name('{cluster}/{container}/{class}', {}, none), 'web/error')
  t.equal(name('{family}-{task}/{container}--{class}', { container: '' }, none), 'task1/error')
  t.equal(name('{cluster}', {}, none), 'error', 'never empty')
  t.equal(name('/{container}//{class}/'), 'web/error')
})

t.test('a value from outside stays within its part and holds nothing a stream cannot be called', async t => {
  t.equal(name('{container}/{class}', { container: 'a:b*c/d\n' }), 'a_b_c_d_/error')
  t.equal(name('pre:{container}*'), 'pre_web_')
})

t.test('every name is one that CloudWatch takes, and two long ones stay two', async t => {
  const unit = fc.constantFrom('a', ':', '*', '/', '\n', 'é', '😀', '\ud83d', '.', '-')
  const text = fc.string({ unit, maxLength: 700 })
  await fc.assert(fc.asyncProperty(text, async container => {
    const made = name('{container}/{task}', { container })
    t.match(made, /^[^:*]{1,512}$/)
    t.notMatch(made, /^\/|\/\/|\/$/)
  }), { numRuns: 40 })
  t.equal(name('{container}', { container: 'x'.repeat(512) }), 'x'.repeat(512))
  const long = ['a', 'b'].map(last => name('{container}', { container: `${'x'.repeat(600)}${last}` }))
  t.same(long.map(each => each.length), [512, 512])
  t.not(long[0], long[1])
})
