/** What limits all routes of a spool together. */
export interface SpaceLimits {
  /** `spool.maxBytes`; infinite when it is off. */
  readonly maxBytes: number
  /** Of the disk; undefined when that is not known. */
  readonly freeBytes?: number
  /** What the spool holds already, so that filling up does not shrink its quotas further. */
  readonly usedBytes?: number
}

/** What no route goes below for the size of another: the least that a setting may be, or a part of an equal share. */
const leastQuotaBytes = 1024 * 1024
const leastShare = 1 / 4

/**
 * What each route may hold: its setting, or less where the settings add up to more than `maxBytes`, or than half of
 * what the spool could use of the disk. All are scaled down alike: none gives way to another.
 */
export function quotasOf (settingsBytes: readonly number[], limits: SpaceLimits): number[] {
  const { maxBytes, freeBytes = Infinity, usedBytes = 0 } = limits
  const wantedBytes = sumOf(settingsBytes)
  const allowedBytes = Math.min(maxBytes, Math.max(0, (freeBytes + usedBytes) / 2))
  if (wantedBytes <= allowedBytes) return [...settingsBytes]
  const leastBytes = Math.min(leastQuotaBytes, Math.floor(allowedBytes / settingsBytes.length * leastShare))
  const leastOf = (bytes: number) => Math.min(bytes, leastBytes)
  let share = 0
  let [sharedBytes, sharersBytes] = [allowedBytes, wantedBytes]
  for (const bytes of settingsBytes.toSorted((a, b) => a - b)) {
    share = sharedBytes / sharersBytes
    if (bytes * share >= leastBytes) break
    sharedBytes -= leastOf(bytes)
    sharersBytes -= bytes
  }
  return settingsBytes.map(bytes => Math.max(Math.floor(bytes * share), leastOf(bytes)))
}

export function sumOf (numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
