import { SluiceError } from '../../../contracts/errors.ts'

/** What AWS said to one permission, or to several that one request needs. */
export interface ProbeResult {
  /** `unknown`: it could not be asked, and nothing that the service does depends on it. */
  readonly outcome: 'ok' | 'refused' | 'unknown'
  /** The permissions, or the sentence that the health page would say. */
  readonly words: string
  /** Why it was refused, in a word. */
  readonly reason?: string | undefined
}

/** Longest wait for all that is asked of one destination, ms. */
export const probeMs = 10_000

/** Makes one request, and says how it ended. Never rejects. */
export async function resultOf (
  ask: () => Promise<void>, permission: string, signal: AbortSignal, service: string
): Promise<ProbeResult> {
  try {
    await ask()
    return { outcome: 'ok', words: permission }
  } catch (error) {
    const reason = error instanceof SluiceError ? error.reason : undefined
    return { outcome: 'refused', words: wordsOf(error, signal, service), reason }
  }
}

/** What failed, where the `signal` of `probeMs` may be why. */
export function wordsOf (error: unknown, signal: AbortSignal, service: string): string {
  if (signal.aborted) {
    return `no answer from ${service} within ${probeMs / 1000} s: check the security group, and the route to the internet ` +
      'or to a VPC endpoint'
  }
  return error instanceof Error ? error.message : String(error)
}

// Tested in test/e2e/probe.test.ts
