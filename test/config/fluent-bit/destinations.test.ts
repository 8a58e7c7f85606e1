import t from 'tap'
import { chooseFor, type Output } from '../../../src/config/fluent-bit/destinations.ts'
import type { Condition, Flow } from '../../../src/config/fluent-bit/flows.ts'
import { lineClasses, type LineClass } from '../../../src/config/fluent-bit/lines.ts'

const condition = (isOfErrors: boolean): Condition => ({ where: 'f:1', field: '', key: 'log', pattern: 'x', isOfErrors })

function output (kind: Output['kind'], name: string, flows: Readonly<Record<string, readonly LineClass[]>>, conditions: readonly Condition[] = []): Output {
  const made = Object.entries(flows).flatMap(([container, classes]) => classes.map((each): Flow =>
    ({ container, class: each, tag: 't', conditions, isCopy: false, by: [] })))
  return { section: { name, where: 'f:1', entries: [] }, plugin: kind, kind, options: {}, flows: made }
}

function chosen (container: string, ...outputs: readonly Output[]): Record<string, string> {
  return Object.fromEntries([...chooseFor(container, outputs)].map(([name, each]) => [name, each.output.section.name]))
}

const all = { web: lineClasses, other: lineClasses }

t.test('of copies, errors become events and lines of stdout objects', async t => {
  t.same(chosen('web', output('s3', 'bucket', all), output('cloudwatch', 'group', all)), { error: 'group', access: 'bucket', app: 'bucket' })
  t.same(chosen('web', output('cloudwatch', 'group', all)), { error: 'group', access: 'group', app: 'group' })
  t.same(chosen('none', output('cloudwatch', 'group', all)), {})
})

t.test('among destinations of one kind the most specific counts, but not for a part of what shares a destination', async t => {
  t.same(chosen('web', output('cloudwatch', 'group', all), output('cloudwatch', 'own', { web: lineClasses }))['error'], 'own')
  t.same(chosen('web', output('cloudwatch', 'group', all), output('cloudwatch', 'errors', { web: ['error'], other: ['error'] }), output('s3', 'bucket', all)),
    { error: 'errors', access: 'bucket', app: 'bucket' })
  t.same(chosen('web', output('s3', 'bucket', all), output('s3', 'part', { web: ['access'] })), { error: 'bucket', access: 'bucket', app: 'bucket' })
})

t.test('what takes lines by their words is chosen only for errors, where it speaks of errors', async t => {
  const rest = output('s3', 'bucket', all)
  t.same(chosen('web', rest, output('cloudwatch', 'errors', all, [condition(true)])), { error: 'errors', access: 'bucket', app: 'bucket' })
  t.same(chosen('web', rest, output('cloudwatch', 'health', all, [condition(false)])), { error: 'bucket', access: 'bucket', app: 'bucket' })
  t.same(chosen('web', output('cloudwatch', 'errors', all, [condition(true)])), { error: 'errors' })
})

t.test('nothing of what Sluice does not have is chosen', async t => {
  t.same(chosen('web', output('none', 'null', all), output('other', 'datadog', all)), {})
})
