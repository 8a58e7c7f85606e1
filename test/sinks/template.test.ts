import t from 'tap'
import { objectKey, pathPart } from '../../src/sinks/object-key.ts'
import { expandTemplate } from '../../src/sinks/template.ts'
import type { Segment } from '../../src/contracts/segment.ts'

const segment = { route: 'access', container: 'web', hour: '2026112309', id: '2026112309-b-1-2-c' } as Segment

t.test('names and the fields of the UTC hour are filled in', async t => {
  t.equal(expandTemplate('%Y/%m/%d/%H/{a}-{b}%%', '2026010203', { a: 'x', b: '%Y' }), '2026/01/02/03/x-%Y%')
})

t.test('what is not known stays as it stands', async t => {
  t.equal(expandTemplate('{nobody}%j%', '2026010203', {}), '{nobody}%j%')
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
