/** Longer words are not compared, since the time grows with the product of both lengths. */
const maxLength = 64

/**
 * The candidate that was probably meant by `word`: the nearest one, if it is only a few typing errors away. If several
 * are as near, it is the one with the longest common beginning.
 */
export function suggest (word: string, candidates: Iterable<string>): string | undefined {
  const plain = simplified(word)
  if (plain.length === 0 || plain.length > maxLength) return undefined
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(plain.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(plain, simplified(candidate))
    const isNearer = distance < bestDistance || (distance === bestDistance && best !== undefined &&
      sameStart(plain, simplified(candidate)) > sameStart(plain, simplified(best)))
    if (isNearer) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** As `suggest`, among the words of one list: also the shortest that begins or ends as `word` does, `gzip` for `gz`. */
export function suggestWord (word: string, words: readonly string[]): string | undefined {
  const plain = simplified(word)
  const isPart = (whole: string, part: string) => part.length > 1 && (whole.startsWith(part) || whole.endsWith(part))
  const alike = words.filter(each => isPart(simplified(each), plain) || isPart(plain, simplified(each)))
  return suggest(word, words) ?? alike.toSorted((a, b) => a.length - b.length)[0]
}

/** `; did you mean …?`, for the end of a message; empty where nobody knows what was meant. */
export function meantWords (meant: string | undefined): string {
  return meant === undefined ? '' : `; did you mean ${meant}?`
}

function sameStart (a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

/** Without what is a matter of habit and no typing error: upper case, `_` and `-`, characters of full width. */
export function simplified (word: string): string {
  return word.normalize('NFKC').toLowerCase().replace(/[_\s-]/g, '')
}

/** Fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
export function editDistance (a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwap) best = Math.min(best, at(beforeLast, j - 2) + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at (row: readonly number[], index: number): number {
  return row[index] ?? 0
}
