import type { Logger } from 'pino'
import type { Config } from '../../config/settings.ts'
import { formatDuration } from '../../config/units.ts'
import type { Clock } from '../../contracts/clock.ts'
import { namesOfBits, type Outcome } from '../../contracts/outcome.ts'
import { linePart, streamNames, type LogRecord } from '../../contracts/record.ts'
import { repairKindNames } from '../../contracts/repair-kinds.ts'
import type { Acceptor } from '../../contracts/source.ts'
import { enrichmentOf } from '../../ecs/enrichment.ts'
import { mergeFacts, noFacts } from '../../ecs/task-facts.ts'
import { fieldsJson } from '../../encode/enriched-encoder.ts'
import type { ErrorReading } from '../../formats/error-reading.ts'
import type { ErrorFields } from '../../formats/fields.ts'
import { createCutLines } from '../../pipeline/cut-lines.ts'
import { createInbound } from '../../pipeline/inbound.ts'
import { createRedaction } from '../../pipeline/redaction.ts'
import { redactionKinds } from '../../redact/redactor.ts'
import { routesOf } from '../../pipeline/routes.ts'
import type { Instruments } from '../../telemetry/instruments.ts'
import { Ledger } from '../../telemetry/ledger.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import { wordsOfRule, type OwnRuleWords } from './rule-words.ts'
import { asText } from '../text.ts'

/** What became of one record. */
export interface Explanation {
  /** Numbers of the lines (of a capture: of the records) that it was joined of, from 1; none: Sluice has made it. */
  readonly numbers: readonly number[]
  /** It is a part of a line that is too long for one record. */
  readonly isPart: boolean
  readonly stream: 'stdout' | 'stderr' | undefined
  readonly container: string
  readonly timeMs: number
  /** The record as it came, joined; bytes that are not UTF-8 as `\xhh`. */
  readonly read: string
  readonly readBytes: number
  /** Undefined where the rule gives none. */
  readonly class: Outcome['class']
  /** The rule that classified it, and the one that filtered it, if any did. */
  readonly rule: string
  readonly filter: string | undefined
  /** The rule of the settings that it matched, with what that does. */
  readonly ownRule: OwnRuleWords | undefined
  /** Further routes that it was copied to. */
  readonly copies: readonly string[]
  readonly repairs: readonly string[]
  /** What was taken out of it. */
  readonly redactions: readonly string[]
  readonly invalidReason: string | undefined
  /** Of an error. */
  readonly fields: ErrorFields | undefined
  /** Why it goes to the route of storms, in words. */
  readonly storm: string | undefined
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

export interface Explainer extends Pick<Instruments, 'ledger' | 'metrics'> {
  readonly acceptor: Acceptor
  tick (): void
  flush (): void
}

/** The inbound half of the pipeline, with a listener that keeps each outcome, and without a spool. */
export function createExplainer ({ config, clock, log, source, room, explain }: ExplainerOptions): Explainer {
  const ledger = new Ledger()
  const metrics = new Metrics()
  let appended: { readonly route: string, readonly line: Buffer }[] = []
  const ruleWords = new Map(config.rules.map(rule => [rule.name, wordsOfRule(rule)]))
  // What is shown is as public as what is delivered.
  const redaction = createRedaction({ config, metrics: new Metrics() })
  const nextCut = createCutLines()

  function readText (record: LogRecord): string {
    const { bytes, start, end } = (record.part === linePart.whole
      ? redaction?.redactFailed(record)
      : redaction?.redactPart(record, nextCut(record).state)) ?? record
    return asText(bytes, start, end)
  }

  function stormWords (ordinal: number): string {
    const { count, window } = config.storms
    return `record ${ordinal} of this error within ${formatDuration(window)}, and storms.count is ${count}`
  }

  function listener (record: LogRecord, outcome: Outcome, reading: Pick<ErrorReading, 'fields'>): void {
    const { bytes, start, end } = record
    const lines = appended.filter(({ route }) => route === outcome.route).map(({ line }) => line)
    appended = []
    explain({
      numbers: record.numbers ?? [],
      isPart: record.part !== linePart.whole,
      stream: streamNames[record.stream],
      container: record.container,
      timeMs: record.timeMs,
      read: readText(record),
      readBytes: end - start,
      class: outcome.class,
      rule: outcome.rule ?? '',
      filter: outcome.filter,
      ownRule: outcome.ownRule === undefined ? undefined : ruleWords.get(outcome.ownRule),
      copies: outcome.copies,
      repairs: namesOfBits(repairKindNames, outcome.repairs),
      redactions: namesOfBits(redactionKinds, outcome.redactions),
      invalidReason: outcome.reason,
      fields: outcome.class === 'error' && outcome.failed === undefined ? reading.fields : undefined,
      storm: outcome.storm === 0 ? undefined : stormWords(outcome.storm),
      route: outcome.route,
      lines: lines.map(line => line.toString()),
      isUnchanged: lines.length === 1 && lines[0]?.equals(bytes.subarray(start, end)) === true,
    })
  }

  const inbound = createInbound({
    config,
    routes: routesOf(config),
    enrichment: fieldsJson(enrichmentOf(config.enrich, mergeFacts(config.ecs, noFacts))),
    appendTo: route => {
      const delivered = ledger.counter('delivered', route.name)
      return (_timeMs, _container, bytes, start, end) => {
        appended.push({ route: route.name, line: Buffer.from(bytes.subarray(start, end)) })
        delivered.value++
        return true
      }
    },
    spool: { get isFull () { return room.isFull }, whenWritable: () => room.whenWritable(), stored: async () => true },
    clock,
    ledger,
    metrics,
    log,
    listener,
  })
  return { ledger, metrics, tick: inbound.tick, flush: inbound.flush, acceptor: inbound.acceptor(source) }
}

// Tested in test/cli/explain/numbers.test.ts
