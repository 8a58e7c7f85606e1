/**
 * What a part of the requests took at most, as Prometheus estimates it: evenly spread within a bucket.
 *
 * @param {readonly number[]} bounds in seconds
 * @param {readonly number[]} counts not above each bound, then all
 * @param {number} part
 */
export function quantile (bounds, counts, part) {
  const total = counts.at(-1) ?? 0
  if (total === 0) return undefined
  const at = counts.findIndex(count => count >= total * part)
  const [low, high] = [bounds[at - 1] ?? 0, bounds[at]]
  if (high === undefined) return Infinity
  const before = counts[at - 1] ?? 0
  return low + (high - low) * (total * part - before) / Math.max(1, (counts[at] ?? 0) - before)
}
