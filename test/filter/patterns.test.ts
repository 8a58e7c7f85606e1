import t from 'tap'
import { createPatternFilter } from '../../src/filter/patterns.ts'
import { createRecord, type LogRecord } from '../../src/contracts/record.ts'

const none = {}

function recordOf (line: string, container = 'web'): LogRecord {
  const bytes = Buffer.from(`<${line}>`)
  return { ...createRecord(), bytes, start: 1, end: bytes.length - 1, container }
}

t.test('without patterns there is nothing to ask', async t => {
  t.equal(createPatternFilter({ everywhere: none, byContainer: { web: none } }), undefined)
})

t.test('every pattern to include must match, and none to exclude may', async t => {
  const filter = createPatternFilter({ everywhere: none, byContainer: { web: { include: ['GET', '^.日'], exclude: ['ELB', 'bot'] } } })
  t.equal(filter?.(recordOf('a日 GET /')), undefined)
  t.equal(filter?.(recordOf('GET /')), 'include-pattern')
  t.equal(filter?.(recordOf('a日 GET ELB')), 'exclude-pattern')
  t.equal(filter?.(recordOf('anything', 'batch')), undefined, 'another container has none')
})

t.test('those for all hold for each container besides its own', async t => {
  const filter = createPatternFilter({
    everywhere: { include: [], exclude: ['ELB'] }, byContainer: { web: { include: ['GET'], exclude: [] } },
  })
  t.same(['GET /', 'POST /', 'GET ELB'].map(line => filter?.(recordOf(line))), [undefined, 'include-pattern', 'exclude-pattern'])
  t.same(['POST /', 'POST ELB'].map(line => filter?.(recordOf(line, ''))), [undefined, 'exclude-pattern'])
})

t.test('a container of any name has its own patterns, and no other has them', async t => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const filter = createPatternFilter({ everywhere: none, byContainer: Object.fromEntries([[name, { exclude: ['ELB'] }]]) })
    t.equal(filter?.(recordOf('ELB', name)), 'exclude-pattern', name)
    t.equal(filter?.(recordOf('ELB', 'valueOf')), undefined, name)
  }
})

t.test('a long record is kept where a pattern might match behind what is looked at', async t => {
  const filter = createPatternFilter({ everywhere: { include: ['GET'] }, byContainer: { api: { include: ['(?i:get+)'], exclude: ['END'] } } })
  const before = (length: number, line: string) => 'x'.repeat(length) + line
  t.equal(filter?.(recordOf(before(65_536, ''))), 'include-pattern', 'all of it was looked at')
  t.equal(filter?.(recordOf(before(65_536, 'GET'))), undefined)
  t.equal(filter?.(recordOf(before(65_537, ''))), undefined, 'who knows')
  t.equal(filter?.(recordOf(before(4096, ''), 'api')), 'include-pattern')
  t.equal(filter?.(recordOf(before(4097, ' GET'), 'api')), undefined)
  t.equal(filter?.(recordOf(`GET GET ${before(60_000, 'END')}`, 'api')), 'exclude-pattern')
  t.equal(filter?.(recordOf(`GET GET ${before(65_536, 'END')}`, 'api')), undefined)
})
