const windowMs = 60_000

/**
 * So many of something in a minute: whoever can reach a log socket must not be able to fill our own log. Of those that
 * are alike one is allowed, so that many of them do not hide another.
 *
 * @returns what asks for one more; `what` is the same for those that are alike. It gives undefined where that is
 *   refused; else what is to be said besides
 */
export function createRateLimiter (maxCount: number) {
  let startMs = Number.NEGATIVE_INFINITY
  /** Those of the window that were allowed. */
  const allowed = new Set<string>()
  return (nowMs: number, what: string): { readonly muted: string } | undefined => {
    if (Math.abs(nowMs - startMs) >= windowMs) {
      startMs = nowMs
      allowed.clear()
    }
    if (allowed.size >= maxCount || allowed.has(what)) return undefined
    allowed.add(what)
    return { muted: `${allowed.size === maxCount ? 'all others' : 'more of these'} within a minute are only counted` }
  }
}

export type RateLimiter = ReturnType<typeof createRateLimiter>
