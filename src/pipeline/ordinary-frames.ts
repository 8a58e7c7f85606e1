import { createKeyTable } from '../bytes/key-table.ts'
import type { Config } from '../config/settings.ts'
import { stream, type LogRecord } from '../contracts/record.ts'
import { mostOrdinaryLines, type FrameSender, type OrdinaryConnection, type OrdinaryFrames } from '../contracts/source.ts'
import { FastPath } from '../fast-path/fast-path.ts'
import { atUnknown, inputBytes, outputBytes as mostOutputBytes } from '../fast-path/layout.ts'
import { levelKeys } from '../formats/json-log.ts'
import { isAgentStart } from '../signals/health-checks.ts'
import type { Counter } from '../telemetry/ledger.ts'
import type { AskedValues } from './asked-values.ts'
import { Stretches, noStretch, nowhere, type Stretch } from './stretches.ts'
import type { InboundOptions } from './inbound-types.ts'
import type { LineSignals } from './line-signals.ts'
import type { Outlets } from './outlets.ts'
import type { Redaction } from './redaction.ts'

export interface OrdinaryFramesOptions extends InboundOptions {
  readonly values: AskedValues
  readonly redaction: Redaction | undefined
  /** Where access lines go that are JSON. */
  readonly access: Outlets
  readonly rowCounts: LineSignals['rowCounts']
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
      // One with a level has a group too many: whether it is an error is asked elsewhere.
      keys: createKeyTable([config.access.statusKeys, config.access.requestKeys, levelKeys], values.slotByKey),
      secondsOfKey: values.secondsOfKey,
      redaction: redaction?.looks === undefined ? undefined : { watch: redaction.watch, looks: redaction.looks },
      agentStarts: config.healthChecks.filter ? isAgentStart : nobodysAgents,
      maxLineBytes: config.forward.maxLineBytes,
      enrichment,
    })
    const stretches = new Stretches({ ...options, senders: fast.senders, blocksOf })
    const shared = { ...options, fast, stretches }
    return received => ({ connection: () => new Connection(shared, received) })
  } catch (error) {
    // No memory, or more keys than it has room for: everything goes on without it.
    log.warn({ error }, 'ordinary access lines are taken one by one, which costs more CPU: no fast path can be made')
    return undefined
  }
}

interface Shared extends OrdinaryFramesOptions {
  readonly fast: FastPath
  readonly stretches: Stretches
}

/** So many calls in a row may take nothing before some are let pass, and so many are at most. */
const patience = 4
const mostPassed = 8

class Connection implements OrdinaryConnection {
  readonly #shared: Shared
  readonly #received: Counter
  readonly #classified: Counter
  /** Where the lines go that came last. */
  #stretch: Stretch | undefined
  #lineBytes = 0
  /** The frame at which the last call ended is of a sender that is not known. */
  #isUnknown = false
  /** Container of the last one of these. */
  #lastUnknown: string | undefined
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
  get lineBytes (): number { return this.#lineBytes }
  get lastMs (): number { return this.#shared.fast.lastMs }
  renew (): void { this.#copied = undefined }

  takeFrames (bytes: Buffer, at: number, end: number): number {
    return this.#take(bytes, at, end, false)
  }

  takeEntries ({ bytes: head, tagStart, tagEnd }: FrameSender, bytes: Buffer, at: number, end: number): number {
    return this.#shared.fast.setTag(head, tagStart, tagEnd) ? this.#take(bytes, at, end, true) : 0
  }

  #take (bytes: Buffer, at: number, end: number, isEntry: boolean): number {
    const { fast, stretches, isWatched, onAccess } = this.#shared
    this.#isUnknown = false
    if (this.#passedCount > 0) {
      this.#passedCount--
      return 0
    }
    if (isWatched()) return 0
    let lineCount = 0
    this.#lineBytes = 0
    // Where each line goes elsewhere than the one before, its input is copied again and again: others have their turns.
    for (let from = at; lineCount < mostOrdinaryLines && from - at < inputBytes; from = fast.nextAt) {
      if (bytes !== this.#copied || !fast.holds(from, end)) fast.begin(bytes, from, end)
      this.#copied = bytes
      const takenCount = this.#takeSome(from, isEntry, mostOrdinaryLines - lineCount)
      lineCount += takenCount
      const { stopped } = fast
      this.#isUnknown = stopped === atUnknown
      if (stopped < 0) break
      const next = stretches.ofSender(stopped)
      // Nothing of its sender is to be taken, or it has no room now.
      if (next.blocks === undefined || (next === this.#stretch && takenCount === 0)) break
      this.#stretch = next
    }
    if (lineCount === 0) return this.#noteMiss()
    this.#missCount = 0
    this.#received.value += lineCount
    this.#classified.value += lineCount
    onAccess(lineCount)
    return lineCount
  }

  /** Those that go where the last ones went, as far as there is room for as many as may come. */
  #takeSome (at: number, isEntry: boolean, mostLines: number): number {
    const { fast } = this.#shared
    const { number, segmentName, blocks } = this.#stretch ?? nowhere
    const times = blocks?.timesOfLast(segmentName, mostOutputBytes)
    if (times === undefined || blocks === undefined) return fast.take(at, isEntry, noStretch, mostLines)
    fast.limitTimes(times.fromMs, times.toMs)
    const lineCount = fast.take(at, isEntry, number, mostLines)
    if (lineCount === 0) return 0
    this.#lineBytes += fast.lineBytes
    this.#countRows(lineCount)
    blocks.appendToLast(segmentName, fast.output, fast.outputStart, fast.outputEnd, lineCount)
    return lineCount
  }

  #countRows (count: number): void {
    const { fast: { requests }, stretches, rowCounts } = this.#shared
    for (let from = 0; from < count;) {
      const sender = requests.senderOf(from)
      let to = from + 1
      while (to < count && requests.senderOf(to) === sender) to++
      rowCounts.countRows(stretches.requestsOf(sender), requests, from, to)
      from = to
    }
  }

  follow (frame: FrameSender, record: LogRecord): void {
    if (!this.#isUnknown || record.stream !== stream.stdout) return
    this.#isUnknown = false
    const { container } = record
    const isKnown = this.#shared.stretches.learn(frame, container, container === this.#lastUnknown)
    this.#lastUnknown = container
    // Looking at those that follow would be in vain.
    if (!isKnown) this.#passedCount = mostPassed
  }

  /**
   * After calls that took nothing some are let pass: where no line is ordinary, looking costs little. Those of senders
   * who come to be known by it are not counted.
   */
  #noteMiss (): 0 {
    if (this.#isUnknown && !this.#shared.fast.senders.isFull) return 0
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
