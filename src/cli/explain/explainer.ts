import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'
import type { Config } from '../../config/settings.ts'
import { mergeFacts, noFacts } from '../../ecs/task-facts.ts'
import { enrichmentOf } from '../../enrichment.ts'
import { createInbound, type Inbound } from '../../inbound.ts'
import type { Intake } from '../../intake.ts'
import { createJoins } from '../../joins.ts'
import { stream, type LogRecord } from '../../record.ts'
import { routesOf, type Route, type RouteClass } from '../../routes.ts'
import { Ledger } from '../../telemetry/ledger.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { createErrorFields } from '../../transform/error-fields.ts'
import type { ErrorFields } from '../../transform/error-field-types.ts'
import { createWays } from '../../ways.ts'
import { Changes } from './changes.ts'
import { PieceNumbers } from './piece-numbers.ts'
import { asText } from './text.ts'
import { TraceNumbers } from './trace-numbers.ts'

/** What became of one record. */
export interface Explanation {
  /** Numbers of the lines (of a capture: of the records) that it was joined of, from 1. */
  readonly numbers: readonly number[]
  readonly stream: 'stdout' | 'stderr' | undefined
  readonly container: string
  readonly timeMs: number
  /** The record as it came, joined; bytes that are not UTF-8 as `\xhh`. */
  readonly read: string
  readonly readBytes: number
  /** Undefined where the rule gives none. */
  readonly class: RouteClass | undefined
  /** The rule that classified it, and the one that filtered it, if any did. */
  readonly rule: string
  readonly filter: string | undefined
  readonly repairs: readonly string[]
  readonly invalidReason: string | undefined
  /** Of an error. */
  readonly fields: ErrorFields | undefined
  readonly route: string | undefined
  /** Lines of the route's segment: several where the record was split, none where it was filtered. */
  readonly lines: readonly string[]
  /** What is delivered is byte for byte what was read. */
  readonly isUnchanged: boolean
}

export interface ExplainerOptions {
  readonly config: Config
  readonly clock: Pick<Clock, 'now'>
  readonly log: Logger
  /** How the ledger calls the input. */
  readonly source: string
  readonly room: Pick<Intake, 'isFull' | 'whenRoom'>
  readonly explain: (explanation: Explanation) => void
}

export interface Explainer {
  readonly intake: Intake
  readonly ledger: Ledger
  readonly metrics: Metrics
  tick (): void
  flush (): void
}

interface Appended { readonly route: Route, readonly line: Buffer }

const streamWords = { [stream.none]: undefined, [stream.stdout]: 'stdout', [stream.stderr]: 'stderr' } as const

/** The inbound half of the pipeline, with somebody who writes down what it does in place of the spool. */
export function createExplainer ({ config, clock, log, source, room, explain }: ExplainerOptions): Explainer {
  const ledger = new Ledger()
  const metrics = new Metrics()
  const repaired = new Changes(metrics, 'sluice_repaired_total')
  const invalid = new Changes(metrics, 'sluice_invalid_total')
  const readFields = createErrorFields()
  const pieceNumbers = new PieceNumbers()
  const traceNumbers = new TraceNumbers()
  const tracesJoined = ledger.counter('joined', 'trace')
  let knownTracesJoined = 0
  let number = 0
  let numbers: readonly number[] = []
  let appended: Appended[] = []
  let hasEmitted = false

  const ways = createWays({
    config,
    routes: routesOf(config),
    enrichment: enrichmentOf(config.enrich, mergeFacts(config.ecs, noFacts)),
    appendTo: route => {
      const delivered = ledger.counter('delivered', route.name)
      return (_timeMs, _container, bytes, start, end) => {
        appended.push({ route, line: Buffer.from(bytes.subarray(start, end)) })
        delivered.value++
        return true
      }
    },
    clock,
    ledger,
    metrics,
    log,
  })

  function finish (record: LogRecord): boolean {
    appended = []
    const { bytes, start, end } = record
    const rule = ways.classify(record)
    const isAccepted = ways.wayOf(rule)(record)
    const [first] = appended
    const isFiltered = first === undefined
    const fields = rule.class === 'error' ? readFields(bytes, start, end) : undefined
    explain({
      numbers,
      stream: streamWords[record.stream],
      container: record.container,
      timeMs: record.timeMs,
      read: asText(bytes, start, end),
      readBytes: end - start,
      class: first?.route.class ?? rule.class,
      rule: rule.name,
      filter: isFiltered ? filterOf(rule.name) : undefined,
      repairs: repaired.take(),
      invalidReason: invalid.take()[0],
      fields,
      route: first?.route.name,
      lines: appended.map(({ line }) => line.toString()),
      isUnchanged: appended.length === 1 && first !== undefined && first.line.equals(bytes.subarray(start, end)),
    })
    return isAccepted
  }

  const filtered = new Map<string, number>()
  /** The rule that has filtered one more record since this was asked last. */
  function filterOf (rule: string): string {
    let found = rule
    for (const { labels: { rule: name = '' }, value } of ledger.entries('filtered')) {
      if (value > (filtered.get(name) ?? 0)) found = name
      filtered.set(name, value)
    }
    return found
  }

  const joins = createJoins({ config, clock, ledger, metrics }, () => emitted)
  const inbound = createInbound({
    ledger,
    joinPieces: piece => {
      const { pendingCount } = joins.pieces
      pieceNumbers.note(piece, number)
      hasEmitted = false
      joins.pieces.add(piece)
      if (!hasEmitted && joins.pieces.pendingCount === pendingCount) pieceNumbers.forgetLatest()
    },
    joinLines: line => {
      traceNumbers.begin(line, numbers)
      joins.lines.add(line)
      traceNumbers.end()
    },
    hasOpenLines: stream => joins.lines.hasOpen(stream),
    finish,
    spool: { get isFull () { return room.isFull }, whenRoom: () => room.whenRoom(), stored: async () => true },
  })
  /** What the joins hand on, with the numbers of the lines that are in it. */
  const emitted: Inbound = {
    intake: inbound.intake,
    takeLine: line => {
      hasEmitted = true
      numbers = pieceNumbers.take(line)
      inbound.takeLine(line)
    },
    takeRecord: record => {
      const lineCount = tracesJoined.value - knownTracesJoined + 1
      knownTracesJoined = tracesJoined.value
      numbers = traceNumbers.take(record, lineCount)
      inbound.takeRecord(record)
    },
  }
  const intake = inbound.intake(source)
  return {
    ledger,
    metrics,
    tick: joins.tick,
    flush: joins.flush,
    intake: {
      accept: record => {
        number++
        numbers = [number]
        return intake.accept(record)
      },
      get isFull () { return intake.isFull },
      whenRoom: () => intake.whenRoom(),
      stored: () => intake.stored(),
    },
  }
}
