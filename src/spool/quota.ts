/**
 * What each route may hold now: its setting, or less, so that all together hold at most half of what they could use of
 * the disk (`freeBytes` and the `usedBytes` they already hold, so that filling up does not shrink the quota further).
 * All are scaled down alike: none gives way to another.
 */
export function effectiveQuotas (settingsBytes: readonly number[], freeBytes: number, usedBytes: number): number[] {
  const wanted = settingsBytes.reduce((sum, bytes) => sum + bytes, 0)
  const allowed = Math.max(0, (freeBytes + usedBytes) / 2)
  if (wanted <= allowed) return [...settingsBytes]
  return settingsBytes.map(bytes => Math.floor(bytes * (allowed / wanted)))
}
