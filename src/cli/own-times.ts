import type { Logger } from 'pino'
import { createClassifier } from '../classify/classifier.ts'
import type { Config } from '../config/settings.ts'
import { systemClock } from '../contracts/clock.ts'
import { createRecord, type Stream } from '../contracts/record.ts'
import { createLineTime } from '../formats/line-time.ts'
import { oldestEventMs, oldLinesAdvice } from '../pipeline/own-times.ts'
import { routesOf } from '../pipeline/routes.ts'
import type { StandardInput } from '../pipeline/sources.ts'
import { surveyLines } from '../sources/line-survey.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { isoOf } from '../telemetry/words.ts'
import type { Progress } from './progress.ts'

export interface OwnTimesRequest {
  /** What standard input is, and where reading begins; undefined: a pipe, whose lines cannot be read twice. */
  readonly file: { readonly fd: number, readonly startBytes: number } | undefined
  /** Which stream of a container the lines are taken for. */
  readonly stream: Stream
  readonly config: Config
  readonly log: Logger
  readonly progress: Progress | undefined
  readonly signal: AbortSignal
}

/** For `--time line`: reads the times of a file's lines before anything is done with them, and tells what they mean. */
export async function ownTimesOf (request: OwnTimesRequest): Promise<NonNullable<StandardInput['ownTimes']>> {
  const { file, stream, config, log, progress, signal } = request
  const lineTime = createLineTime()
  // Standard input has no containers.
  const groups = new Map(routesOf(config).flatMap(({ class: name, container, destination }) =>
    destination.sink === 'cloudwatch' && container === undefined && name !== undefined ? [[name, destination.group]] : []))
  if (file === undefined) return { lineTime, firstMs: undefined, tellsOld: groups.size > 0 }
  let readBytes = 0
  progress?.show(() => ({ phase: 'reads times', readBytes }))
  const oldMs = systemClock.wallMs() - oldestEventMs
  const { firstMs, fromMs, toMs, lineCount, timedCount, oldCount } = await surveyLines({
    ...file,
    maxLineBytes: config.stdin.maxLineBytes,
    lineTime,
    oldMs,
    isCounted: eventTeller(config, stream, groups),
    signal,
    onRead: bytes => { readBytes += bytes },
  })
  const times = { lines: lineCount, withTime: timedCount, from: isoOf(fromMs), to: isoOf(toMs) }
  if (timedCount > 0) log.info(times, 'times of lines')
  else if (lineCount > 0) log.warn(times, 'no line says when it was written: all are taken as written now')
  if (oldCount > 0) {
    const to = [...new Set(groups.values())]
    log.warn({ lines: oldCount, before: isoOf(oldMs), groups: to, advice: oldLinesAdvice }, 'lines are older than 14 days')
  }
  return { lineTime, firstMs, tellsOld: false }
}

/** Whether a line is of a class that goes to CloudWatch Logs. */
function eventTeller (config: Config, stream: Stream, groups: ReadonlyMap<string, string>) {
  const classifier = createClassifier({ ...config.access, metrics: new Metrics() })
  const record = { ...createRecord(), stream }
  return (bytes: Buffer, start: number, end: number) => {
    Object.assign(record, { bytes, start, end })
    return groups.has(classifier.classify(record).rule.class ?? '')
  }
}

/** How far a file that was opened by somebody else has been read. Source: proc_pid_fdinfo(5) */
export function placeIn (fd: number, readFile: (path: string) => string): number {
  try {
    return Number(/^pos:\s*(\d+)/m.exec(readFile(`/proc/self/fdinfo/${fd}`))?.[1] ?? 0)
  } catch {
    // A system without /proc: files are given from their beginning, as good as always.
    return 0
  }
}

// Tested in test/e2e/own-times.test.ts
