import t from 'tap'
import { exitCodeOf, reportLine, reportText, type Outcome } from '../../src/cli/exit-report.ts'
import { Ledger } from '../../src/telemetry/ledger.ts'

type Terms = Partial<Record<'delivered' | 'rejected' | 'dropped' | 'pending', number>>

/** Of ten records that were received, and became what `terms` say. */
function outcome (terms: Terms, differs: Partial<Outcome> = {}): Outcome {
  const { delivered = 0, rejected = 0, dropped = 0, pending = 0 } = terms
  const ledger = new Ledger()
  ledger.counter('received', 'unix').value = 10
  ledger.counter('delivered', 'access').value = delivered
  ledger.counter('rejected', 'error', 'too_old').value = rejected
  ledger.counter('dropped', 'access', 'quota').value = dropped
  ledger.addPending('access', () => pending)
  return {
    reason: 'SIGTERM',
    stopMs: 250,
    isClosed: true,
    ledger: ledger.snapshot(),
    left: { access: pending, error: 0 },
    hasUnread: false,
    lostDeadLetters: 0,
    localDeadLetters: 0,
    fileEnd: undefined,
    cpuSeconds: 1.25,
    maxRssBytes: 98 * 2 ** 20,
    ...differs,
  }
}

t.test('exit code and level say the worst that became of a record', async t => {
  const cases: [string, Outcome, number, string][] = [
    ['delivered', outcome({ delivered: 10 }), 0, 'info'],
    ['refused and kept', outcome({ delivered: 9, rejected: 1 }), 0, 'warn'],
    ['refused and kept on this disk only', outcome({ delivered: 9, rejected: 1 }, { localDeadLetters: 1 }), 0, 'warn'],
    ['left', outcome({ delivered: 9, pending: 1 }), 75, 'warn'],
    ['refused and left', outcome({ delivered: 8, rejected: 1, pending: 1 }), 75, 'warn'],
    ['a spool not read', outcome({ delivered: 10 }, { hasUnread: true }), 75, 'warn'],
    ['a file not read to its end', outcome({ delivered: 10 }, { fileEnd: 'stop' }), 75, 'warn'],
    ['a file read to its end', outcome({ delivered: 10 }, { fileEnd: 'end of input' }), 0, 'info'],
    ['dropped', outcome({ delivered: 9, dropped: 1 }), 74, 'error'],
    ['dropped and left', outcome({ delivered: 8, dropped: 1, pending: 1 }), 74, 'error'],
    ['refused and not kept', outcome({ delivered: 9, rejected: 1 }, { lostDeadLetters: 1 }), 74, 'error'],
    ['not accounted for', outcome({ delivered: 9 }), 74, 'error'],
    ['an input that failed', outcome({ delivered: 10 }, { reason: 'input failed', fileEnd: 'input failed' }), 74, 'error'],
    ['a disk that hangs', outcome({ delivered: 9, dropped: 1 }, { isClosed: false }), 137, 'error'],
  ]
  for (const [name, each, exitCode, level] of cases) {
    t.equal(exitCodeOf(each), exitCode, name)
    t.match(JSON.parse(reportLine(each)), { exitCode, level, msg: 'exit report' }, name)
    t.match(reportText(each), new RegExp(`^Exit code ${exitCode}: `, 'm'), name)
  }
})

t.test('a program finds the whole ledger in one line', async t => {
  const line = reportLine(outcome({ delivered: 6, rejected: 1, dropped: 1, pending: 2 }))
  t.notMatch(line, '\n')
  const report = JSON.parse(line) as Record<string, unknown>
  t.match(report, {
    reason: 'SIGTERM',
    stopMs: 250,
    received: 10,
    delivered: 6,
    rejected: 1,
    dropped: 1,
    pending: 2,
    balanced: true,
    by: { received: { unix: 10 }, rejected: { 'error/too_old': 1 }, dropped: { 'access/quota': 1 } },
    cpuSeconds: 1.25,
    maxRssBytes: 98 * 2 ** 20,
  })
  t.same(report['left'], { access: 2 }, 'only routes with something left')
  t.notOk('spoolRead' in report || 'readToEnd' in report || 'lostDeadLetters' in report || 'localDeadLetters' in report, 'nothing that says nothing')
  t.match(JSON.parse(reportLine(outcome({ delivered: 10 }, { fileEnd: 'stop' }))), { readToEnd: false })
  t.match(JSON.parse(reportLine(outcome({ delivered: 9, dropped: 1 }, { hasUnread: true }))), { spoolRead: false })
})

t.test('people find a table, and what there is to say, within 80 columns', async t => {
  const text = reportText(outcome({ delivered: 5, dropped: 1, pending: 2 }, {
    fileEnd: 'stop', hasUnread: true, lostDeadLetters: 1, localDeadLetters: 3,
  }))
  t.ok(Math.max(...text.split('\n').map(line => line.length)) <= 80, text)
  t.match(text, /^Exit report: SIGTERM, then 0\.3 s to stop$/m)
  t.match(text, /^1\.3 s of CPU, at most 98 MiB of memory\.$/m)
  t.match(text, /^ {2}dropped {4} 1 {2}access\/quota 1$/m)
  t.match(text, /^The ledger does NOT balance/m)
  t.match(text, /^No copy is left of 1 refused record/m)
  t.match(text, /^Left in the spool: 2 records\.$/m)
  t.match(text, /^What an earlier process may have left in the spool was not read\.$/m)
  t.match(text, /^Read from the file: the lines received, 10 records\.$/m)
  t.equal(text.split('\n').at(-1), 'Exit code 74: records are lost.')
})

t.test('the line says in words what it means, and what is left besides', async t => {
  const means = (terms: Terms) => (JSON.parse(reportLine(outcome(terms))) as Record<string, unknown>)['means']
  t.equal(means({ delivered: 10 }), 'every record is delivered, or filtered by a rule')
  t.equal(means({ delivered: 9, rejected: 1 }), 'records were refused for good, and are kept as dead letters')
  const late = new Ledger()
  late.counter('received', 'unix').value = 1
  late.counter('rejected', 'error', 'stop').value = 1
  const report = outcome({}, { ledger: late.snapshot() })
  t.match(JSON.parse(reportLine(report)), { level: 'warn', exitCode: 0, means: 'records not taken before the stop ended are kept as dead letters' })
  t.ok(Math.max(...reportText(report).split('\n').map(line => line.length)) <= 80)
  t.equal(means({ delivered: 9, pending: 1 }), 'records are left in the spool for the next start on this disk; where it ends with the task, they are lost')
  t.match(means({ delivered: 8, dropped: 1, pending: 1 }), /^records are lost; records are left in the spool for the next start on this disk; /)
})

t.test('what another process has taken is not called lost, unless more is', t => {
  const meaning = (...reasons: readonly string[]) => {
    const ledger = new Ledger()
    ledger.counter('received', 'unix').value = reasons.length
    for (const reason of reasons) ledger.counter('dropped', 'access', reason).value = 1
    return JSON.parse(reportLine(outcome({}, { ledger: ledger.snapshot() }))) as Readonly<Record<string, unknown>>
  }
  const means = 'another process has taken the spool of this one, and delivers what was in it'
  t.match(meaning('taken'), { level: 'error', exitCode: 74, means })
  t.match(meaning('taken', 'quota'), { exitCode: 74, means: 'records are lost' })
  t.end()
})
