import type { Logger } from 'pino'
import { ascii, isCapital, isDigit } from '../bytes/ascii.ts'
import { createClassifier } from '../classify/classifier.ts'
import { createAccessWatch } from '../classify/looks-like-access.ts'
import type { Config } from '../config/settings.ts'
import type { Clock } from '../contracts/clock.ts'
import { createOutcome, resetOutcome, type Outcome, type Stage } from '../contracts/outcome.ts'
import { anyHint } from '../contracts/hints.ts'
import { linePart, stream, type LogRecord } from '../contracts/record.ts'
import type { Acceptor } from '../contracts/source.ts'
import { createErrorReading, type ErrorReading } from '../formats/error-reading.ts'
import { createFilter, type Filter } from '../filter/filter.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { createActivity } from '../signals/activity.ts'
import { createErrorWatch } from '../signals/error-watch.ts'
import { createFrequentErrors, type FrequentErrors } from '../signals/frequent-errors.ts'
import { createHealthChecks, healthCheckRule } from '../signals/health-checks.ts'
import { createRequestMetrics } from '../signals/request-metrics.ts'
import { createSignals, type Signals } from '../signals/signals.ts'
import { createAgain, type AcceptAgain } from './again.ts'
import { askedValues } from './asked-values.ts'
import { createCopies } from './copies.ts'
import { createCutLines, type CutPart } from './cut-lines.ts'
import { createHandlers } from './handlers.ts'
import { createJoins } from './joins.ts'
import { createRedaction } from './redaction.ts'
import type { Outlet, OutletOptions } from './outlets.ts'
import { createOwnRules } from './own-rules.ts'
import { createLineEdges, mayHaveEdges } from '../repair/line-edges.ts'
import { createRepairer } from './repairer.ts'
import { createRescue } from './rescue.ts'
import { createStormGate } from './storms.ts'

export interface InboundOptions extends OutletOptions {
  readonly config: Config
  /** Fields of ECS that are added to access lines and errors, as `fieldsJson` makes them; empty: none. */
  readonly enrichment: string
  readonly spool: Pick<Acceptor, 'isFull' | 'whenWritable' | 'stored'>
  /** False while so much of what joins have let go of waits for the disk that they hold the rest. True unless given. */
  readonly joinsHaveRoom?: () => boolean
  /** Most memory of each join, where that is less than its setting. */
  readonly joinsBytes?: { readonly partials: number, readonly traces: number }
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly metrics: Metrics
  readonly log: Logger
  /** Listens from the first record on. */
  readonly listener?: Listener
}

/**
 * Called when a record has reached its end; all objects are reused. `reading` is of the record where its class is
 * `error` and no stage failed. Costs nothing where nobody listens.
 */
export type Listener = (record: LogRecord, outcome: Outcome, reading: Pick<ErrorReading, 'fields'>) => void

/** The inbound half: one record at a time from its source into the spool. */
export interface Inbound {
  /** What a source hands its records to; they are counted as received from `source`. */
  acceptor (source: string): Acceptor
  /** What takes records that had passed here before, as they were written then. */
  again (source: string): AcceptAgain
  /** Has `listener` called from the next record on, in place of any other, until the returned function is called. */
  listen (listener: Listener): () => void
  /** Releases what joins have held for long enough, and sums up storms. Called a few times a second. */
  tick (): void
  /** Releases everything that joins hold, and sums up storms: at the stop. */
  flush (): void
  /** Memory that joins take. */
  readonly joinedBytes: number
  /** Troubles that lines show, and which errors are most frequent. */
  readonly signals: Signals
  readonly frequent: FrequentErrors
}

const openBracket = 0x5b
const openBrace = 0x7b
const closeBrace = 0x7d
const lessThan = 0x3c

