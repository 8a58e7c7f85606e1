import type { Logger } from 'pino'
import type { Clock } from '../../contracts/clock.ts'
import type { Config } from '../../config/settings.ts'
import { mergeFacts, noFacts } from '../../ecs/task-facts.ts'
import { enrichmentOf } from '../../ecs/enrichment.ts'
import { fieldsJson } from '../../encode/enriched-encoder.ts'
import { createInbound, type Inbound } from '../../pipeline/inbound.ts'
import type { Acceptor } from '../../contracts/source.ts'
import { createJoins } from '../../pipeline/joins.ts'
import { stream, type LogRecord } from '../../contracts/record.ts'
import { routesOf, type Route, type RouteClass } from '../../pipeline/routes.ts'
import { Ledger } from '../../telemetry/ledger.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { createErrorFields } from '../../formats/line-fields.ts'
import type { ErrorFields } from '../../formats/fields.ts'
import { createHandlers } from '../../pipeline/handlers.ts'
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
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly log: Logger
  /** How the ledger calls the input. */
  readonly source: string
  readonly room: Pick<Acceptor, 'isFull' | 'whenWritable'>
  readonly explain: (explanation: Explanation) => void
}

export interface Explainer {
  readonly acceptor: Acceptor
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

  const ways = createHandlers({
    config,
    routes: routesOf(config),
    enrichment: fieldsJson(enrichmentOf(config.enrich, mergeFacts(config.ecs, noFacts))),
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
    const isAccepted = ways.handlerOf(rule)(record)
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
    spool: { get isFull () { return room.isFull }, whenWritable: () => room.whenWritable(), stored: async () => true },
  })
  /** What the joins hand on, with the numbers of the lines that are in it. */
  const emitted: Inbound = {
    acceptor: inbound.acceptor,
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
  const acceptor = inbound.acceptor(source)
  return {
    ledger,
    metrics,
    tick: joins.tick,
    flush: joins.flush,
    acceptor: {
      accept: record => {
        number++
        numbers = [number]
        return acceptor.accept(record)
      },
      get isFull () { return acceptor.isFull },
      whenWritable: () => acceptor.whenWritable(),
      stored: () => acceptor.stored(),
    },
  }
}
