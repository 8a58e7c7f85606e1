import { every } from '../contracts/clock.ts'
import { diskProblem, hangCode } from '../contracts/disk-errors.ts'
import type { WatchedFacts } from '../http/condition.ts'
import { createCutLinesTeller } from '../telemetry/cut-lines.ts'
import { EmbeddedMetrics } from '../telemetry/emf.ts'
import { createHalfFull } from '../telemetry/half-full.ts'
import type { RouteSpool } from '../spool/spool.ts'
import { createHeartbeat } from '../telemetry/heartbeat.ts'
import type { Instruments } from '../telemetry/instruments.ts'
import { Losses } from '../telemetry/losses.ts'
import { OpenFiles, ownFiles, type FileCounts } from '../telemetry/open-files.ts'
import { createStandstill } from '../telemetry/standstill.ts'
import { taskDiskMessage, type TaskDisk } from './task-disk.ts'

export interface WatchOptions extends Instruments {
  readonly routes: readonly WatchedRoute[]
  /** As in the spool: a full quota is no loss. */
  readonly waitsForRoom: boolean
  /** Told at the start and every hour. */
  readonly taskDisk: TaskDisk | undefined
  readonly heartbeatMs: number | 'off'
  readonly signals: { look (nowMs: number): void }
  /** What curves of the page begin with; undefined: there is no page. */
  readonly history: { look (nowMs: number): void } | undefined
  /** What CloudWatch's metrics are made of; undefined: none are written. */
  readonly emf: { readonly family: string } | undefined
  /** Those of the process unless given. */
  readonly files?: FileCounts
}

/** What it looks at of a route's spool. */
export type WatchedRoute = Pick<RouteSpool,
  'name' | 'bytes' | 'quotaBytes' | 'settingBytes' | 'problem' | 'pendingRecords' | 'oldestPendingMs'>

export interface Watch {
  /** Called once. */
  start (): void
  /** Looks a last time. Called once, when every record is counted. */
  stop (): void
  /** For the health page. */
  readonly watched: WatchedFacts
}

/** How often it looks, ms. */
const lookMs = 1_000
const hourMs = 3_600_000

/** Looks once a second at what is counted, and tells in the log what nobody would see in time otherwise. */
export function createWatch (options: WatchOptions): Watch {
  const { clock, ledger, metrics, routes, waitsForRoom, taskDisk, heartbeatMs, emf, signals, history, log } = options
  const losses = new Losses(ledger, new Map(routes.map(({ name }) => [name, metrics.counter('sluice_dead_letters_lost_total', name)])), log)
  const lookAtQuotas = createHalfFull(waitsForRoom ? [] : routes, log)
  const lookAtCutLines = createCutLinesTeller(metrics, log)
  const lookAtStandstill = createStandstill(clock.monotonicMs(), log)
  const openFiles = new OpenFiles(options.files ?? ownFiles(), log)
  const beat = heartbeatMs === 'off'
    ? undefined
    : createHeartbeat({ ledger, routes, intervalMs: heartbeatMs, startedMs: clock.monotonicMs(), log })
  const embedded = emf === undefined
    ? undefined
    : new EmbeddedMetrics({
      ...emf, metrics, ledger, routes, wallMs: () => clock.wallMs(), startedMs: clock.monotonicMs(), log,
    })
  const blockedSinceMs = new Map<string, number>()
  let unbalancedSinceMs: number | undefined
  let hangingSinceMs: number | undefined
  let tellTaskDiskMs = clock.monotonicMs()
  let stopLooking = () => {}

  function look (): void {
    const nowMs = clock.monotonicMs()
    lookAtStandstill(nowMs)
    losses.look(nowMs)
    const { current } = losses
    lookAtQuotas(nowMs, name => current.some(({ term, route }) => term === 'dropped' && route === name))
    lookAtCutLines(nowMs)
    openFiles.look(nowMs)
    for (const { name, problem } of routes) {
      if (problem === undefined) blockedSinceMs.delete(name)
      else if (!blockedSinceMs.has(name)) blockedSinceMs.set(name, nowMs)
    }
    lookAtHang(nowMs)
    lookAtBalance(nowMs)
    tellTaskDisk(nowMs)
    beat?.(nowMs)
    signals.look(nowMs)
    history?.look(nowMs)
    embedded?.look(nowMs)
  }

  function tellTaskDisk (nowMs: number): void {
    if (taskDisk === undefined || nowMs < tellTaskDiskMs) return
    tellTaskDiskMs = nowMs + hourMs
    log.warn({ routes: taskDisk.routes, advice: taskDisk.advice }, taskDiskMessage)
  }

  /** A refusal of the disk is told where it comes; one that does not answer comes nowhere. */
  function lookAtHang (nowMs: number): void {
    const isHanging = routes.some(({ problem }) => problem === hangCode)
    if (isHanging && hangingSinceMs === undefined) {
      hangingSinceMs = nowMs
      log.warn({ code: hangCode, advice: diskProblem(hangCode, 'dataDir') }, 'the disk does not answer')
    } else if (!isHanging && hangingSinceMs !== undefined) {
      log.info({ lastedMs: Math.round(nowMs - hangingSinceMs) }, 'the disk answers again')
      hangingSinceMs = undefined
    }
  }

  function lookAtBalance (nowMs: number): void {
    if (ledger.isBalanced) {
      unbalancedSinceMs = undefined
    } else if (unbalancedSinceMs === undefined) {
      unbalancedSinceMs = nowMs
      log.error('the ledger does not balance: this is a bug, please report it')
    }
  }

  return {
    start: () => {
      tellTaskDisk(clock.monotonicMs())
      history?.look(clock.monotonicMs())
      stopLooking = every(clock, lookMs, look)
    },
    stop: () => {
      stopLooking()
      losses.finish(clock.monotonicMs())
      lookAtCutLines(clock.monotonicMs())
      lookAtStandstill(clock.monotonicMs(), true)
      signals.look(clock.monotonicMs())
      embedded?.write(clock.monotonicMs())
    },
    get watched () {
      return { losses: losses.current, blockedSinceMs, unbalancedSinceMs, fileShortage: openFiles.shortage }
    },
  }
}
