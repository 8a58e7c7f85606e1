import fc from 'fast-check'
import t from 'tap'
import { expandTemplate, objectKey, pathPart, streamName } from '../../src/sinks/names.ts'
import type { Segment } from '../../src/contracts/segment.ts'

const segment = { route: 'access', container: 'web', hour: '2026112309', id: '2026112309-b-1-2-c' } as Segment

t.test('names and the fields of the UTC hour are filled in', async t => {
  t.equal(expandTemplate('%Y/%m/%d/%H/{a}-{b}%%', '2026010203', { a: 'x', b: '%Y' }), '2026/01/02/03/x-%Y%')
})

t.test('what is not known stays as it stands', async t => {
  t.equal(expandTemplate('{nobody}%j%', '2026010203', {}), '{nobody}%j%')
  t.equal(expandTemplate('{constructor}', '2026010203', {}), '{constructor}')
})

t.test('the default key is the layout that the manual promises', async t => {
  const template = '{class}/dt=%Y-%m-%d/hour=%H/{task}-{segment}.ndjson.{ext}'
  t.equal(objectKey(segment, template, 'gz', { task: 't1' }),
    'access/dt=2026-11-23/hour=09/t1-2026112309-b-1-2-c.ndjson.gz')
  t.equal(objectKey(segment, template, '', { task: 't1' }),
    'access/dt=2026-11-23/hour=09/t1-2026112309-b-1-2-c.ndjson')
})

t.test('a name from outside is one part of a path', async t => {
  for (const name of ['', '.', '..', '../x', 'a/b', 'a\0b', '日本', 'a:b*c', 'web-1.2_x']) {
    t.match(pathPart(name), /^(?!\.*$)[\w.\-=+@]+$/, JSON.stringify(name))
  }
  t.equal(pathPart('web-1.2_x'), 'web-1.2_x')
})

t.test('a name from outside is never too long to store under, and two long ones stay two', async t => {
  t.equal(pathPart('x'.repeat(128)), 'x'.repeat(128))
  const parts = ['a', 'b'].map(last => pathPart(`${'x'.repeat(5000)}${last}`))
  t.same(parts.map(part => part.length), [128, 128])
  t.not(parts[0], parts[1])
})

const values = { task: 'task1', cluster: 'shop', family: 'php' }
const name = (template: string, over: Partial<Segment> = {}, given: Readonly<Record<string, string>> = values) =>
  streamName({ ...segment, route: 'error', hour: '2026112310', ...over }, template, given)

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

t.test('a segment that another process wrote goes under that one\'s name, safe as any', async t => {
  const theirs = { ...segment, names: { task: 'task/2' } }
  t.equal(objectKey(theirs, '{cluster}/{task}-{segment}', '', values), 'shop/task_2-2026112309-b-1-2-c')
  t.equal(streamName(theirs, '{family}/{task}', values), 'php/task_2')
})
