import t from 'tap'
import { createRecord, linePart, stream, type LinePart } from '../../src/contracts/record.ts'
import { createCutLines } from '../../src/pipeline/cut-lines.ts'

const { first, middle, last } = linePart

t.test('parts are numbered by container and stream, and the last says how many there are', async t => {
  const next = createCutLines()
  const noted = (part: LinePart, container = 'web', from: 0 | 1 | 2 = stream.stdout) =>
    next({ ...createRecord(), part, container, stream: from, timeMs: 36 }).json
  t.same([
    noted(first), noted(first, 'api'), noted(middle), noted(first, 'web', stream.stderr), noted(last), noted(last, 'api'),
    noted(last, 'web', stream.stderr), noted(last),
  ], [
    '"cut":"10-1","part":1', '"cut":"10-2","part":1', '"cut":"10-1","part":2', '"cut":"10-3","part":1',
    '"cut":"10-1","part":3,"parts":3', '"cut":"10-2","part":2,"parts":2', '"cut":"10-3","part":2,"parts":2',
    '"cut":"10-4","part":1,"parts":1',
  ])
})

t.test('what the first part was taken for is told of every part', async t => {
  const next = createCutLines()
  const rule = { name: 'stdout', class: 'app' } as const
  const part = next({ ...createRecord(), part: first })
  t.equal(part.rule, undefined)
  part.rule = rule
  t.equal(next({ ...createRecord(), part: middle }).rule, rule)
  t.equal(next({ ...createRecord(), part: last }).rule, rule)
  t.equal(next({ ...createRecord(), part: first }).rule, undefined)
})

t.test('parts of two lines of one container are kept apart, where two connections bring them', async t => {
  const next = createCutLines()
  const of = (part: LinePart, cutLine: number) => next({ ...createRecord(), part, cutLine, container: 'web', stream: stream.stderr })
  const one = of(first, 1)
  one.state.isSecret = true
  t.equal(of(first, 2).state.isSecret, false)
  t.equal(of(last, 1).state, one.state, 'what was to be taken out goes on')
  t.equal(of(last, 2).state.isSecret, false)
})
