import type { SentRecord } from './forward-frames.ts'
import type { ExitReport } from './sluice-process.ts'
import { classOf, isUnmarked, markOf } from './unique-lines.ts'

/** A line as a destination holds it, without what Sluice wraps around it. */
export interface FoundLine {
  /** The class of which it was delivered. */
  readonly class: string
  readonly text: string
}

export interface Books {
  /** Everything that was written to a socket, whether it was taken or not. No two lines are alike. */
  readonly sent: readonly SentRecord[]
  /**
   * Of those, how many are known not to have been taken, as of a frame that was refused; `unacked` where what has no
   * ack may or may not have been taken, as of a connection that was lost.
   */
  readonly refusedCount?: number | 'unacked'
  /** Of those that were sent, the ones whose ack came. */
  readonly acked?: readonly SentRecord[]
  /** The exit report of each process on this directory, in order; undefined for one that was killed. */
  readonly lives: ReadonlyArray<ExitReport | undefined>
  readonly delivered: readonly FoundLine[]
  readonly deadLetters?: readonly FoundLine[]
  /** Reasons for which this scenario may drop lines; none unless given. */
  readonly mayDrop?: readonly string[]
  /** Others send too, lines without a mark: nobody knows how many. */
  readonly hasStrangers?: boolean
  /** Events may come twice: an answer got lost, or the process was killed. Objects never may. */
  readonly mayRepeat?: boolean
}

type Term = 'received' | 'recovered' | 'made' | 'delivered' | 'filtered' | 'rejected' | 'dropped' | 'joined' | 'pending'

/** Reasons for which what was acked may be lost all the same: it was in the spool, and had to give way. */
const afterAck = new Set(['quota', 'disk_full', 'disk', 'damaged', 'stop'])

/**
 * Holds what was sent, what each process says of it, and what the destinations hold against each other, in sums and
 * line by line.
 *
 * @returns a sentence for each thing that is wrong: none when the books balance
 */
export function discrepancies (books: Books): string[] {
  return [...wrongReports(books), ...wrongSums(books), ...wrongLines(books)]
}

/** How each line ended that was sent, by its mark. */
function countsOf (lines: readonly FoundLine[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { text } of lines) counts.set(markOf(text), (counts.get(markOf(text)) ?? 0) + 1)
  return counts
}

function reportsOf ({ lives }: Books): readonly ExitReport[] {
  return lives.filter(report => report !== undefined)
}

function sum (books: Books, term: Term): number {
  return reportsOf(books).reduce((all, report) => all + report[term], 0)
}

/** The equation, computed anew, and what one life leaves to the next. */
function wrongReports ({ lives, mayDrop = [] }: Books): string[] {
  return lives.flatMap((report, index) => {
    if (report === undefined) return []
    const wrong: string[] = []
    const came = report.received + report.recovered + report.made
    const ended = report.delivered + report.filtered + report.rejected + report.dropped + report.joined + report.pending
    if (came !== ended || !report.balanced) wrong.push(`life ${index}: ${came} came, ${ended} are accounted for`)
    for (const [term, by] of Object.entries(report.by)) {
      const parts = Object.values(by).reduce((all, count) => all + count, 0)
      if (parts !== report[term as Term]) wrong.push(`life ${index}: ${term} is ${report[term as Term]}, its parts ${parts}`)
    }
    const before = lives[index - 1]
    if (before !== undefined && report.recovered !== before.pending) {
      wrong.push(`life ${index}: recovered ${report.recovered} of ${before.pending} left`)
    }
    for (const [key, count] of Object.entries(report.by['dropped'] ?? {})) {
      if (!mayDrop.includes(key.split('/')[1] ?? '')) wrong.push(`life ${index}: ${count} dropped as ${key}`)
    }
    return wrong
  })
}

/** Of a life that was killed nobody knows what it received and delivered. */
function wrongSums (books: Books): string[] {
  const { sent, delivered, deadLetters = [], lives, refusedCount = 0, mayRepeat = false } = books
  if (lives.includes(undefined) || books.hasStrangers === true || refusedCount === 'unacked') return []
  const wrong: string[] = []
  if (sum(books, 'received') + refusedCount !== sent.length) {
    wrong.push(`${sent.length} sent, ${sum(books, 'received')} received and ${refusedCount} refused`)
  }
  const deliveredCount = sum(books, 'delivered')
  if (mayRepeat ? delivered.length < deliveredCount : delivered.length !== deliveredCount) {
    wrong.push(`${deliveredCount} delivered, the destinations hold ${delivered.length}`)
  }
  if (deadLetters.length !== sum(books, 'rejected')) {
    wrong.push(`${sum(books, 'rejected')} rejected, ${deadLetters.length} dead letters`)
  }
  return wrong
}

function wrongLines (books: Books): string[] {
  const { sent, acked = [], delivered, deadLetters = [], lives, refusedCount = 0, mayRepeat = false } = books
  const expected = new Map(sent.map(({ fields: { log = '' } }) => [markOf(log), log]))
  const wrong: string[] = []
  for (const { class: class_, text } of [...delivered, ...deadLetters]) {
    const mark = markOf(text)
    if (books.hasStrangers === true && isUnmarked(mark)) continue
    const original = expected.get(mark)
    if (original === undefined) wrong.push(`nobody sent: ${text.slice(0, 200)}`)
    else if (original !== text) wrong.push(`altered: ${mark} is ${text.slice(0, 200)}`)
    if (classOf(mark) !== class_) wrong.push(`misrouted: ${mark} to ${class_}`)
  }
  const counts = countsOf(delivered)
  for (const [mark, count] of counts) {
    if (books.hasStrangers === true && isUnmarked(mark)) continue
    if (count > 1 && !(mayRepeat && classOf(mark) === 'error')) wrong.push(`duplicated: ${mark}, ${count} times`)
  }
  const letters = countsOf(deadLetters)
  const missing = [...expected.keys()].filter(mark => !counts.has(mark) && !letters.has(mark))
  const ackedMarks = new Set(acked.map(({ fields: { log = '' } }) => markOf(log)))
  const dropped = reportsOf(books).flatMap(({ by }) => Object.entries(by['dropped'] ?? {}))
  const left = lives.at(-1)?.pending ?? 0
  const mayLoseAcked = left > 0 || dropped.some(([key]) => afterAck.has(key.split('/')[1] ?? ''))
  for (const mark of missing) if (ackedMarks.has(mark) && !mayLoseAcked) wrong.push(`lost after its ack: ${mark}`)
  if (lives.includes(undefined) || refusedCount === 'unacked') return wrong
  const accounted = refusedCount + left + dropped.reduce((all, [, count]) => all + count, 0)
  if (missing.length !== accounted) {
    wrong.push(`${missing.length} are nowhere, ${accounted} of them accounted for: ${missing.slice(0, 5).join(' ')}`)
  }
  return wrong
}
