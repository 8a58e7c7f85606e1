import { setImmediate as nextTurn } from 'node:timers/promises'
import { createClassifier } from '../classify/classifier.ts'
import { createAccessWatch } from '../classify/looks-like-access.ts'
import { anyHint } from '../contracts/hints.ts'
import { Outcome, resetOutcome, type Stage } from '../contracts/outcome.ts'
import { linePart, stream, type LogRecord } from '../contracts/record.ts'
import { createErrorReading, type ErrorReading } from '../formats/error-reading.ts'
import { createFilter, type Filter } from '../filter/filter.ts'
import type { OwnRule } from '../filter/rules/rules.ts'
import { createLineEdges, mayHaveEdges } from '../repair/line-edges.ts'
import { healthCheckRule } from '../signals/health-checks.ts'
import { createAgain } from './again.ts'
import { askedValues } from './asked-values.ts'
import { createCopies } from './copies.ts'
import { createCutLines, type CutPart } from './cut-lines.ts'
import { createHandlers } from './handlers.ts'
import type { Inbound, InboundOptions } from './inbound-types.ts'
import { createJoins } from './joins.ts'
import { createLineSignals } from './line-signals.ts'
import { createRedaction } from './redaction.ts'
import type { Outlet } from './outlets.ts'
import { createOrdinaryFrames } from './ordinary-frames.ts'
import { createOwnRules } from './own-rules.ts'
import { createRepairer } from './repairer.ts'
import { createRescue } from './rescue.ts'
import { createStormGate } from './storms.ts'
import { createUnseenContainers } from './unseen-containers.ts'

export function createInbound (options: InboundOptions): Inbound {
  const { config, ledger, metrics, log, spool } = options
  const { joinsHaveRoom: hasRoom = () => true } = options
  const joins = createJoins({ ...options, hasRoom, emit: record => process(record, true) })
  const { pieces, cutJson, lines, mayBeOfSeveral } = joins
  const { errorsFrom } = config.app
  const values = askedValues(config)
  const lineSignals = createLineSignals({ ...options, values })
  const { isHealthCheck, isNoRequest, rowCounts, watchError, signals, frequent } = lineSignals
  const redaction = createRedaction({
    config, metrics, onCard: container => signals.note('card_number_seen', container),
  })
  const classifier = createClassifier({
    ...config.access, errorsFrom: errorsFrom === 'off' ? undefined : errorsFrom, metrics, values, watch: redaction?.watch,
  })
  const rules = config.rules.length === 0 ? undefined : createOwnRules({ config, values, metrics, redaction })
  const repairer = createRepairer({ metrics })
  const edges = createLineEdges()
  const filter = filterOf(options)
  const reading = createErrorReading()
  const nextCut = createCutLines()
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
  const unseen = createUnseenContainers(options)
  const outcome = new Outcome()
  let { listener } = options
  const ordinaryOf = createOrdinaryFrames({
    ...options,
    values,
    redaction,
    access: handlers.accessJson,
    rowCounts,
    onAccess: watch.noteAccess,
    isWatched: () => listener !== undefined,
  })
  let isRefused = false
  let recordNumber = 0

  /**
   * The whole inbound half for one record: join, classify, repair, filter, encode, append. Every record passes
   * here, and joined records pass once more, each as the one record that it has become. Only access lines with which
   * nothing would be done here but to count and append them may go a shorter way to the same end, `ordinary-frames.ts`:
   * what is to be done with more of them has to be asked there too (`asksForMore`).
   *
   * What joins release (`isHeld`) is in memory already, so it waits for the disk however long that takes, also when the
   * write buffers are full. While too much of it waits, joins keep what they hold and take nothing new: each line goes
   * on by itself, and is dropped if it finds no room.
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
      cut = record.part === linePart.whole ? undefined : nextCut(record)
      const verdict = classifier.classify(record, cut?.rule)
      const { rule } = verdict
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
        // A part of a JSON object is no JSON, so it does not go where the objects are.
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

      // An error that is left out is redacted too: an example of each is kept. A plain access line is redacted when it
      // is encoded: the verdict says where its fields lie in the line as it came.
      const isKept = filteredBy === undefined || rule.class === 'error'
      if (redaction !== undefined && cut !== undefined) {
        stage = 'redact'
        const given = line
        // A part that is left out too: a secret that begins in it may go on in the next.
        line = redaction.redactPart(line, cut.state)
        if (line !== given && rule.class === 'error') reread(line, own)
      } else if (redaction !== undefined && isKept && (verdict.access === undefined || isJsonLine)) {
        stage = 'redact'
        const given = line
        // The walk has not seen what was changed since.
        const hints = line === record ? verdict.hints : anyHint
        line = redaction.redact(line, outlets !== handlers.invalid && (isJsonLine || handler.isRepaired), hints)
        if (line !== given && rule.class === 'error') reread(line, own)
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
      end(record, outlet, rescue.put(redaction?.redactFailed(record, cut?.state) ?? record, outlet, isHeld))
    }
  }

  function reread ({ bytes, start, end: to }: LogRecord, own: OwnRule | undefined): void {
    reading.begin(bytes, start, to)
    if (own?.level !== undefined) reading.setLevel(own.level)
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

  return {
    acceptor (source) {
      const received = ledger.counter('received', source)
      return {
        ordinary: ordinaryOf?.(received),
        accept (record) {
          received.value++
          if (redaction !== undefined) record.container = redaction.nameOf(record.container)
          unseen?.note(record.container)
          // The parts of a line that is too long have one number.
          if (listener !== undefined) record.numbers = [beginsLine(record) ? ++recordNumber : recordNumber]
          // Left from a time when somebody listened: joins would go on counting.
          else if (record.numbers !== undefined) record.numbers = undefined
          // What a join holds counts as accepted: a driver that waits for acks sends the next piece only after this.
          isRefused = false
          process(record, false)
          return !isRefused
        },
        get isFull () { return spool.isFull },
        released: joins.released,
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
      isHealthCheck,
      redaction,
      reading,
      rescue,
      source,
    }),
    tick () {
      joins.tick()
      storms?.tick()
      unseen?.tick()
    },
    get tickMs () { return joins.tickMs },
    flush () {
      joins.flush(Infinity)
      storms?.flush()
    },
    async flushInTurns () {
      while (!joins.flush(mostFlushMs)) await nextTurn()
      storms?.flush()
    },
    get joinedBytes () { return joins.heldBytes },
    signals,
    frequent,
  }
}

/** How long the stop may release at a time what joins hold, ms. */
const mostFlushMs = 10

function filterOf ({ config, clock }: InboundOptions): Filter | undefined {
  const patterns = { everywhere: config.filter, byContainer: config.containers }
  return createFilter({ patterns, errors: config.error, clock })
}

/** It is a line, or the first part of one that is too long for one record. */
function beginsLine ({ part }: LogRecord): boolean {
  return part === linePart.whole || part === linePart.first
}

/** It may be a piece of a line that php-fpm cut; a line of which Docker lost a part is not. */
function mayBeCutJson ({ stream: from, partial, isTorn }: LogRecord): boolean {
  return from === stream.stderr && partial === undefined && !isTorn
}
