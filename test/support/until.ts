import { setTimeout as delay } from 'node:timers/promises'

/** Only what is broken takes so long, on however busy a machine. */
const patienceMs = 300_000
const pauseMs = 20

/** Asks until the answer is as expected and resolves with it; rejects after five minutes, saying what it was. */
export async function until<Value> (
  promise: string, ask: () => Value | Promise<Value>, isExpected: (value: Value) => boolean
): Promise<Value> {
  const endMs = performance.now() + patienceMs
  for (;;) {
    const value = await ask()
    if (isExpected(value)) return value
    if (performance.now() > endMs) throw new Error(`expected that ${promise}, found ${JSON.stringify(value)}`)
    await delay(pauseMs)
  }
}
