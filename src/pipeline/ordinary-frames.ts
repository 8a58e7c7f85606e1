import { createKeyTable } from '../bytes/key-table.ts'
import type { Config } from '../config/settings.ts'
import { stream, type LogRecord } from '../contracts/record.ts'
import type { FrameSender, OrdinaryConnection, OrdinaryFrames } from '../contracts/source.ts'
import { FastPath } from '../fast-path/fast-path.ts'
import { outputBytes as mostOutputBytes } from '../fast-path/layout.ts'
import { Sender } from '../fast-path/sender.ts'
import { isAgentStart } from '../signals/health-checks.ts'
import type { Counter } from '../telemetry/ledger.ts'
import type { AskedValues } from './asked-values.ts'
import type { InboundOptions, LineBlocks } from './inbound-types.ts'
import type { LineSignals } from './line-signals.ts'
import type { Outlets } from './outlets.ts'
import type { Redaction } from './redaction.ts'
import { isByContainer, type Route } from './routes.ts'

export interface OrdinaryFramesOptions extends InboundOptions {
  readonly values: AskedValues
  readonly redaction: Redaction | undefined
  /** Where access lines go that are JSON. */
  readonly access: Outlets
  readonly countRows: LineSignals['countRows']
  /** Called with the number of lines that were taken, each an access line. */
  readonly onAccess: (lineCount: number) => void
  /** Somebody is told of each record, so each goes its own way. */
  readonly isWatched: () => boolean
}

const nobodysAgents = new Uint8Array(256)

/**
 * The lines that `process` of the inbound half would only count and append, taken by the fast path. Where the settings
 * ask for more of an ordinary access line than that, there are none.
 *
 * @returns for a source, whose records are counted by `received`
 */
export function createOrdinaryFrames (
  options: OrdinaryFramesOptions
): ((received: Counter) => OrdinaryFrames) | undefined {
  const { config, values, redaction, enrichment, blocksOf, log } = options
  if (blocksOf === undefined || asksForMore(config) || !FastPath.canAdd(enrichment)) return undefined
  if (redaction !== undefined && redaction.looks === undefined) return undefined
  try {
    const fast = new FastPath({
      keys: createKeyTable([config.access.statusKeys, config.access.requestKeys], values.slotByKey),
      secondsOfKey: values.secondsOfKey,
      redaction: redaction?.looks === undefined ? undefined : { watch: redaction.watch, looks: redaction.looks },
      agentStarts: config.healthChecks.filter ? isAgentStart : nobodysAgents,
      maxLineBytes: config.forward.maxLineBytes,
      enrichment,
    })
    const shared = { ...options, blocksOf, fast }
    return received => ({ connection: () => new Connection(shared, received) })
  } catch (error) {
    // No memory, or more keys than it has room for: everything goes on without it.
    log.warn({ error }, 'ordinary access lines are taken one by one, which costs more CPU: no fast path can be made')
    return undefined
  }
}

/** So many calls in a row may take nothing before some are let pass, and so many are at most. */
const patience = 4
const mostPassed = 8

interface Shared extends OrdinaryFramesOptions {
  readonly blocksOf: (route: Route) => LineBlocks
  readonly fast: FastPath
}

class Connection implements OrdinaryConnection {
  readonly #shared: Shared
  readonly #received: Counter
  readonly #classified: Counter
  readonly #sender = new Sender()
  #container = ''
  /** Where lines of the container go; undefined where they cannot go there in rows. */
  #blocks: LineBlocks | undefined
  /** What the segments of the route call the container. */
  #segmentName = ''
  /** Of which the fast path has a copy that is as it is. */
  #copied: Buffer | undefined
  #missCount = 0
  #passedCount = 0

  constructor (shared: Shared, received: Counter) {
    this.#shared = shared
    this.#received = received
    this.#classified = shared.metrics.counter('sluice_classified_total', 'access', 'access')
  }

  get nextAt (): number { return this.#shared.fast.nextAt }
  get lineBytes (): number { return this.#shared.fast.lineBytes }
  get lastMs (): number { return this.#shared.fast.lastMs }
  renew (): void { this.#copied = undefined }

  takeFrames (bytes: Buffer, at: number, end: number): number {
    return this.#take(bytes, at, end, false)
  }

  takeEntries ({ bytes: head, tagStart, tagEnd }: FrameSender, bytes: Buffer, at: number, end: number): number {
    return this.#sender.hasTag(head, tagStart, tagEnd) ? this.#take(bytes, at, end, true) : 0
  }

  #take (bytes: Buffer, at: number, end: number, isEntry: boolean): number {
    const { fast, isWatched, onAccess, countRows } = this.#shared
    const blocks = this.#blocks
    if (this.#passedCount > 0) {
      this.#passedCount--
      return 0
    }
    if (blocks === undefined || isWatched()) return 0
    const times = blocks.timesOfLast(this.#segmentName, mostOutputBytes)
    if (times === undefined) return this.#noteMiss()
    if (bytes !== this.#copied || !fast.holds(at, end)) fast.begin(bytes, at, end)
    this.#copied = bytes
    fast.follow(this.#sender)
    fast.limitTimes(times.fromMs, times.toMs)
    const lineCount = fast.take(at, isEntry)
    if (lineCount === 0) return this.#noteMiss()
    this.#missCount = 0
    this.#received.value += lineCount
    this.#classified.value += lineCount
    onAccess(lineCount)
    countRows(this.#container, fast.requests, lineCount)
    blocks.appendToLast(this.#segmentName, fast.output, fast.outputStart, fast.outputEnd, lineCount)
    return lineCount
  }

  follow (frame: FrameSender, record: LogRecord): void {
    if (record.stream !== stream.stdout || this.#sender.isOf(frame)) return
    const { access, blocksOf } = this.#shared
    this.#blocks = undefined
    const { route } = access.of(record.container)
    const isPlain = route.kind === 'objects' && access.copiesOf(record.container).outlets.length === 0
    if (!this.#sender.set(frame) || !isPlain) return
    this.#container = record.container
    this.#segmentName = isByContainer(route) ? record.container : ''
    this.#blocks = blocksOf(route)
    this.#shared.fast.forget(this.#sender)
  }

  /** After calls that took nothing some are let pass: where no line is ordinary, looking costs little. */
  #noteMiss (): 0 {
    if (++this.#missCount > patience) this.#passedCount = Math.min(this.#missCount - patience, mostPassed)
    return 0
  }
}

/** Whether the settings ask for something of ordinary access lines, or limit frames below what ordinary ones have. */
function asksForMore ({ rules, filter, containers, access, forward }: Config): boolean {
  const hasPatterns = [filter, ...Object.values(containers)]
    .some(({ include = [], exclude = [] }) => include.length > 0 || exclude.length > 0)
  const isJson = access.format === 'auto' || access.format === 'json'
  const { maxFrameBytes, maxItems, maxNesting } = forward
  const hasNarrowLimits = maxFrameBytes < mostFrameBytes || maxItems < mostPairs || maxNesting < 2
  return rules.length > 0 || hasPatterns || !isJson || hasNarrowLimits
}

/** Of an ordinary frame. */
const mostFrameBytes = 65_536
const mostPairs = 15

// Tested in test/pipeline/ordinary-frames.test.ts
