import t from 'tap'
import { createPatternFilter } from '../../src/filter/patterns.ts'
import { createRecord, type LogRecord } from '../../src/contracts/record.ts'

const none = { include: [], exclude: [] }

function recordOf (line: string, container = 'web'): LogRecord {
  const bytes = Buffer.from(`<${line}>`)
  return { ...createRecord(), bytes, start: 1, end: bytes.length - 1, container }
}

t.test('without patterns there is nothing to ask', async t => {
  t.equal(createPatternFilter({ everywhere: none, byContainer: { web: none } }), undefined)
})

t.test('every pattern to include must match, and none to exclude may', async t => {
  const filter = createPatternFilter({ everywhere: none, byContainer: { web: { include: [/GET/, /^.日/m], exclude: [/ELB/, /bot/] } } })
  t.equal(filter?.(recordOf('a日 GET /')), undefined)
  t.equal(filter?.(recordOf('GET /')), 'include-pattern')
  t.equal(filter?.(recordOf('a日 GET ELB')), 'exclude-pattern')
  t.equal(filter?.(recordOf('anything', 'batch')), undefined, 'another container has none')
})

t.test('those for all hold for each container besides its own', async t => {
  const filter = createPatternFilter({
    everywhere: { include: [], exclude: [/ELB/] }, byContainer: { web: { include: [/GET/], exclude: [] } },
  })
  t.same(['GET /', 'POST /', 'GET ELB'].map(line => filter?.(recordOf(line))), [undefined, 'include-pattern', 'exclude-pattern'])
  t.same(['POST /', 'POST ELB'].map(line => filter?.(recordOf(line, ''))), [undefined, 'exclude-pattern'])
})
