import { createKeyTable } from '../bytes/key-table.ts'
import type { Config } from '../config/settings.ts'
import { stream } from '../contracts/record.ts'
import type { OrdinaryFrames } from '../contracts/source.ts'
import { FastPath } from '../fast-path/fast-path.ts'
import { outputBytes as mostOutputBytes } from '../fast-path/layout.ts'
import { isAgentStart } from '../signals/health-checks.ts'
import type { Counter } from '../telemetry/ledger.ts'
import type { AskedValues } from './asked-values.ts'
import type { InboundOptions, LineBlocks } from './inbound-types.ts'
import type { LineSignals } from './line-signals.ts'
import type { Outlets } from './outlets.ts'
import type { Redaction } from './redaction.ts'
import { isByContainer } from './routes.ts'

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

/** For one source, whose records are counted by `received`. */
export type OrdinaryFramesOf = (received: Counter) => OrdinaryFrames

const nobodysAgents = new Uint8Array(256)
/** So many calls in a row may take nothing before some are let pass, and so many are at most. */
const patience = 4
const mostPassed = 8

/**
 * The lines that `process` of the inbound half would only count and append, taken by the fast path. Where the settings
 * ask for more of an ordinary access line than that, there are none.
 */
export function createOrdinaryFrames (options: OrdinaryFramesOptions): OrdinaryFramesOf | undefined {
  const { config, values, redaction, access, blocksOf, enrichment, countRows, onAccess, isWatched, metrics } = options
  if (blocksOf === undefined || asksForMore(config) || !FastPath.canAdd(enrichment)) return undefined
  if (redaction !== undefined && redaction.looks === undefined) return undefined
  const fast = new FastPath({
    keys: createKeyTable([config.access.statusKeys, config.access.requestKeys], values.slotByKey),
    secondsOfKey: values.secondsOfKey,
    redaction: redaction?.looks === undefined ? undefined : { watch: redaction.watch, looks: redaction.looks },
    agentStarts: config.healthChecks.filter ? isAgentStart : nobodysAgents,
    maxLineBytes: config.forward.maxLineBytes,
    enrichment,
  })
  let container = ''
  /** Where lines of the container go; undefined where they cannot go there in rows. */
  let blocks: LineBlocks | undefined
  /** What the segments of the route call the container. */
  let segmentName = ''
  let isFresh = false
  let missCount = 0
  let passedCount = 0
  const classified = metrics.counter('sluice_classified_total', 'access', 'access')

  /** After calls that took nothing some are let pass: where no line is ordinary, looking costs little. */
  function noteMiss (): 0 {
    if (++missCount > patience) passedCount = Math.min(missCount - patience, mostPassed)
    return 0
  }

  return received => ({
    get nextAt () { return fast.nextAt },
    get lineBytes () { return fast.lineBytes },
    get lastMs () { return fast.lastMs },
    hasTag: (bytes, start, end) => fast.hasTag(bytes, start, end),
    renew () { isFresh = false },

    take (bytes, at, end, isEntry) {
      if (passedCount > 0) {
        passedCount--
        return 0
      }
      if (blocks === undefined || isWatched()) return 0
      const times = blocks.timesOfLast(segmentName, mostOutputBytes)
      if (times === undefined) return noteMiss()
      if (!isFresh || !fast.holds(at, end)) fast.begin(bytes, at, end)
      isFresh = true
      fast.limitTimes(times.fromMs, times.toMs)
      const lineCount = fast.take(at, isEntry)
      if (lineCount === 0) return noteMiss()
      missCount = 0
      received.value += lineCount
      classified.value += lineCount
      onAccess(lineCount)
      countRows(container, fast, lineCount)
      blocks.appendToLast(segmentName, fast.output, fast.outputStart, fast.outputEnd, lineCount)
      return lineCount
    },

    follow (sender, record) {
      if (record.stream !== stream.stdout) return
      if (!fast.isOtherSender && fast.hasTag(sender.bytes, sender.tagStart, sender.tagEnd)) return
      const { route } = access.of(record.container)
      const isPlain = route.kind === 'objects' && access.copiesOf(record.container).outlets.length === 0
      if (!isPlain || !fast.follow(sender)) {
        fast.forget()
        blocks = undefined
        return
      }
      container = record.container
      segmentName = isByContainer(route) ? container : ''
      blocks = blocksOf(route)
    },
  })
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
