import type { LogRecord } from '../contracts/record.ts'

/** Errors without frames behind them until it is clear that Xdebug is not there, and containers that are known. */
const maxMissedCount = 8
const maxKnownCount = 64

/**
 * Remembers where Xdebug writes its frames behind the errors of PHP. Only there is an error that is whole held for
 * what may follow; of a container that is not known yet, the first few are.
 */
export interface XdebugMemory {
  mayFollow (of: Pick<LogRecord, 'container' | 'stream'>): boolean
  /** Frames followed an error. */
  seen (of: Pick<LogRecord, 'container' | 'stream'>): void
  /** Something else did. */
  missed (of: Pick<LogRecord, 'container' | 'stream'>): void
}

export function createXdebugMemory (): XdebugMemory {
  // Errors without frames since the last one with them.
  const missedCounts = new Map<string, number>()
  // Nearly always the errors of one container are asked about, and then no key is made.
  let lastContainer = ''
  let lastStream = -1
  let lastCount = 0

  function countOf ({ container, stream }: Pick<LogRecord, 'container' | 'stream'>): number {
    if (container !== lastContainer || stream !== lastStream) {
      lastContainer = container
      lastStream = stream
      lastCount = missedCounts.get(`${container}\0${stream}`) ?? 0
    }
    return lastCount
  }

  function keep ({ container, stream }: Pick<LogRecord, 'container' | 'stream'>, count: number): void {
    const key = `${container}\0${stream}`
    if (missedCounts.size >= maxKnownCount && !missedCounts.has(key)) missedCounts.clear()
    missedCounts.set(key, count)
    lastStream = -1
  }

  return {
    mayFollow: of => countOf(of) < maxMissedCount,
    seen: of => keep(of, -Infinity),
    missed: of => keep(of, countOf(of) + 1),
  }
}
