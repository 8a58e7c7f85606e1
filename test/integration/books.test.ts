import t from 'tap'
import { discrepancies, type Books, type FoundLine } from '../support/books.ts'
import type { ExitReport } from '../support/sluice-process.ts'
import { classOf, markOf, uniqueLines } from '../support/unique-lines.ts'

const sent = uniqueLines('line', 3)

function found (records = sent): FoundLine[] {
  return records.map(({ fields: { log = '' } }) => ({ class: classOf(markOf(log)), text: log }))
}

function report (more: Partial<ExitReport> = {}): ExitReport {
  return {
    level: 'info',
    reason: 'SIGTERM',
    exitCode: 0,
    stopMs: 0,
    received: 9,
    recovered: 0,
    made: 0,
    delivered: 9,
    filtered: 0,
    rejected: 0,
    dropped: 0,
    joined: 0,
    pending: 0,
    balanced: true,
    by: {},
    left: {},
    ...more,
  }
}

const books = (more: Partial<Books>) => discrepancies({ sent, lives: [report()], delivered: found(), ...more })
const dropped = { dropped: 1, delivered: 8, by: { dropped: { 'access/memory': 1 } } }

t.test('books that balance have nothing wrong', async t => {
  t.same(books({}), [])
  t.same(books({ lives: [report(dropped)], delivered: found(sent.slice(1)), mayDrop: ['memory'] }), [])
  const [first, second] = [report({ delivered: 8, pending: 1 }), report({ received: 0, recovered: 1, delivered: 1 })]
  t.same(books({ lives: [first, second] }), [])
  t.same(books({ lives: [undefined, report()], delivered: found(sent.slice(2)), acked: sent.slice(2) }), [], 'what had no ack may be gone')
  t.same(books({ delivered: [...found(), ...found(sent.slice(1, 2))], mayRepeat: true }), [], 'an event may come twice where that is said')
})

t.test('a line that is lost, altered, duplicated, misrouted or nobody\'s is named', async t => {
  const [first, ...rest] = found()
  const cases: ReadonlyArray<readonly [FoundLine[], RegExp]> = [
    [rest, /1 are nowhere, 0 of them accounted for: access-line-0\./],
    [[{ class: 'access', text: `${first?.text} ` }, ...rest], /altered: access-line-0\./],
    [[...found(), ...found(sent.slice(0, 1))], /duplicated: access-line-0\., 2 times/],
    [[{ class: 'app', text: first?.text ?? '' }, ...rest], /misrouted: access-line-0\. to app/],
    [[{ class: 'access', text: 'what is this' }, ...found()], /nobody sent: what is this/],
  ]
  for (const [delivered, words] of cases) t.match(books({ delivered }).join('\n'), words)
  t.match(books({ delivered: found(sent.slice(1)), acked: sent, lives: [undefined, report()] }), [/lost after its ack: access-line-0/])
  t.match(books({ delivered: [...found(), ...found(sent.slice(0, 1))], mayRepeat: true }), [/duplicated: access/], 'an object may never')
})

t.test('sums that do not agree are named', async t => {
  t.match(books({ lives: [report({ delivered: 8 })] }).join('\n'), /life 0: 9 came, 8 are accounted for/)
  t.match(books({ lives: [report({ received: 8, delivered: 8 })] }).join('\n'), /9 sent, 8 received and 0 refused/)
  t.match(books({ lives: [report(dropped)], delivered: found(sent.slice(1)) }), [/1 dropped as access\/memory/], 'no scenario drops unless it says so')
  t.match(books({ lives: [report({ by: { delivered: { access: 8 } } })] }), [/delivered is 9, its parts 8/])
  t.match(books({ lives: [report({ pending: 2, delivered: 7 }), report({ received: 0, recovered: 1, delivered: 1 })] }).join('\n'), /recovered 1 of 2 left/)
  t.match(books({ lives: [report({ rejected: 1, delivered: 8 })], delivered: found(sent.slice(1)) }).join('\n'), /1 rejected, 0 dead letters/)
})
