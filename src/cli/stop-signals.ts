const stopping = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const

export interface StopSignals {
  /** Aborts at the first signal that ends the process; its reason is the signal's name. */
  readonly first: AbortSignal
  /** Aborts at the second. */
  readonly second: AbortSignal
}

/** Takes over, for as long as the process lives, every signal that would end it without a report. Called once. */
export function stopSignals (): StopSignals {
  const first = new AbortController()
  const second = new AbortController()
  const onSignal = (name: string) => {
    if (first.signal.aborted) second.abort(name)
    else first.abort(name)
  }
  for (const name of stopping) process.on(name, onSignal)
  return { first: first.signal, second: second.signal }
}

// Tested in test/e2e/signals.test.ts
