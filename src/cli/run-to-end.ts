import type { Writable } from 'node:stream'
import { aborted, systemClock } from '../contracts/clock.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { exitCodeOf, reportLine, reportText, type Outcome } from './exit-report.ts'
import type { Io } from './io.ts'
import type { StopSignals } from './stop-signals.ts'

export interface EndOptions {
  readonly io: Io
  readonly signals: StopSignals
  /** Something may be left unread of what it reads: a file. */
  readonly isFile: boolean
  readonly onStarted?: () => void
  readonly onStopping?: (reason: string) => void
  /** `isClosed` is false where file operations hang. */
  readonly onStopped?: (isClosed: boolean) => void
}

/** How long the reader of standard output may take to take the exit report, ms. */
const reportPatienceMs = 1000

/**
 * Starts a pipeline, lets it work until a signal comes or its input has ended, stops it, and prints the exit report. A
 * start that hangs holds up no stop.
 *
 * @returns the exit code, which says what became of the lines
 */
export async function runToEnd (pipeline: Pipeline, options: EndOptions): Promise<number> {
  const { io, signals, isFile, onStarted, onStopping, onStopped } = options
  await Promise.race([pipeline.start(), aborted(signals.first)])
  if (!signals.first.aborted) onStarted?.()
  const reason = await Promise.race([nameOf(signals.first), pipeline.inputEnded])
  const stoppingMs = systemClock.monotonicMs()
  onStopping?.(reason)
  // Nobody waits for a process whose input has ended, so its deadline counts only after a signal.
  const isClosed = await pipeline.stop(signals.second, signals.first)
  onStopped?.(isClosed)
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const outcome: Outcome = {
    reason,
    stopMs: Math.round(systemClock.monotonicMs() - stoppingMs),
    isClosed,
    ledger: pipeline.ledger.snapshot(),
    left: pipeline.left,
    hasUnread: pipeline.hasUnread,
    lostDeadLetters: pipeline.lostDeadLetters,
    localDeadLetters: pipeline.localDeadLetters,
    // The stop has ended it, if nothing else has.
    fileEnd: isFile ? await pipeline.inputEnded : undefined,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    maxRssBytes: maxRSS * 1024,
  }
  const text = io.stdout.isTTY === true ? reportText(outcome) : reportLine(outcome)
  // A reader that has stopped reading does not keep the process.
  await Promise.race([written(io.stdout, `${text}\n`), systemClock.sleep(reportPatienceMs, signals.second)])
  return exitCodeOf(outcome)
}

async function nameOf (signal: AbortSignal): Promise<string> {
  await aborted(signal)
  return String(signal.reason)
}

async function written (stream: Writable, text: string): Promise<void> {
  await new Promise<void>(resolve => stream.write(text, () => resolve()))
}

// Tested in test/e2e/run.test.ts
