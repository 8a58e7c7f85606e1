import { hostname } from 'node:os'
import { Readable } from 'node:stream'
import { systemClock, type Clock } from '../../contracts/clock.ts'
import type { Config } from '../../config/settings.ts'
import type { Stream } from '../../contracts/record.ts'
import { StdinSource } from '../../sources/stdin.ts'
import type { Instruments } from '../../telemetry/instruments.ts'
import { createLogger, prettyFor } from '../../telemetry/logger.ts'
import { joinTickMs } from '../../pipeline/joins.ts'
import { withOwnTimes } from '../../pipeline/own-times.ts'
import type { StandardInput } from '../../pipeline/sources.ts'
import type { Io } from '../io.ts'
import { ownTimesOf } from '../own-times.ts'
import { painter } from '../paint.ts'
import { widthOf, writeFitted } from '../wrap.ts'
import { isCapture, readCapture } from './capture.ts'
import { Chunks } from './chunks.ts'
import { createExplainedDestinations } from './destination.ts'
import { createExplainer, type Explainer } from './explainer.ts'
import { createInsight } from './insight.ts'
import { Output } from './output.ts'
import { createRecordJson } from './record-json.ts'
import { createRecordText } from './record-text.ts'
import { summaryText, Tally } from './summary.ts'

export interface ExplainIo extends Io {
  readonly clock?: Clock
}

export interface ExplainInput extends Omit<StandardInput, 'ownTimes'> {
  readonly io: ExplainIo
  readonly config: Config
  /** Of a file that can be read twice. */
  readonly fd: number | undefined
  /** Whether a line says itself when it was written. */
  readonly hasOwnTimes: boolean
  readonly isJson: boolean
  /** Nothing of single records, and what all of them tell. */
  readonly isSummary: boolean
}

/** How reading ended. What is wrong with bytes or files is no bug, so it is a value. */
export type End =
  | { readonly kind: 'done' }
  | { readonly kind: 'damaged' | 'failed' | 'unwritten', readonly detail: string }

/** Explains everything that is in `input`, which it closes. */
export async function explainInput (options: ExplainInput): Promise<End> {
  const { io, config, input, isFile, fd, hasOwnTimes, isJson, isSummary, stream } = options
  const base = io.clock ?? systemClock
  const output = new Output(io.stdout, base)
  // A slow reader of the output must not make the lines of one trace look far apart.
  const clock: Clock = {
    wallMs: () => base.wallMs(),
    monotonicMs: () => base.monotonicMs() - output.waitedMs,
    sleep: base.sleep,
    alarm: action => {
      const alarm = base.alarm(action)
      return { at: dueMs => alarm.at(dueMs + output.waitedMs), clear: alarm.clear }
    },
  }
  const chunks = new Chunks(input, output.closed.signal)
  const isForward = isCapture(await chunks.peek())
  const paint = painter(io.stdout, io.env)
  const destinations = createExplainedDestinations(config, config.hostId === '' ? hostname() : config.hostId)
  const textOf = isJson
    ? createRecordJson(destinations)
    : createRecordText({
      ...destinations, columns: columnsOf(io), paint, noun: isForward ? 'record' : 'line', showsTime: hasOwnTimes && !isForward,
    })
  const pretty = await prettyFor(io.stderr)
  const log = createLogger({ level: 'warn', stream: io.stderr, pretty, hasColors: !io.env['NO_COLOR'] })
  const tally = new Tally()
  const insight = isSummary ? createInsight() : undefined
  const explainer = createExplainer({
    config,
    clock,
    log,
    source: isFile ? 'file' : 'stdin',
    room: output,
    explain: explanation => {
      tally.add(explanation)
      insight?.add(explanation)
      if (!isSummary) output.write(textOf(explanation))
    },
  })

  if (hasOwnTimes && isForward) writeFitted(io.stderr, 'sluice explain: a capture says when its lines were written: --time line changes nothing')
  const file = fd === undefined ? undefined : { fd, startBytes: 0 }
  const ownTimes = hasOwnTimes && !isForward
    ? await ownTimesOf({ file, stream, config, log, progress: undefined, signal: output.closed.signal })
    : undefined
  const timer = setInterval(explainer.tick, joinTickMs)
  const { signal } = output.closed
  const damage = isForward
    ? await readCapture({ chunks: chunks.rest(), limits: config.forward, acceptor: explainer.acceptor, clock, signal })
    : await readLines({ chunks, config, stream, explainer, clock, log, ownTimes })
  clearInterval(timer)
  explainer.flush()

  const summary = summaryText({ tally, ledger: explainer.ledger, metrics: explainer.metrics, paint })
  if (insight !== undefined) output.write(insight.text(explainer.metrics))
  if (!isJson) output.write(summary)
  output.flush()
  await output.whenWritable()
  if (signal.aborted) return output.failure === undefined ? { kind: 'done' } : { kind: 'unwritten', detail: output.failure }
  // Standard output holds nothing but records then.
  if (isJson) io.stderr.write(summary)
  if (chunks.failure !== undefined) return { kind: 'failed', detail: chunks.failure }
  return damage === undefined ? { kind: 'done' } : { kind: 'damaged', detail: damage }
}

interface Lines extends Pick<Instruments, 'clock' | 'log'> {
  readonly chunks: Chunks
  readonly config: Config
  readonly stream: Stream
  readonly explainer: Explainer
  readonly ownTimes: Awaited<ReturnType<typeof ownTimesOf>> | undefined
}

async function readLines ({ chunks, config, stream, explainer, clock, log, ownTimes }: Lines): Promise<undefined> {
  const { acceptor: given } = explainer
  const acceptor = ownTimes === undefined ? given : withOwnTimes(given, { ...ownTimes, clock, log })
  const source = new StdinSource({
    input: Readable.from(chunks.rest(), { objectMode: false }),
    stream,
    maxLineBytes: config.stdin.maxLineBytes,
    acceptor,
    clock,
    metrics: explainer.metrics,
    log,
  })
  await source.start()
  await source.ended
}

function columnsOf ({ stdout }: ExplainIo): number | undefined {
  return stdout.isTTY === true ? widthOf(stdout) : undefined
}

// Tested in test/cli/explain.test.ts
