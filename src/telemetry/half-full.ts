import type { Logger } from 'pino'
import { duration } from './words.ts'

/** A route's part of the disk. */
export interface Filling {
  readonly name: string
  readonly bytes: number
  /** What it may hold now. */
  readonly quotaBytes: number
  /** What its settings allow: more than `quotaBytes` where the disk has less room than that. */
  readonly settingBytes?: number
}

interface Sample { readonly atMs: number, readonly bytes: number }

/** Over how long the pace is measured, and how far apart its samples are, ms. */
const paceMs = 60_000
const sampleMs = 5_000
/** Shares of the quota: told at the first, and again only after it was below the second. */
const halfShare = 0.5
const relaxedShare = 0.4

const whenFull = 'when it is full, the oldest lines are dropped'

/**
 * Tells, once each time, that half of a route's quota is used, and when all of it will be at the pace of a minute. Of a
 * route that drops records by now, which is told elsewhere, it says nothing: it would be no warning any more.
 *
 * @returns its look; `isDropping` says of a route whether records are being dropped for its quota: told already
 */
export function createHalfFull (routes: readonly Filling[], log: Pick<Logger, 'warn'>) {
  /** Of the last minute and one before, the oldest first, by route. */
  const samplesOf = new Map(routes.map(({ name }): [string, Sample[]] => [name, []]))
  const told = new Set<string>()
  return (nowMs: number, isDropping: (route: string) => boolean): void => {
    for (const route of routes) {
      const { name, bytes, quotaBytes, settingBytes = quotaBytes } = route
      const oldest = sampled(samplesOf.get(name) ?? [], bytes, nowMs)
      if (bytes < quotaBytes * relaxedShare) told.delete(name)
      if (bytes === 0 || bytes < quotaBytes * halfShare || told.has(name)) continue
      told.add(name)
      if (isDropping(name)) continue
      const words = { route: name, bytes, quotaBytes, ...fullIn(route, oldest, nowMs) }
      if (settingBytes <= quotaBytes) log.warn(words, 'half of a quota is used')
      else log.warn({ ...words, settingBytes }, 'the disk of dataDir is low: half of what it leaves a route is used')
    }
  }
}

/** @returns the sample of a minute ago, or the first one */
function sampled (samples: Sample[], bytes: number, nowMs: number): Sample {
  const last = samples.at(-1)
  if (last === undefined || nowMs - last.atMs >= sampleMs) samples.push({ atMs: nowMs, bytes })
  while (samples[1] !== undefined && nowMs - samples[1].atMs >= paceMs) samples.shift()
  return samples[0] ?? { atMs: nowMs, bytes }
}

interface FullIn { readonly fullInMs?: number, readonly outlook: string }

/** As a number and in words; no number where there is no pace yet, or it does not grow. */
function fullIn ({ bytes, quotaBytes }: Filling, oldest: Sample, nowMs: number): FullIn {
  const passedMs = nowMs - oldest.atMs
  const addedBytes = bytes - oldest.bytes
  if (passedMs === 0) return { outlook: `how fast it fills is not known yet; ${whenFull}` }
  if (addedBytes <= 0) return { outlook: `it does not grow now; ${whenFull}` }
  const fullInMs = Math.round(Math.max(0, quotaBytes - bytes) * passedMs / addedBytes)
  const pace = `at the pace of the last ${duration(passedMs)}`
  return { fullInMs, outlook: `full in ${duration(fullInMs)} ${pace}; ${whenFull}` }
}
