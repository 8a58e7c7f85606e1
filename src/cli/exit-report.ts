import type { Pipeline } from '../pipeline/pipeline.ts'
import type { InputEnd } from '../sources/stdin.ts'
import type { LedgerSnapshot } from '../telemetry/ledger.ts'
import { bytes, countOf, duration } from '../telemetry/words.ts'
import { exitCodes } from './exit-codes.ts'
import { equation, reportOf } from './ledger-table.ts'

/** What a process knows when it ends. */
export interface Outcome extends Pick<Pipeline, 'left' | 'hasUnread' | 'lostDeadLetters' | 'localDeadLetters'> {
  /** Why it stopped: a signal, or how the input ended. */
  readonly reason: string
  readonly stopMs: number
  /** False when file operations hang: parts were left as they are. */
  readonly isClosed: boolean
  readonly ledger: LedgerSnapshot
  /** How reading a file ended: after a stop there may be more in it. Undefined where nothing can be left unread. */
  readonly fileEnd: InputEnd | undefined
  readonly cpuSeconds: number
  readonly maxRssBytes: number
}

type Verdict = 'ok' | 'rejected' | 'late' | 'left' | 'notLooked' | 'unread' | 'taken' | 'dropped' | 'killed'

const verdicts: Readonly<Record<Verdict, { level: 'info' | 'warn' | 'error', exitCode: number, words: string }>> = {
  ok: { level: 'info', exitCode: exitCodes.ok, words: 'every record is delivered, or filtered by a rule' },
  rejected: { level: 'warn', exitCode: exitCodes.ok, words: 'records were refused for good, and are kept as dead letters' },
  late: { level: 'warn', exitCode: exitCodes.ok, words: 'records not taken before the stop ended are kept as dead letters' },
  left: {
    level: 'warn',
    exitCode: exitCodes.left,
    words: 'records are left in the spool for the next start on this disk; where it ends with the task, they are lost',
  },
  notLooked: { level: 'warn', exitCode: exitCodes.left, words: 'what an earlier process may have left in the spool is left for the next start' },
  unread: { level: 'warn', exitCode: exitCodes.left, words: 'the file was not read to its end' },
  taken: {
    level: 'error',
    exitCode: exitCodes.dropped,
    words: 'another process has taken the spool of this one, and delivers what was in it',
  },
  dropped: { level: 'error', exitCode: exitCodes.dropped, words: 'records are lost' },
  killed: { level: 'error', exitCode: exitCodes.killed, words: 'file operations hang' },
}

/** The worst verdict that applies; records that are not accounted for count as lost. */
function verdictOf ({ isClosed, ledger, left, hasUnread, lostDeadLetters, reason, fileEnd }: Outcome): Verdict {
  if (!isClosed) return 'killed'
  const isDropped = Object.entries(ledger.dropped.by).some(([labels, records]) => records > 0 && !labels.endsWith('/taken'))
  if (isDropped || lostDeadLetters > 0 || !ledger.isBalanced || reason === 'input failed') return 'dropped'
  if (ledger.dropped.total > 0) return 'taken'
  if (Object.values(left).some(records => records > 0)) return 'left'
  if (hasUnread) return 'notLooked'
  if (fileEnd === 'stop') return 'unread'
  if (ledger.rejected.total === 0) return 'ok'
  // Nobody has refused those: they go to S3 in the last seconds of a stop.
  return Object.entries(ledger.rejected.by).every(([labels, records]) => records === 0 || labels.endsWith('/stop')) ? 'late' : 'rejected'
}

/** What the process exits with. */
export function exitCodeOf (outcome: Outcome): number {
  return verdicts[verdictOf(outcome)].exitCode
}

/** One JSON line with the whole equation, for programs. */
export function reportLine (outcome: Outcome): string {
  const { reason, stopMs, ledger, left, hasUnread, fileEnd, cpuSeconds, maxRssBytes } = outcome
  const { lostDeadLetters, localDeadLetters } = outcome
  const { level, exitCode, words } = verdicts[verdictOf(outcome)]
  const isAlsoLeft = exitCode !== exitCodes.left && Object.values(left).some(records => records > 0)
  const isAlsoLost = exitCode !== exitCodes.dropped && ledger.dropped.total > 0
  const means = [words, ...(isAlsoLost ? [verdicts.dropped.words] : []), ...(isAlsoLeft ? [verdicts.left.words] : [])].join('; ')
  return JSON.stringify({
    level,
    time: new Date().toISOString(),
    msg: 'exit report',
    reason,
    exitCode,
    means,
    stopMs,
    ...reportOf(ledger),
    left: Object.fromEntries(Object.entries(left).filter(([, records]) => records > 0)),
    ...(hasUnread && { spoolRead: false }),
    ...(fileEnd !== undefined && { readToEnd: fileEnd === 'end of input' }),
    ...(lostDeadLetters > 0 && { lostDeadLetters }),
    ...(localDeadLetters > 0 && { localDeadLetters }),
    cpuSeconds,
    maxRssBytes,
  })
}

/** The same for people, within 80 columns. */
export function reportText (outcome: Outcome): string {
  const { reason, stopMs, ledger, left, hasUnread, fileEnd, cpuSeconds, maxRssBytes } = outcome
  const { lostDeadLetters, localDeadLetters } = outcome
  const { exitCode, words } = verdicts[verdictOf(outcome)]
  const leftRecords = Object.values(left).reduce((sum, records) => sum + records, 0)
  return [
    `Exit report: ${reason}, then ${duration(stopMs)} to stop`,
    '',
    equation(reportOf(ledger)),
    '',
    `${cpuSeconds.toFixed(1)} s of CPU, at most ${bytes(maxRssBytes)} of memory.`,
    ...(ledger.isBalanced ? [] : ['The ledger does NOT balance: please report it.']),
    ...(lostDeadLetters > 0 ? [`No copy is left of ${countOf(lostDeadLetters, 'refused record')}.`] : []),
    ...(localDeadLetters > 0 ? [`On this disk only, because S3 did not take them: ${countOf(localDeadLetters, 'dead letter')}.`] : []),
    ...(leftRecords > 0 ? [`Left in the spool: ${countOf(leftRecords, 'record')}.`] : []),
    ...(hasUnread ? ['What an earlier process may have left in the spool was not read.'] : []),
    ...(fileEnd === 'stop' ? [`Read from the file: the lines received, ${countOf(ledger.received.total, 'record')}.`] : []),
    `Exit code ${exitCode}: ${words.replace('; ', ';\n')}.`,
  ].join('\n')
}