export function createInbound (options: InboundOptions): Inbound {
  const { config, ledger, metrics, log, spool } = options
  const { joinsHaveRoom: hasRoom = () => true } = options
  const joins = createJoins({ ...options, hasRoom, emit: record => process(record, true) })
  const { pieces, cutJson, lines } = joins
  const { errorsFrom } = config.app
  const readsOutput = errorsFrom !== 'off'
  const values = askedValues(config)
  const redaction = createRedaction({
    config, metrics, onCard: container => signals.note('card_number_seen', container),
  })
  const classifier = createClassifier({
    ...config.access, errorsFrom: readsOutput ? errorsFrom : undefined, metrics, values, watch: redaction?.watch,
  })
  const rules = config.rules.length === 0 ? undefined : createOwnRules({ config, values, metrics })
  const activityOf = createActivity()
  const isHealthCheck = createHealthChecks({ ...config.healthChecks, metrics, activityOf })
  const countRequest = createRequestMetrics({ metrics, secondsOfKey: values.secondsOfKey, activityOf })
  const signals = createSignals({ ...config.signals, clock: options.clock, metrics, log, activityOf })
  const frequent = createFrequentErrors()
  const watchError = createErrorWatch({ metrics, signals, frequent, activityOf })
  const repairer = createRepairer({ metrics })
  const edges = createLineEdges()
  const filter = filterOf(options)
  const reading = createErrorReading()
  const cutLines = createCutLines()
  let cut: CutPart | undefined
  const handlers = createHandlers({
    ...options,
    reading,
    redaction,
    reasonOf: () => cut === undefined ? repairer.reason ?? 'syntax' : 'cut',
    cutOf: () => cut?.json ?? '',
  })
  const watch = createAccessWatch({ log })
  const rescue = createRescue({ ledger, metrics, log })
  const putCopies = createCopies({ ledger, rescue, handlers, redaction })
  const storms = createStormGate({ ...options, rescue, hasRoom, tell })
  const outcome = createOutcome()
  let { listener } = options
  let isRefused = false
  let recordNumber = 0

  /**
   * The whole inbound half for one record: join, classify, repair, filter, encode, append. Every record passes
   * here, and joined records pass once more, each as the one record that it has become.
   *
   * What joins let go of (`isHeld`) is in memory already: it waits for the disk as long as that takes, beyond the write
   * buffers. While too much of it waits, joins hold what they have, and what sources bring is not joined: each line
   * goes its own way, to its end where it finds no room.
   *
   * Never throws: a record that makes a stage fail goes on as it came.
   */
  function process (from: LogRecord, isHeld: boolean): void {
    let stage: Stage = 'join'
    let record = from
    let edgeKinds = 0
    try {
      if (record.partial !== undefined && hasRoom()) return pieces.add(record)
      if (mayHaveEdges(record) && !record.isWhole && record.part === linePart.whole) {
        record = edges.trim(from)
        edgeKinds = edges.kinds
        if (edgeKinds !== 0) repairer.count(edgeKinds)
      }
      const mayJoin = !record.isWhole && record.part === linePart.whole
      if (mayJoin && mayBeCutJson(record) && (isHeld || hasRoom()) && !cutJson.add(record)) return
      if (mayJoin && mayBeOfSeveral(record) && (isHeld || hasRoom()) && !lines.add(record)) return

      stage = 'classify'
      resetOutcome(outcome)
      redaction?.begin()
      const verdict = classifier.classify(record)
      cut = record.part === linePart.whole ? undefined : cutLines.next(record)
      const rule = cut?.rule ?? verdict.rule
      if (cut !== undefined && rule.class !== undefined) cut.rule = rule
      outcome.repairs = edgeKinds
      outcome.rule = rule.name
      outcome.class = rule.class
      if (rule.class === undefined) return leaveOut(record, rule.name)
      watch.note(record, rule.class)
      if (rule.class === 'error') reading.begin(record.bytes, record.start, record.end)

      const handler = handlers.of(rule)
      let { outlets } = handler
      let line = record
      if (cut !== undefined && rule.class === 'access') {
        // No part of an object is one, so none of it stands among those that are.
        repairer.refuse('cut')
        outcome.reason = 'cut'
        outlets = handlers.invalid
      } else if (handler.isRepaired) {
        stage = 'repair'
        const repaired = repairer.repair(record)
        outcome.repairs |= repairer.kinds
        outcome.reason = repairer.reason
        if (repaired === undefined) outlets = handlers.invalid
        else values.note(line = repaired)
      }

      stage = 'filter'
      const recordClass = outlets === handlers.invalid ? 'invalid' : rule.class
      outcome.class = recordClass
      const isLeftOut = recordClass === 'access' && isNoRequest(line)
      const own = rules?.find(line, recordClass, verdict, reading)
      let filteredBy = own?.leavesOut() === true ? own.name : undefined
      let isJsonLine = verdict.isJsonLine && cut === undefined
      if (rules !== undefined && own !== undefined) {
        outcome.ownRule = own.name
        const changed = rules.change(own, line, recordClass, verdict, reading)
        isJsonLine ||= changed !== line
        if (isJsonLine && verdict.access !== undefined) outlets = handlers.accessJson
        line = changed
      }
      filteredBy ??= filter?.(record, rule.class, reading) ?? (isLeftOut ? healthCheckRule : undefined)

      // Errors also where they are left out: an example of each is kept.
      // What is encoded by its fields is redacted as it is then: the verdict knows where they lie in the line as it
      // came.
      const isKept = filteredBy === undefined || rule.class === 'error'
      if (redaction !== undefined && isKept && (verdict.access === undefined || isJsonLine || cut !== undefined)) {
        stage = 'redact'
        const given = line
        // Of a line that was changed since, what the walk has seen may not be all.
        const hints = line === record ? verdict.hints : anyHint
        line = redaction.redact(line, outlets !== handlers.invalid && (isJsonLine || handler.isRepaired), hints)
        if (line !== given && rule.class === 'error') {
          reading.begin(line.bytes, line.start, line.end)
          if (own?.level !== undefined) reading.setLevel(own.level)
        }
      }

      // A level that nobody wants to store may still be that of a crash. A second report says nothing new, and the
      // further parts of a long line are no errors of their own.
      const isCounted = rule.class === 'error' && filteredBy !== 'fpm-twin' && beginsLine(record)
      const fingerprint = isCounted ? watchError(record, reading) : undefined
      if (filteredBy !== undefined) return leaveOut(record, filteredBy)

      stage = 'encode'
      let outlet = own?.route === undefined ? outlets.of(record.container) : outlets.named(own.route)
      if (storms !== undefined && fingerprint !== undefined && record.part === linePart.whole) {
        outlet = storms.outletOf(record, fingerprint, reading, outlets, outlet, outcome)
      }
      outcome.copies = putCopies(line, verdict, outlets, own, outlet, isHeld)
      end(record, outlet, outlet.put(line, verdict, isHeld))
    } catch (error) {
      rescue.tell(stage, error)
      // A joiner reads a line before it takes it: a line at which it fails is not held.
      if (stage === 'join') {
        resetOutcome(outcome)
        cut = undefined
      }
      outcome.failed = stage
      outcome.storm = 0
      const outlet = handlers.asItCame(record).of(record.container)
      end(record, outlet, rescue.put(redaction?.redactFailed(record) ?? record, outlet, isHeld))
    }
  }

  /** Counts the request of an access line, or says that it is a health check, which is counted as such. */
  function isNoRequest ({ container, bytes }: LogRecord): boolean {
    if (isHealthCheck?.(container, bytes, values.places) === true) return true
    countRequest(container, bytes, values.places)
    return false
  }

  function end (record: LogRecord, { route }: Outlet, isAccepted: boolean): void {
    if (!isAccepted) isRefused = true
    outcome.class = route.class ?? outcome.class
    outcome.route = route.name
    outcome.isAccepted = isAccepted
    outcome.redactions = redaction?.kinds ?? 0
    tell(record, outcome, reading)
  }

  /** A listener that throws costs nobody else anything. */
  function tell (record: LogRecord, outcome: Outcome, reading: Pick<ErrorReading, 'fields'>): void {
    if (listener === undefined) return
    try {
      listener(record, outcome, reading)
    } catch (error) {
      rescue.tell('listen', error)
    }
  }

  function leaveOut (record: LogRecord, filteredBy: string): void {
    ledger.counter('filtered', filteredBy).value++
    outcome.filter = filteredBy
    tell(record, outcome, reading)
  }

  /** On standard output a line that is whole costs a look at its two ends. */
  function mayBeCutJson ({ stream: from, bytes, start, end }: LogRecord): boolean {
    if (from === stream.stderr) return true
    if (from !== stream.stdout) return false
    return (bytes[start] === openBrace && bytes[end - 1] !== closeBrace) || cutJson.hasOpen()
  }

  /** On standard output few bytes begin a record of several lines, so an access line costs a comparison or two. */
  function mayBeOfSeveral ({ stream: from, bytes, start, end }: LogRecord): boolean {
    if (from === stream.stderr) return true
    if (from !== stream.stdout) return false
    // A blank line may belong to what is open.
    if (start >= end) return lines.hasOpen(stream.stdout)
    const first = bytes[start] as number
    if (first === openBracket || (readsOutput && mayBegin(bytes, start))) return true
    return first !== openBrace && lines.hasOpen(stream.stdout)
  }

  return {
    acceptor (source) {
      const received = ledger.counter('received', source)
      return {
        accept (record) {
          received.value++
          // The parts of a line that is too long have one number.
          if (listener !== undefined) record.numbers = [beginsLine(record) ? ++recordNumber : recordNumber]
          // Of a time when somebody listened: joins would go on to count.
          else if (record.numbers !== undefined) record.numbers = undefined
          // What a join holds counts as accepted: a driver that waits for acks sends the next piece only after this.
          isRefused = false
          process(record, false)
          return !isRefused
        },
        get isFull () { return spool.isFull },
        whenWritable: () => spool.whenWritable(),
        stored: () => spool.stored(),
      }
    },
    listen (next) {
      listener = next
      return () => { if (listener === next) listener = undefined }
    },
    again: source => createAgain({
      ...options,
      classifier,
      filter,
      isHealthCheck: ({ container, bytes }) => isHealthCheck?.(container, bytes, values.places) === true,
      redaction,
      reading,
      rescue,
      source,
    }),
    tick () {
      pieces.tick()
      cutJson.tick()
      lines.tick()
      storms?.tick()
    },
    flush () {
      pieces.flush()
      cutJson.flush()
      lines.flush()
      storms?.flush()
    },
    get joinedBytes () { return joins.heldBytes },
    signals,
    frequent,
  }
}

/** Whether an error of several lines may begin here: `PHP Fatal error: `, `<br />`, `2026-11-23 10:00:00`. */
function mayBegin (bytes: Buffer, start: number): boolean {
  const first = bytes[start] as number
  if (isCapital(first) || first === lessThan) return true
  const fifth = bytes[start + 4]
  return isDigit(first) && (fifth === ascii.minus || fifth === ascii.slash)
}

function filterOf ({ config, clock }: InboundOptions): Filter | undefined {
  const patterns = { everywhere: config.filter, byContainer: config.containers }
  return createFilter({ patterns, errors: config.error, clock })
}

/** It is a line, or the first part of one that is too long for one record. */
function beginsLine ({ part }: LogRecord): boolean {
  return part === linePart.whole || part === linePart.first
}
