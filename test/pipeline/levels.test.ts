import fc from 'fast-check'
import t from 'tap'
import { loadConfig } from '../../src/config/load.ts'
import { createRecord, stream } from '../../src/contracts/record.ts'
import { createInbound } from '../../src/pipeline/inbound.ts'
import { routesOf } from '../../src/pipeline/routes.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'
import { Metrics } from '../../src/telemetry/metrics.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { recordingLog } from '../support/recording-log.ts'
import { ruledWorld } from '../support/ruled-world.ts'

interface Told { readonly numbers: readonly number[], readonly filter: string | undefined }

/** What becomes of lines of standard error with a least level, by their numbers from 1. */
async function process (
  lines: readonly (readonly [text: string, waitMs: number])[]
): Promise<{ told: Told[], isBalanced: boolean }> {
  const { config } = loadConfig({ env: { SLUICE_ERROR_MIN_LEVEL: 'warn' }, readFile: () => '' })
  const ledger = new Ledger()
  const clock = new ManualClock()
  const told: Told[] = []
  const delivered = ledger.counter('delivered', 'error')
  const inbound = createInbound({
    config,
    routes: routesOf(config),
    enrichment: '',
    appendTo: () => () => {
      delivered.value++
      return true
    },
    spool: { isFull: false, whenWritable: async () => {}, stored: async () => true },
    clock,
    ledger,
    metrics: new Metrics(),
    log: recordingLog().log,
    listener: (record, { filter }) => { told.push({ numbers: record.numbers ?? [], filter }) },
  })
  const acceptor = inbound.acceptor('test')
  for (const [text, waitMs] of lines) {
    if (waitMs > 0) await clock.advance(waitMs)
    inbound.tick()
    const bytes = Buffer.from(text)
    acceptor.accept({ ...createRecord(), bytes, end: bytes.length, stream: stream.stderr, container: 'web', timeMs: clock.wallMs() })
  }
  inbound.flush()
  return { told, isBalanced: ledger.snapshot().isBalanced }
}

/** Nobody can say whose these are. */
const unmarked = ['Segmentation fault (core dumped)', 'sh: 1: pdftotext: not found', 'a text', 'Next time', '{"a":1}', 'Warning: low on paper',
  'php: error while loading shared libraries: libfoo.so', 'x'.repeat(1023), `{"a":"${'x'.repeat(600)}`]
const said = (body: string) => `[23-Nov-2026 19:38:39] WARNING: [pool www] child 7 said into stderr: "${body}"`
const marked = ['[2026-11-23 10:00:05] production.INFO: x  ', '[2026-11-23 10:00:05] production.INFO: x', '[2026-11-23 10:00:05] production.ERROR: x',
  '[2026-11-23 10:00:05] a.DEBUG: x {"exception":"[object] (E(code: 0): x at /a.php:3)', '[stacktrace]', '"} []', '"} ', '#0 /a.php(3): f()', '#1 {main}',
  'NOTICE: PHP message: PHP Notice:  x', 'NOTICE: PHP message: PHP Notice:  x in /a.php on line 3', '[23-Nov-2026 10:00:00 UTC] PHP Deprecated:  x',
  '[23-Nov-2026 10:00:00 UTC] PHP Notice:  x in /a.php on line 3', '[23-Nov-2026 10:00:00 UTC] PHP Stack trace:', '[23-Nov-2026 10:00:00 UTC] PHP   1. {main}() /a.php:0',
  'PHP Fatal error:  Uncaught E: x in /a.php:3', '  thrown in /a.php on line 3', 'Stack trace:', '2026-11-23T10:00:00+00:00 [info] x',
  '2026-11-23 10:00:01 [1.2.3.4][7][abc][info][application] $_GET = [', '    \'r\' => 1', ']', '$_COOKIE = [', '', '   ', 'Array', '(', ')', '{', '}', '<br />',
  '<b>Notice</b>:  x in <b>/a.php</b> on line <b>3</b><br />', '10:00:01 INFO      [console] x', 'INFO - 2026-11-23 10:00:00 --> x', 'In Foo.php line 3:', 'a:b [--c]',
  '[Mon Nov 23 19:36:29.437756 2026] [core:info] [pid 1:tid 1] x', '{"level":"info","message":"x"}', 'Request URL: /x', said('[2026-11-23 10:00:05] a.INFO: x'),
  '2026/11/23 10:00:00 [/a.php] Notice(E_NOTICE): x', '2026/11/23 10:00:00 [/a.php] x from 203.0.113.9', '   INFO  Running.', 'Additional Information:', '<pre>#1 f() called at [a.php:3]', '</pre> [] []',
  'INFO - 2026-11-23 10:00:00 --> E: x', 'in APPPATH/A.php on line 4.', '[', 'Trace: <pre>#1 f()', '[Mon Nov 23 19:36:29.437756 2026] [fcgid:warn] [pid 1:tid 1] mod_fcgid: stderr: PHP Notice:  x',
  said('Segmentation fault'), said('a text'), said('#0 /a.php(3): f()'), said('NOTICE: PHP message: PHP Notice:  x'), '2026/11/23 10:00:00 [info] [application] x']

t.test('whatever lines come, those of a record are in order, and a level filters no line that is not its own', async t => {
  const isUnmarked = (text: string) => unmarked.includes(text) || text === said('Segmentation fault') || text === said('a text')
  const line = fc.tuple(fc.constantFrom(...unmarked, ...marked, ...marked), fc.constantFrom(0, 0, 0, 0, 600))
  await fc.assert(fc.asyncProperty(fc.array(line, { maxLength: 40 }), async lines => {
    const { told, isBalanced } = await process(lines)
    const all = told.flatMap(({ numbers }) => numbers)
    const isOnce = all.length === lines.length && new Set(all).size === lines.length
    const isInOrder = told.every(({ numbers }) => {
      return numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0))
    })
    const isKept = told.every(({ numbers, filter }) => filter !== 'below-level' || !numbers.some(number => isUnmarked(lines[number - 1]?.[0] ?? '')))
    return isOnce && isInOrder && isKept && isBalanced
  }), { numRuns: 300 })
})

t.test('a record whose level a rule lowers is delivered, where it has joined a line that may be another\'s', async t => {
  const world = ruledWorld('error: {minLevel: warn}\nrules:\n  - {name: noise, when: {class: error, line: "*cron*"}, level: debug}')
  for (const line of ['PHP Warning:  cron failed', 'Segmentation fault, or more of it', 'PHP Warning:  cron failed in /a.php on line 3']) world.take(line, stream.stderr)
  world.inbound.flush()
  t.same(world.told.map(({ ownRule, filter }) => [ownRule, filter]), [['noise', undefined], ['noise', 'below-level']])
})

t.test('a record takes no line behind one at the left margin that it did not take, but for writers that say who they are', async t => {
  const strays = ['a text', 'Segmentation fault', '{"a":1}']
  const heads = ['2026-11-23 10:00:01 [1.2.3.4][7][abc][info][application] x', '2026-11-23T10:00:00+00:00 [info] x', '[2026-11-23 10:00:05] production.INFO: x',
    '[23-Nov-2026 10:00:00 UTC] PHP Notice:  x', 'In Foo.php line 3:']
  for (const head of heads) {
    for (const stray of strays) {
      const { told } = await process([head, '    set in', stray, '    set in'].map(text => [text, 0] as const))
      t.same(told.map(({ numbers }) => numbers), [[1, 2], [3], [4]], `${head} ${stray}`)
    }
  }
})
